import type { LaterAnswers, StageSample } from '../worker/protocol';

/** The students' latest answers to a question, and the step whose weights gave them. */
export interface Latest extends LaterAnswers {
  readonly step: number;
}

export interface FeedOptions {
  /** How many samples are on the board. */
  readonly capacity: number;
  /** Least time between two new samples on a full board; 0 shows them as they come. */
  readonly interval: number;
}

/** Questions off the board keep their latest answers as long as they are among so many. */
const MOST_LATEST = 256;

/**
 * The board of sampled questions, newest first. Samples come in bursts and go onto a full board one by one, slowly
 * enough to be looked at; while it is frozen none does. What comes too fast is dropped, oldest first.
 */
export class StageFeed {
  private board: readonly StageSample[] = [];
  private front: StageSample | null = null;
  private frontSince = 0;
  private waiting: StageSample[] = [];
  private frozen = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly answers = new Map<number, Latest>();
  private readonly listeners = new Set<() => void>();
  private options: FeedOptions;

  constructor(options: FeedOptions) {
    this.options = options;
  }

  /** Empties the board, for another run. */
  clear(options: FeedOptions): void {
    this.options = options;
    this.waiting = [];
    this.answers.clear();
    this.show([]);
  }

  /** Takes in what the students answer to questions of before by now; a board that is frozen shows it too. */
  refresh(step: number, questions: readonly LaterAnswers[]): void {
    for (const question of questions) {
      this.answers.delete(question.id);
      this.answers.set(question.id, { ...question, step });
    }
    for (const id of this.answers.keys()) {
      if (this.answers.size <= MOST_LATEST) break;
      this.answers.delete(id);
    }
    for (const listener of this.listeners) listener();
  }

  /** The latest answers to a question; null where none are newer than those it came with. */
  latest(id: number): Latest | null {
    return this.answers.get(id) ?? null;
  }

  offer(samples: readonly StageSample[]): void {
    this.waiting.push(...samples);
    const room =
      this.options.interval === 0
        ? this.options.capacity
        : this.options.capacity - this.board.length;
    // On an empty board the first samples appear at once; after that the newest few wait for their turn.
    if (room > 0 && !this.frozen) this.take(room);
    if (this.waiting.length > MOST_WAITING) this.waiting = this.waiting.slice(-MOST_WAITING);
    this.schedule();
  }

  freeze(frozen: boolean): void {
    this.frozen = frozen;
    if (!frozen) this.schedule();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly StageSample[] => this.board;

  /** The sample to look at while none is chosen: of the newest, the one of which the teacher is least sure. */
  featured = (): StageSample | null => this.front;

  private take(count: number): void {
    const next = this.waiting.splice(0, count);
    if (next.length > 0)
      this.show([...next.reverse(), ...this.board].slice(0, this.options.capacity));
  }

  private schedule(): void {
    if (this.timer !== null || this.frozen || this.waiting.length === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.frozen) return;
      this.take(1);
      this.schedule();
    }, this.options.interval);
  }

  private show(board: readonly StageSample[]): void {
    this.board = board;
    const now = Date.now();
    const gone = this.front === null || !board.includes(this.front);
    if (gone || now - this.frontSince > FEATURED_MS) {
      this.front = leastSure(board.slice(0, FEATURED_FROM));
      this.frontSince = now;
    }
    for (const listener of this.listeners) listener();
  }
}

const MOST_WAITING = 8;
/** A featured sample stays so long, and the next is one of so many newest. */
const FEATURED_MS = 5000;
const FEATURED_FROM = 12;

function leastSure(board: readonly StageSample[]): StageSample | null {
  return board.reduce<StageSample | null>(
    (best, one) => (best === null || one.entropy > best.entropy ? one : best),
    null,
  );
}
