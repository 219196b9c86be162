/** When something that costs time is due again: after its interval, and never for more than its share of the time. */
export class Pace {
  private soonest = 0;
  private due = 0;

  ready(now: number): boolean {
    return now >= this.due;
  }

  /** Whether at least its interval has passed, whatever it costs. */
  rested(now: number): boolean {
    return now >= this.soonest;
  }

  /**
   * Something was done.
   *
   * @param interval least time from its start to the next, in milliseconds
   * @param share most of the time that it may take, 0 to 1
   */
  done(started: number, now: number, interval: number, share: number): void {
    this.soonest = started + interval;
    this.due = Math.max(this.soonest, started + (now - started) / share);
  }
}

/** Pictures become at most so coarse: by 2^3 each way. */
const MOST_HALVINGS = 3;
/** A picture that is finer by one halving costs about four times as much; it has to fit twice. */
const ROOM_FOR_FINER = 8;
/** So many pictures of one fineness are drawn before it is judged. */
const JUDGED_AFTER = 4;

/**
 * How finely pictures are drawn that have to be drawn: so that they take no more than their share of the time, as far as
 * coarser ones help. The first picture of each fineness says nothing: a device compiles its kernels for it.
 */
export class Fineness {
  private level = 0;
  private readonly drawn = new Set<number>();
  /** Milliseconds that pictures of this fineness took, of how many that passed, and how many they were. */
  private spent = 0;
  private passed = 0;
  private count = 0;
  private ended: number | null = null;

  /** How often the number of cells a side is halved. */
  get halvings(): number {
    return this.level;
  }

  /**
   * A picture was drawn.
   *
   * @param halvings of that picture
   * @returns false where the time that it took says nothing, as it was the first of its kind
   */
  took(halvings: number, started: number, now: number, share: number): boolean {
    const known = this.drawn.has(halvings);
    this.drawn.add(halvings);
    const since = this.ended;
    this.ended = now;
    // What was drawn at another fineness, for the end or a rest, is no measure for this one.
    if (!known || since === null || halvings !== this.level) return known;
    this.spent += now - started;
    this.passed += now - since;
    this.count += 1;
    if (this.count >= JUDGED_AFTER) this.judge(share);
    return true;
  }

  private judge(share: number): void {
    const room = share * this.passed;
    if (this.spent > room) this.level = Math.min(MOST_HALVINGS, this.level + 1);
    else if (this.spent * ROOM_FOR_FINER < room) this.level = Math.max(0, this.level - 1);
    this.spent = 0;
    this.passed = 0;
    this.count = 0;
  }
}
