import { sizeOf } from '../../models/net/graph';
import type { WeightSpec } from '../../models/net/graph';
import type { AnyValues } from '../../recipe/fields';

/** How the weights of one layer are stored by indices into a table. */
export interface Table {
  /** Centroids. */
  readonly k: number;
  /** Neighbouring weights that share an index. */
  readonly dim: number;
  /** Indices. */
  readonly count: number;
  readonly bytes: number;
}

/**
 * The table for a weight of N numbers: indices of b bits, one for each `dim` weights, and 2^b centroids of `dim` float32.
 * A layer whose size `dim` does not divide has single weights in its table.
 */
export function tableOf({ shape }: WeightSpec, params: AnyValues): Table {
  const size = sizeOf(shape);
  const wanted = params.dim as number;
  const dim = size % wanted === 0 ? wanted : 1;
  const bits = params.bits as number;
  const k = 2 ** bits;
  const count = size / dim;
  return { k, dim, count, bytes: Math.ceil((count * bits) / 8) + k * dim * 4 };
}
