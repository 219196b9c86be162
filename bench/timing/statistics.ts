/** The middle value, or the mean of the two in the middle. @throws RangeError on an empty list */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/**
 * How many times faster than the baseline: the median over rounds of baseline / own. Rounds are taken in turns, so that
 * both times of a pair were measured under about the same load. NaN where a list is empty.
 */
export function speedup(own: readonly number[], baseline: readonly number[]): number {
  const rounds = Math.min(own.length, baseline.length);
  if (rounds === 0) return NaN;
  return median(own.slice(0, rounds).map((ms, i) => (baseline[i] as number) / ms));
}
