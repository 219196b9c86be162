import type { WorkerEars, WorkerLink } from '../worker/client';
import { Watchdog } from '../worker/client-watchdog';
import type { FromWorker, ToWorker } from '../worker/protocol';

interface Ends {
  connect(ears: WorkerEars): WorkerLink;
  /** How long the worker may be silent now, in milliseconds; null where nothing is awaited of it. */
  patience(): number | null;
  heard(message: FromWorker): void;
  /** The worker is gone, and why; a new one is to be had by `open`. */
  lost(why: string): void;
}

/** The wire to the training worker, watched: whoever does not answer any more is ended and given up. */
export class Wire {
  private readonly ends: Ends;
  private link: WorkerLink | null = null;
  private watchdog: Watchdog | null = null;

  constructor(ends: Ends) {
    this.ends = ends;
  }

  /** A new worker, in the place of one that may be there. */
  open(): void {
    this.close();
    this.watchdog = new Watchdog(
      () => this.ends.patience(),
      () => this.lose('It has not answered for a while.'),
    );
    this.link = this.ends.connect({
      heard: (message) => {
        this.watchdog?.heard();
        this.ends.heard(message);
      },
      lost: (detail) => this.lose(`It stopped: ${detail}.`),
    });
  }

  post(message: ToWorker): void {
    this.link?.post(message);
  }

  private lose(why: string): void {
    this.close();
    this.ends.lost(why);
  }

  private close(): void {
    this.watchdog?.stop();
    this.link?.end();
    this.link = null;
  }
}
