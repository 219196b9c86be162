import { UserError } from '../recipe/errors';
import { Watchdog } from './client-watchdog';
import type { FromReader, Readable } from './protocol-reading';

/** Milliseconds without a sign of progress after which reading is ended. */
const PATIENCE_MS = 10_000;

/** Whoever wants to know how reading goes. */
export interface ReadingEars {
  /** @param what a plain phrase, share from 0 to 1 */
  progress?(what: string, share: number): void;
}

/** A file being read in a worker of its own. */
export interface ReadingRun<T> {
  /** Ends the worker at once; `done` is then rejected with the code E_UPLOAD_CANCELLED. */
  cancel(): void;
  readonly done: Promise<T>;
}

/** What a worker says to whoever started it. */
export interface ReaderWire {
  heard(message: FromReader): void;
  /** The worker is gone. */
  lost(why: Error): void;
}

/**
 * Watches over a worker that reads a stranger's files: ends it when it is done, when somebody cancels, or when it has
 * shown no progress for ten seconds.
 *
 * @param start starts the worker and returns what ends it
 */
export function supervise<K extends keyof Readable>(
  start: (wire: ReaderWire) => () => void,
  ears: ReadingEars,
  patience = PATIENCE_MS,
): ReadingRun<Readable[K]> {
  let cancel = () => undefined as void;
  const done = new Promise<Readable[K]>((resolve, reject) => {
    let ended = false;
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      watchdog.stop();
      stop();
      settle();
    };
    const watchdog = new Watchdog(
      () => patience,
      () => end(() => reject(stalled(patience))),
    );
    const stop = start({
      heard(message) {
        watchdog.heard();
        if (ended) return;
        if (message.type === 'progress') ears.progress?.(message.what, message.share);
        else if (message.type === 'done') end(() => resolve(message.read as Readable[K]));
        else end(() => reject(errorOf(message.fault)));
      },
      lost: (why) => end(() => reject(why)),
    });
    cancel = () => end(() => reject(cancelled()));
  });
  return { cancel: () => cancel(), done };
}

function errorOf({ code, message, hint, detail }: (FromReader & { type: 'failed' })['fault']) {
  return new UserError(code, message, hint, { cause: detail });
}

function stalled(patience: number): UserError {
  return new UserError(
    'E_UPLOAD_STALLED',
    `Reading was ended, as nothing had moved for ${Math.round(patience / 1000)} seconds.`,
    'The file may have been made to keep a computer busy. If it is your own, export it anew and try again.',
  );
}

function cancelled(): UserError {
  return new UserError('E_UPLOAD_CANCELLED', 'Reading was cancelled.', '');
}
