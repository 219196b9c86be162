import { shapeOf } from '../../models/net/graph';
import type { Graph, Node } from '../../models/net/graph';
import type { ReadNetwork } from '../given';

/**
 * A network that takes images of any size, for those of a task; others, and those that the task's images are too small
 * for, as they are.
 */
export function atSize(net: ReadNetwork, task: readonly number[]): ReadNetwork {
  const { input } = net.graph;
  if (!net.anySize || input.length !== 3 || task.length !== 3) return net;
  if (input[0] === task[0] && input[1] === task[1]) return net;
  const graph = withSides(net.graph, [task[0] as number, task[1] as number, input[2] as number]);
  return graph ? { ...net, graph } : net;
}

/** The same nodes over another image; null where one of them does not go with it. */
function withSides(graph: Graph, input: readonly number[]): Graph | null {
  const shapes = new Map([['input', input]]);
  const before = new Map([['input', graph.input]]);
  const nodes: Node[] = [];
  try {
    for (const old of graph.nodes) {
      const node = old.op === 'slice' ? whole(old, before, shapes) : old;
      if (!node) return null;
      before.set(old.name, shapeOf(old, before));
      const shape = shapeOf(node, shapes);
      if (shape.some((n) => n < 1)) return null;
      shapes.set(node.name, shape);
      nodes.push(node);
    }
  } catch {
    return null;
  }
  return { ...graph, input, nodes };
}

/** Every so many-th pixel of the other image, where the node takes them from all of its own; else null. */
function whole(
  node: Extract<Node, { op: 'slice' }>,
  before: ReadonlyMap<string, readonly number[]>,
  now: ReadonlyMap<string, readonly number[]>,
): Node | null {
  const thinned = (shape: readonly number[] | undefined) =>
    (shape ?? []).map((n, i) => Math.ceil(n / (node.step[i] ?? 1)));
  const all = node.begin.every((n) => n === 0) && node.step.every((n) => n > 0);
  if (!all || String(thinned(before.get(node.input))) !== String(node.size)) return null;
  return { ...node, size: thinned(now.get(node.input)) };
}
