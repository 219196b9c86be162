/** How long a piece of work has to go on before its pace says anything. */
const SETTLED = 1;

/** Estimates the time left of pieces of work that only say how far they are. */
export class Estimate {
  private what = '';
  private began = 0;
  private from = 0;
  private last = 0;

  /** Seconds that a piece of work has left, by its pace so far; null while that says too little. @param now in seconds */
  left(what: string, share: number, now = performance.now() / 1000): number | null {
    if (what !== this.what || share < this.last) {
      this.what = what;
      this.began = now;
      this.from = share;
    }
    this.last = share;
    const done = share - this.from;
    const passed = now - this.began;
    return done > 0 && passed >= SETTLED ? (passed / done) * (1 - share) : null;
  }
}
