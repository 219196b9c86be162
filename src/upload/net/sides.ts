import { countMacs, shapeOf, sizeOf } from '../../models/net/graph';
import type { Graph, Node } from '../../models/net/graph';
import type { ReadNetwork } from '../given';
import { LIMITS } from '../limits';
import { convBody } from './builder';
import { ceilMargins, sameMargins } from './windows';
import type { SideRule } from './windows';

type Pair = readonly [number, number];
type Rules = ReadonlyMap<string, SideRule>;

/** No file says a size beyond this one; teachers are asked about smaller ones. */
const LARGEST = 256;

/**
 * A network that takes images of several sizes, for those of a task; others, and those that the task's images do not fit,
 * as they are.
 */
export function atSize(net: ReadNetwork, task: readonly number[]): ReadNetwork {
  const { input } = net.graph;
  const [height = 0, width = 0] = task;
  const open = net.anySize || (net.sides?.includes(height) && height === width);
  if (!open || input.length !== 3 || task.length !== 3) return net;
  if (input[0] === height && input[1] === width) return net;
  const graph = withSides(net.graph, [height, width], net.sideRules);
  return graph ? { ...net, graph } : net;
}

/** What is said on a task of a network whose weights fit images of several sides; nothing of others. */
export function sidesSaid({ sides = [] }: ReadNetwork, task: readonly number[]): readonly string[] {
  const [own = 0, width] = task;
  if (sides.length < 2 || task.length !== 3) return [];
  const others = rangesOf(sides.filter((side) => side !== own));
  return sides.includes(own) && own === width
    ? [
        `Its weights fit images of ${own} pixels a side, the task’s own, and those of ${others} as well; the task’s own were taken.`,
      ]
    : [`Its weights fit images of ${others} pixels a side, and not those of the task.`];
}

/** The same nodes over another image; null where one of them does not go with it. */
export function withSides(graph: Graph, sides: Pair, rules: Rules = new Map()): Graph | null {
  const input = [...sides, graph.input[2] as number];
  const shapes = new Map<string, readonly number[]>([['input', input]]);
  const before = new Map<string, readonly number[]>([['input', graph.input]]);
  const nodes: Node[] = [];
  try {
    for (const old of graph.nodes) {
      const node = following(old, rules.get(old.name), before, shapes);
      if (!node) return null;
      before.set(old.name, shapeOf(old, before));
      const shape = shapeOf(node, shapes);
      if (shape.some((n) => n < 1) || sizeOf(shape) > LIMITS.activation) return null;
      shapes.set(node.name, shape);
      nodes.push(node);
    }
    const other = { ...graph, input, nodes };
    return countMacs(other) > LIMITS.macs ? null : other;
  } catch {
    return null;
  }
}

/** All sides up to 256 pixels at which a network's nodes go together, in order. */
export function sidesThatFit(graph: Graph, rules?: Rules): readonly number[] {
  const all = Array.from({ length: LARGEST }, (_, i) => i + 1);
  return all.filter((side) => withSides(graph, [side, side], rules) !== null);
}

/** A node over the other image; null where it does not go with it. */
function following(
  node: Node,
  rule: SideRule | undefined,
  before: ReadonlyMap<string, readonly number[]>,
  now: ReadonlyMap<string, readonly number[]>,
): Node | null {
  const [h = 1, w = 1] = now.get(node.input) ?? [];
  const sides: Pair = [h, w];
  switch (node.op) {
    case 'conv': {
      if (rule?.kind !== 'same') return node;
      const { name, input, filters, kernel, stride, bias = false } = node;
      const form = {
        filters,
        kernel: [kernel, kernel],
        stride: [stride, stride],
        dilation: [1, 1],
        groups: 1,
        bias,
      } as const;
      const margins = sameMargins(sides, form, rule.before);
      return { ...convBody({ ...form, margins }), name, input };
    }
    case 'convolve': {
      if (rule?.kind !== 'same') return node;
      const { name, input, op: _, ...form } = node;
      const margins = sameMargins(sides, form, rule.before);
      return { ...convBody({ ...form, margins }), name, input };
    }
    case 'window': {
      const { size, stride } = node;
      if (rule?.kind === 'same')
        return { ...node, margins: sameMargins(sides, { kernel: size, stride }, rule.before) };
      if (rule?.kind === 'ceil')
        return { ...node, margins: ceilMargins(sides, size, stride, rule.margins) };
      return node;
    }
    case 'resize': {
      if (rule?.kind !== 'times') return node;
      const [up, across] = rule.by;
      return { ...node, size: [Math.floor(h * up + 1e-6), Math.floor(w * across + 1e-6)] };
    }
    case 'slice': {
      if (rule?.kind !== 'cut') return whole(node, before, now);
      const [top, bottom, left, right] = rule.ends;
      return { ...node, size: [h - top - bottom, w - left - right, node.size[2] as number] };
    }
    default:
      return node;
  }
}

/** Every so many-th pixel of the other image, where the node takes them from all of its own; else null. */
function whole(
  node: Extract<Node, { op: 'slice' }>,
  before: ReadonlyMap<string, readonly number[]>,
  now: ReadonlyMap<string, readonly number[]>,
): Node | null {
  const old = before.get(node.input) ?? [];
  const own = now.get(node.input) ?? [];
  if (String(old) === String(own)) return node;
  const thinned = (shape: readonly number[]) =>
    shape.map((n, i) => Math.ceil(n / (node.step[i] ?? 1)));
  const all = node.begin.every((n) => n === 0) && node.step.every((n) => n > 0);
  if (!all || String(thinned(old)) !== String(node.size)) return null;
  return { ...node, size: thinned(own) };
}

/** "24 to 31" of whole numbers in order, "24, 26 to 28" where some are missing. */
export function rangesOf(list: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const n of list) {
    const last = runs.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs
    .map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a}, ${b}` : `${a} to ${b}`))
    .join(', ');
}
