import type { WorkerEars, WorkerLink } from '../worker/client';
import { Watchdog } from '../worker/client-watchdog';
import type { Fault } from '../recipe/errors';
import type { FromWorker, ToWorker } from '../worker/protocol';

interface Ends {
  connect(ears: WorkerEars): WorkerLink;
  /** How long the worker may be silent now, in milliseconds; null where nothing is awaited of it. */
  patience(): number | null;
  heard(message: FromWorker): void;
  /** The worker is gone, or was ended because its device is, and why; a new one is to be had by `open`. */
  lost(why: Fault): void;
}

/** The wire to the training worker, watched: whoever does not answer any more is ended and given up. */
export class Wire {
  private readonly ends: Ends;
  private link: WorkerLink | null = null;
  private watchdog: Watchdog | null = null;
  /** Counts workers that came and went. */
  private worker = 0;

  constructor(ends: Ends) {
    this.ends = ends;
  }

  /** A new worker, in the place of one that may be there. */
  open(): void {
    this.close();
    this.watchdog = new Watchdog(
      () => this.ends.patience(),
      () => this.lose(workerLost('It has not answered for a while.')),
    );
    // What a worker said that was ended meanwhile is not heard any more.
    const now = (this.worker += 1);
    const ours = (act: () => void) => {
      if (this.worker === now) act();
    };
    this.link = this.ends.connect({
      heard: (message) =>
        ours(() => {
          this.watchdog?.heard();
          if (message.type === 'broken') this.lose(message.fault);
          else this.ends.heard(message);
        }),
      lost: (detail) => ours(() => this.lose(workerLost(`It stopped: ${detail}.`))),
    });
  }

  post(message: ToWorker): void {
    this.link?.post(message);
  }

  private lose(why: Fault): void {
    this.close();
    this.ends.lost(why);
  }

  private close(): void {
    this.watchdog?.stop();
    this.link?.end();
    this.link = null;
    this.worker += 1;
  }
}

function workerLost(why: string): Fault {
  return { code: 'E_WORKER_LOST', message: 'The training worker is gone.', hint: why, detail: '' };
}
