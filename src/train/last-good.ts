/** Networks as they stood after a step of a run. */
export interface Stand<T extends Kept> {
  readonly step: number;
  /** Of the run, by then. */
  readonly seconds: number;
  readonly networks: readonly T[];
}

/** A copy of a network's weights on the device. */
interface Kept {
  dispose(): void;
}

/** So many steps before an evaluation have to have been as they should be: a loss that has left may fall for a moment. */
const CALM = 32;

/**
 * The last weights that are known to be good: those of an evaluation after which the losses were still as they should be.
 * Holds copies of two evaluations at most, the newest and the last that proved good, and frees them.
 */
export class LastGood<T extends Kept> {
  private good: Stand<T> | null = null;
  /** Not proved yet: a step's loss is computed before the step, so that of the next one tells what this one has done. */
  private newest: Stand<T> | null = null;

  /** Takes the networks of an evaluation over. */
  keep(stand: Stand<T>): void {
    free(this.newest);
    this.newest = stand;
  }

  /**
   * Proves what is not proved yet, or drops it.
   *
   * @param read the last step, counted from 0, whose losses are known
   * @param lastDoubt the last of them with a loss that was far above where it began, -1 where none was
   */
  prove(read: number, lastDoubt: number): void {
    const { newest } = this;
    if (!newest || read < newest.step) return;
    this.newest = null;
    if (lastDoubt >= 0 && lastDoubt >= newest.step - CALM) return free(newest);
    free(this.good);
    this.good = newest;
  }

  /** The last that proved good; null where none did. Stays this one's to free. */
  get stand(): Stand<T> | null {
    return this.good;
  }

  dispose(): void {
    free(this.good);
    free(this.newest);
    this.good = null;
    this.newest = null;
  }
}

function free(stand: Stand<Kept> | null): void {
  for (const network of stand?.networks ?? []) network.dispose();
}
