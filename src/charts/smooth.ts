/**
 * Exponential moving average without the pull to zero at its start: each value is divided by the sum of the weights so
 * far. Values that are not finite pass through and leave the average as it was.
 *
 * @param weight of the past, 0 (no smoothing) to below 1
 */
export function smooth(values: ArrayLike<number>, weight: number): number[] {
  let sum = 0;
  let weights = 0;
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    sum = sum * weight + value * (1 - weight);
    weights = weights * weight + (1 - weight);
    return sum / weights;
  });
}
