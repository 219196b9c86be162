import type { Verdict } from '../recipe/events';
import { mcNemar, pairedTest } from './statistics';

/** Two students differ where the test says p < 0.01. */
const LEVEL = 0.01;

/** One student's outcome on every example: 1 where the answer was right (classes), or a loss in nats (real values). */
export type Outcomes = Uint8Array | Float64Array;

/**
 * Who is ahead of whom on the same examples. With one seed a difference counts as beyond noise when the test says so at
 * two evaluations in a row with the same one ahead.
 */
export class Verdicts {
  private before = new Map<string, number>();

  /** @param outcomes for each student, on the same examples */
  update(outcomes: readonly Outcomes[]): Verdict[] {
    const now = new Map<string, number>();
    const verdicts = pairs(outcomes).map((verdict) => {
      const key = [verdict.ahead, verdict.behind].sort((a, b) => a - b).join('/');
      const significant = verdict.p < LEVEL;
      if (significant) now.set(key, verdict.ahead);
      return { ...verdict, beyondNoise: significant && this.before.get(key) === verdict.ahead };
    });
    this.before = now;
    return verdicts;
  }

  /** The verdicts of one look, as at the end of a run. */
  static once(outcomes: readonly Outcomes[]): Verdict[] {
    return pairs(outcomes).map((verdict) => ({ ...verdict, beyondNoise: verdict.p < LEVEL }));
  }
}

type Compared = Omit<Verdict, 'beyondNoise'>;

function pairs(outcomes: readonly Outcomes[]): Compared[] {
  const out: Compared[] = [];
  for (let i = 0; i < outcomes.length; i++)
    for (let j = i + 1; j < outcomes.length; j++)
      out.push(compared(outcomes[i] as Outcomes, outcomes[j] as Outcomes, i, j));
  return out;
}

function compared(one: Outcomes, other: Outcomes, i: number, j: number): Compared {
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
