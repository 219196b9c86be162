/** Ticks of the clock that are longer than this come from a frozen or sleeping page and do not count as silence. */
const LONGEST_TICK_MS = 2000;
const TICK_MS = 1000;

/**
 * Notices a worker that has fallen silent. `limit` says how many milliseconds of silence are too many at this moment,
 * or null when none is expected to speak. Calls `silent` once and stops.
 */
export class Watchdog {
  private readonly timer: ReturnType<typeof setInterval>;
  private last = Date.now();
  private silence = 0;

  constructor(limit: () => number | null, silent: () => void) {
    this.timer = setInterval(() => {
      const now = Date.now();
      this.silence += Math.min(now - this.last, LONGEST_TICK_MS);
      this.last = now;
      const most = limit();
      if (most === null) this.silence = 0;
      else if (this.silence > most) {
        this.stop();
        silent();
      }
    }, TICK_MS);
  }

  /** A message came. */
  heard(): void {
    this.silence = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
