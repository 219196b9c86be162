import { Random } from '../../src/recipe/random';
import type { KernelSetup } from '../timing/job';

/** What a lone kernel computes on, the same everywhere. */
export interface Inputs {
  /** [batch, side, side, channels] */
  readonly x: Float32Array;
  /** Like x: what comes back from above. */
  readonly dy: Float32Array;
  /** [3, 3, channels, channels] */
  readonly filter: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  /** One value for each image and channel, [batch, 1, 1, channels]. */
  readonly pooled: Float32Array;
}

export function inputsOf({ batch, side, channels }: KernelSetup): Inputs {
  const size = batch * side * side * channels;
  const draw = (name: string, length: number) => {
    const random = Random.from(1, name);
    return Float32Array.from({ length }, () => random.range(-1, 1));
  };
  return {
    x: draw('x', size),
    dy: draw('dy', size),
    filter: draw('filter', 9 * channels * channels),
    gamma: draw('gamma', channels),
    beta: draw('beta', channels),
    pooled: draw('pooled', batch * channels),
  };
}
