import { inputsOf, shapesOf } from '../../models/net/graph';
import type { Graph } from '../../models/net/graph';
import type { Tap } from '../../recipe/inspection';

/** The values that a person may pick and that the answer depends on, by the file's names, in order of computation. */
export function tapsOf(graph: Graph, answer: string): readonly Tap[] {
  const shapes = shapesOf(graph);
  const reached = reachedFrom(graph, [answer]);
  const order = new Map(graph.nodes.map(({ name }, place) => [name, place]));
  return Object.entries(graph.taps)
    .filter(([, node]) => node !== answer && reached.has(node))
    .toSorted(([, a], [, b]) => (order.get(a) ?? -1) - (order.get(b) ?? -1))
    .map(([name, node]) => ({ name, shape: shapes.get(node) ?? [] }));
}

/** Everything that some values depend on, themselves included. */
export function reachedFrom(graph: Graph, outputs: readonly string[]): ReadonlySet<string> {
  const reached = new Set(outputs);
  for (const node of graph.nodes.toReversed())
    if (reached.has(node.name)) for (const name of inputsOf(node)) reached.add(name);
  return reached;
}

/**
 * The teacher's values that are compared with a student's, chosen by their sizes: from the last stage backwards, each
 * the deepest one of the stage's size (or of a size that divides it or that it divides), in the same order of depth.
 */
export function pickTaps(
  student: readonly Tap[],
  teacher: readonly Tap[],
): Readonly<Record<string, string>> {
  const picked: [string, string][] = [];
  let before = teacher.length;
  for (const { name, shape } of student.toReversed()) {
    const better = (exact: boolean) =>
      teacher.findLastIndex((tap, i) => i < before && matches(shape, tap.shape, exact));
    const same = better(true);
    const at = same >= 0 ? same : better(false);
    if (at < 0) continue;
    picked.unshift([name, teacher[at]?.name ?? '']);
    before = at;
  }
  return Object.fromEntries(picked);
}

function matches(own: readonly number[], other: readonly number[], exact: boolean): boolean {
  if (own.length !== other.length) return false;
  if (own.length < 3) return true;
  const [h, w] = own as readonly [number, number];
  const [oh, ow] = other as readonly [number, number];
  if (exact) return h === oh && w === ow;
  const [large, small] = [Math.max(h, oh), Math.min(h, oh)];
  return h === w && oh === ow && large % small === 0;
}
