import { weightsOf } from '../../models/net/graph';
import type { Graph, WeightSpec } from '../../models/net/graph';
import { UserError } from '../../recipe/errors';

/**
 * The kernels of a network's convolutions and dense layers, in order; without the first and the last where they are kept.
 *
 * @throws UserError where none is left
 */
export function kernelsOf(graph: Graph, keepEnds: boolean): readonly WeightSpec[] {
  const kernels = weightsOf(graph).filter(({ role }) => role === 'kernel');
  const found = keepEnds ? kernels.slice(1, -1) : kernels;
  if (found.length === 0)
    throw new UserError(
      'E_COMPRESSION',
      'The student has no layer between its first and its last one, so nothing would be compressed.',
      'Choose a deeper model, or compress the first and the last layer too.',
    );
  return found;
}

/** A weight of a table by name. @throws Error where it is missing */
export function weightNamed(
  weights: ReadonlyMap<string, Float32Array>,
  name: string,
): Float32Array {
  const found = weights.get(name);
  if (!found) throw new Error(`weight ${name} is missing`);
  return found;
}
