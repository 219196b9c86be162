import { Worker } from 'node:worker_threads';
import { threadNamed } from '../threads';
import type { Outcome } from './fuzz';

/** One file may keep a thread busy no longer than this. */
export const PATIENCE_MS = 5000;
/** Heap of a thread for objects. */
export const HEAP_MB = 512;
const TICK_MS = 250;

/** What a thread has to do: the files from `from` in steps to before `end`. */
export interface FuzzShare {
  readonly seed: number;
  readonly from: number;
  readonly step: number;
  readonly end: number;
  /** Files that ended a thread. */
  readonly skip: readonly number[];
  /** One Int32: the file at hand. */
  readonly now: SharedArrayBuffer;
}

export interface FuzzWord {
  outcomes: (Outcome & { readonly index: number })[];
}

/**
 * Lets threads read the mutated files 0 to `files`, and calls `heard` for each. A file that ends its thread or keeps it busy
 * for five seconds has failed, and the thread is started anew behind it.
 */
export async function fuzzAll(
  { seed, files, threads }: { seed: number; files: number; threads: number },
  heard: (outcome: FuzzWord['outcomes'][number]) => void,
  stopped: () => boolean,
): Promise<void> {
  await Promise.all(Array.from({ length: threads }, (_, first) => runShare(first, [])));

  async function runShare(first: number, skip: readonly number[]): Promise<void> {
    if (first >= files || stopped()) return;
    const now = new SharedArrayBuffer(4);
    let next = first;
    const share: FuzzShare = { seed, from: first, step: threads, end: files, skip, now };
    const why = await runThread(share, (outcome) => {
      next = outcome.index + threads;
      heard(outcome);
    });
    if (why === null) return;
    const index = new Int32Array(now)[0] ?? next;
    heard({ index, form: '', what: 'failed', why, ms: PATIENCE_MS });
    await runShare(next, [...skip, index]);
  }

  /** @returns why the thread ended too early, or null */
  function runThread(
    share: FuzzShare,
    each: (outcome: FuzzWord['outcomes'][number]) => void,
  ): Promise<string | null> {
    return new Promise((resolve) => {
      const worker = new Worker(threadNamed('fuzz'), {
        workerData: share,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      });
      const at = new Int32Array(share.now);
      let last = -1;
      let since = Date.now();
      const end = (why: string | null) => {
        clearInterval(timer);
        void worker.terminate().then(() => resolve(why));
      };
      const timer = setInterval(() => {
        const index = Atomics.load(at, 0);
        if (index !== last) {
          last = index;
          since = Date.now();
        } else if (Date.now() - since > PATIENCE_MS) end('it kept a thread busy for 5 seconds');
        if (stopped()) end(null);
      }, TICK_MS);
      worker.on('message', ({ outcomes }: FuzzWord) => {
        for (const outcome of outcomes) each(outcome);
      });
      worker.on('error', (error) => end(`it ended the thread: ${error.message}`));
      worker.on('exit', (code) => end(code === 0 ? null : `it ended the thread with code ${code}`));
    });
  }
}
