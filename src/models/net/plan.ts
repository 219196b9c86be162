import { inputsOf } from './graph';
import type { Graph, Node } from './graph';

type Conv = Extract<Node, { op: 'conv' }>;
type Dense = Extract<Node, { op: 'dense' }>;

/** What may follow in the same kernel: a residual sum with the named value, then a ReLU. */
interface Tail {
  readonly residual: string | null;
  readonly relu: boolean;
}

/** A few nodes of a graph that are computed at once, under the name of the last of them. */
export type Unit = { readonly input: string; readonly output: string } & (
  | ({ readonly op: 'conv'; readonly conv: Conv; readonly norm: string | null } & Tail)
  | ({ readonly op: 'norm'; readonly norm: string } & Tail)
  | { readonly op: 'dense'; readonly dense: Dense; readonly activation: 'linear' | 'relu' | 'tanh' }
  | { readonly op: 'plain'; readonly node: Exclude<Node, { op: 'conv' | 'dense' | 'norm' }> }
);

/**
 * Groups a graph into units: a convolution with the batch norm, residual sum and ReLU that follow it and that nothing
 * else reads from within; a dense layer with its activation. A value that a tap names is always some unit's output.
 * Units come in an order in which everything stands before its readers.
 */
export function planOf(graph: Graph): readonly Unit[] {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes)
    for (const input of inputsOf(node)) readers.set(input, [...(readers.get(input) ?? []), node]);
  const named = new Set([...Object.values(graph.taps), graph.output]);
  const next = (name: string): Node | undefined => {
    const after = readers.get(name);
    return after?.length === 1 && !named.has(name) ? after[0] : undefined;
  };
  /** The residual sum and the ReLU after a value, and the name of what comes out. */
  const tailOf = (from: string): Tail & { output: string } => {
    let output = from;
    let residual: string | null = null;
    const sum = next(output);
    if (sum?.op === 'add' && sum.input === output) {
      residual = sum.other;
      output = sum.name;
    }
    const last = next(output);
    const relu = last?.op === 'relu';
    return { residual, relu, output: relu ? last.name : output };
  };
  const units = new Map<string, Unit>();
  const inside = new Set<string>();
  for (const node of graph.nodes) {
    if (inside.has(node.name)) continue;
    const unit = unitOf(node, next, tailOf);
    for (let at: Node | undefined = node; at && at.name !== unit.output;) {
      at = next(at.name);
      if (at) inside.add(at.name);
    }
    units.set(unit.output, unit);
  }
  // A unit stands where its last node stood: what that node reads stands before it.
  return graph.nodes.flatMap(({ name }) => units.get(name) ?? []);
}

function unitOf(
  node: Node,
  next: (name: string) => Node | undefined,
  tailOf: (name: string) => Tail & { output: string },
): Unit {
  const { input } = node;
  switch (node.op) {
    case 'conv': {
      const norm = next(node.name);
      const last = norm?.op === 'norm' ? norm.name : node.name;
      return {
        op: 'conv',
        conv: node,
        norm: last === node.name ? null : last,
        input,
        ...tailOf(last),
      };
    }
    case 'norm':
      return { op: 'norm', norm: node.name, input, ...tailOf(node.name) };
    case 'dense': {
      const after = next(node.name);
      if (after?.op !== 'relu' && after?.op !== 'tanh')
        return { op: 'dense', dense: node, activation: 'linear', input, output: node.name };
      return { op: 'dense', dense: node, activation: after.op, input, output: after.name };
    }
    default:
      return { op: 'plain', node, input, output: node.name };
  }
}
