import type { Verdict } from '../recipe/events';
import { mcNemar, pairedTest } from './statistics';

/** One student's outcome on every example: 1 where the answer was right (classes), or a loss in nats (real values). */
export type Outcomes = Uint8Array | Float64Array;

/**
 * Who is ahead of whom on the same examples, every two. It is about these examples and one run: another seed of the same
 * two methods may differ by more than any test on examples sees.
 *
 * @param outcomes for each student, on the same examples
 */
export function compare(outcomes: readonly Outcomes[]): Verdict[] {
  return outcomes.flatMap((one, i) =>
    outcomes.slice(i + 1).map((other, k) => compared(one, other, i, i + 1 + k)),
  );
}

function compared(one: Outcomes, other: Outcomes, i: number, j: number): Verdict {
  const mean = (values: Outcomes) => {
    let sum = 0;
    for (const value of values) sum += value;
    return sum / values.length;
  };
  const classes = one instanceof Uint8Array && other instanceof Uint8Array;
  // Of right answers more is better, of a loss less.
  const lead = (mean(one) - mean(other)) * (classes ? 1 : -1);
  return {
    ahead: lead >= 0 ? i : j,
    behind: lead >= 0 ? j : i,
    ...(!classes && { figure: 'nll' as const }),
    difference: Math.abs(lead),
    p: classes ? mcNemar(one, other) : pairedTest(one, other),
  };
}
