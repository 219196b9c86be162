/**
 * A debug switch: every so many replayed steps one is taken both ways, replayed and then once more from the same numbers
 * as it is, and what the two leave behind is compared bit by bit. It costs a step's time, a copy of everything that a step
 * reads or writes, and a wait for the GPU.
 */
let every = 0;
let tally = { steps: 0, different: 0 };

/** Audits every n-th step from now on, of whatever is trained; 0 audits none. */
export function auditSteps(n: number): void {
  every = n;
  tally = { steps: 0, different: 0 };
}

/** True where a step is to be taken both ways. @param replayed steps that were replayed since the recording, this one too */
export const isAudited = (replayed: number): boolean => every > 0 && replayed % every === 0;

/** Counts a step that was taken both ways. */
export function countAudit(same: boolean): void {
  tally.steps += 1;
  if (!same) tally.different += 1;
}

/** What the audit has come to, as a sentence; null where none was asked for. */
export function auditSentence(): string | null {
  if (every === 0) return null;
  const { steps, different } = tally;
  if (steps === 0)
    return `Audit: none of the steps was taken both ways, because fewer than ${every} in a row were replayed.`;
  const were = steps === 1 ? '1 step was' : `${steps} steps were`;
  return different === 0
    ? `Audit: ${were} taken both ways, replayed and one by one, and left the same bits.`
    : `Audit: ${were} taken both ways, replayed and one by one, and ${different} of them left other numbers.`;
}

/** Where two readings of one buffer differ. */
export interface Difference {
  /** 32-bit words that are not the same. */
  readonly words: number;
  /** Largest difference of two of them as floats; 0 where none of these is a finite number. */
  readonly most: number;
}

/** Compares two readings of one buffer; null where they are the same bits. */
export function differenceOf(a: ArrayBuffer, b: ArrayBuffer): Difference | null {
  const [left, right] = [new Uint32Array(a), new Uint32Array(b)];
  const [x, y] = [new Float32Array(a), new Float32Array(b)];
  let words = 0;
  let most = 0;
  left.forEach((word, i) => {
    if (word === right[i]) return;
    words += 1;
    const off = Math.abs((x[i] as number) - (y[i] as number));
    if (Number.isFinite(off)) most = Math.max(most, off);
  });
  return words > 0 ? { words, most } : null;
}
