import type { WeightSpread } from '../recipe/events';

const BINS = 48;
/** More stored values than these are no levels that one could see. */
const MOST_LEVELS = 64;

/**
 * The spread of a layer's weights: those that learn, what the network computes with, and the values that are stored.
 * Four significant digits are kept of each level.
 */
export function spreadOf(
  layer: string,
  learnt: Float32Array,
  used: Float32Array,
  stored: Float32Array,
): WeightSpread {
  let most = 1e-12;
  for (const values of [learnt, used])
    for (const value of values) most = Math.max(most, Math.abs(value));
  const counts = (values: Float32Array) => {
    const out = Array<number>(BINS).fill(0);
    for (const value of values) {
      const bin = Math.min(BINS - 1, Math.floor(((value + most) / (2 * most)) * BINS));
      out[bin] = (out[bin] as number) + 1;
    }
    return out;
  };
  const levels = [...new Set(stored)].toSorted((a, b) => a - b);
  return {
    layer,
    low: -most,
    high: most,
    learnt: counts(learnt),
    used: counts(used),
    levels: levels.length <= MOST_LEVELS ? levels.map((value) => Number(value.toPrecision(4))) : [],
  };
}
