import { Random } from '../../recipe/random';
import { sizeOf, weightsOf } from './graph';
import type { Graph, WeightSpec } from './graph';

/** Weights by name, as plain arrays: what files hold and what networks are built from. */
export type Weights = ReadonlyMap<string, Float32Array>;

/**
 * Initial weights from a seed: He normal with fan-out where a ReLU follows a kernel, Glorot uniform elsewhere
 * (He et al. 2015; Glorot & Bengio 2010); gamma and variance 1, everything else 0. Each weight has a stream of its own,
 * so that equal networks with equal seeds start alike whatever else a run holds.
 */
export function drawWeights(graph: Graph, seed: number): Weights {
  return new Map(weightsOf(graph).map((spec) => [spec.name, drawWeight(spec, seed)]));
}

/** One weight from its specification; see `drawWeights`. */
export function drawWeight(spec: WeightSpec, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  if (spec.role === 'gamma' || spec.role === 'variance') return values.fill(1);
  if (spec.role !== 'kernel') return values;
  const random = Random.from(seed, `weights/${spec.name}`);
  if (spec.after === 'relu') {
    const std = Math.sqrt(2 / spec.fanOut);
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * std;
  } else {
    const limit = Math.sqrt(6 / (spec.fanIn + spec.fanOut));
    for (let i = 0; i < values.length; i++) values[i] = random.range(-limit, limit);
  }
  return values;
}
