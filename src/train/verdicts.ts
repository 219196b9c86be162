import type { Verdict } from '../recipe/events';
import { mcNemar } from './statistics';

/** Two classifiers differ where the exact McNemar test says p < 0.01. */
const LEVEL = 0.01;

/**
 * Who is ahead of whom on the same examples. With one seed a difference counts as beyond noise when the test says so at
 * two evaluations in a row with the same one ahead.
 */
export class Verdicts {
  private before = new Map<string, number>();

  /** @param right for each student and example, 1 where the answer was right */
  update(right: readonly Uint8Array[]): Verdict[] {
    const now = new Map<string, number>();
    const verdicts = pairs(right).map((verdict) => {
      const key = [verdict.ahead, verdict.behind].sort((a, b) => a - b).join('/');
      const significant = verdict.p < LEVEL;
      if (significant) now.set(key, verdict.ahead);
      return { ...verdict, beyondNoise: significant && this.before.get(key) === verdict.ahead };
    });
    this.before = now;
    return verdicts;
  }

  /** The verdicts of one look, as at the end of a run. */
  static once(right: readonly Uint8Array[]): Verdict[] {
    return pairs(right).map((verdict) => ({ ...verdict, beyondNoise: verdict.p < LEVEL }));
  }
}

function pairs(right: readonly Uint8Array[]): Omit<Verdict, 'beyondNoise'>[] {
  const shares = right.map((row) => row.reduce((a, b) => a + b, 0) / row.length);
  const out: Omit<Verdict, 'beyondNoise'>[] = [];
  for (let i = 0; i < right.length; i++)
    for (let j = i + 1; j < right.length; j++) {
      const lead = (shares[i] as number) - (shares[j] as number);
      out.push({
        ahead: lead >= 0 ? i : j,
        behind: lead >= 0 ? j : i,
        difference: Math.abs(lead),
        p: mcNemar(right[i] as Uint8Array, right[j] as Uint8Array),
      });
    }
  return out;
}
