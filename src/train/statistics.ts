import { ratioInterval } from './intervals';
import type { Interval } from './intervals';

/** Mean and standard error over seeds; no standard error from a single one. */
export function meanAndError(values: readonly number[]): { mean: number; se: number | null } {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { mean, se: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, se: Math.sqrt(variance / n) };
}

/**
 * Exact McNemar test, two-sided: how likely at least this imbalance of the rows that only one of two classifiers gets
 * right would be if both were equally good (binomial with p = 1/2). 1 where they never differ.
 */
export function mcNemar(first: Uint8Array, second: Uint8Array): number {
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let row = 0; row < first.length; row++) {
    if (first[row] === 1 && second[row] === 0) onlyFirst += 1;
    if (first[row] === 0 && second[row] === 1) onlySecond += 1;
  }
  const n = onlyFirst + onlySecond;
  if (n === 0) return 1;
  const k = Math.min(onlyFirst, onlySecond);
  // Summed in logarithms, from the binomial's left end: n may be in the thousands.
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= k; i++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return Math.min(1, 2 * tail);
}

/**
 * Two-sided test that two students' losses on the same examples have one mean: the mean difference over its standard
 * error as a normal deviate, which a thousand examples allow. 1 where they never differ.
 */
export function pairedTest(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const differences = Array.from(first, (value, row) => value - (second[row] as number));
  const { mean, se } = meanAndError(differences);
  if (se === null || mean === 0) return 1;
  return se === 0 ? 0 : 2 * below(-Math.abs(mean) / se);
}

/** The share of a standard normal distribution below z, to 2e-7 (Abramowitz and Stegun 7.1.26). */
export function below(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const tail = (series.reduce((sum, c) => (sum + c) * t, 0) * Math.exp(-x * x)) / 2;
  return z > 0 ? 1 - tail : tail;
}

export interface GapClosed {
  /** Share of the gap between the reference and the teacher that is closed; null where there is no clear gap. */
  readonly value: number | null;
  /** 95 %, by Fieller's theorem over seeds; null with one seed or no value. */
  readonly interval: Interval | 'unbounded' | null;
}

/**
 * Gap closed = (m - r) / (t - r) on means over the same seeds, for the figures of a method, of its reference (KD or ERM)
 * and of the teacher. Not given where teacher - reference is under two standard errors, or not positive.
 */
export function gapClosed(
  method: readonly number[],
  reference: readonly number[],
  teacher: readonly number[],
): GapClosed {
  const gaps = teacher.map((t, i) => t - (reference[i] as number));
  const gap = meanAndError(gaps);
  if (!(gap.mean > 0) || (gap.se !== null && gap.mean < 2 * gap.se))
    return { value: null, interval: null };
  const closed = method.map((m, i) => m - (reference[i] as number));
  return {
    value: meanAndError(closed).mean / gap.mean,
    interval: ratioInterval(closed, gaps),
  };
}
