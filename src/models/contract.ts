import type { AnyValues } from '../recipe/fields';
import type { ModelEntry } from '../recipe/recipe';
import type { Graph } from './net/graph';

/** An architecture: it turns an input shape, a class count and its parameters into a graph. Pure. */
export interface Model extends ModelEntry {
  graph(input: readonly number[], classes: number, params: AnyValues): Graph;
}
