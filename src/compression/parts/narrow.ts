import { sizeOf, weightsOf } from '../../models/net/graph';
import type { Graph, Node } from '../../models/net/graph';
import type { Weights } from '../../models/net/draw';
import { weightNamed } from './layers';

/** A layer whose outputs go through nothing but norms, activations and pooling into one other layer. */
export interface Inner {
  /** The layer that makes the channels, and the one that reads them. */
  readonly from: string;
  readonly to: string;
  readonly norms: readonly string[];
  readonly channels: number;
}

const makes = (node: Node): node is Extract<Node, { op: 'conv' | 'dense' }> =>
  node.op === 'conv' || node.op === 'dense';

/**
 * The layers whose channels may be dropped without anyone else noticing. Channels that a residual sum adds, or that are
 * the logits, stay; so do those that a tap names where taps must stay.
 */
export function innerLayers(graph: Graph, tapped: boolean): readonly Inner[] {
  const named = new Set(tapped ? [...Object.values(graph.taps), graph.output] : [graph.output]);
  return graph.nodes.filter(makes).flatMap((from) => {
    const norms: string[] = [];
    let at: Node = from;
    for (;;) {
      const name: string = at.name;
      const readers = graph.nodes.filter(
        (node) => node.input === name || (node.op === 'add' && node.other === name),
      );
      const [reader] = readers;
      if (readers.length !== 1 || !reader || reader.op === 'add' || named.has(name)) return [];
      if (makes(reader)) {
        const channels = from.op === 'conv' ? from.filters : from.units;
        return [{ from: from.name, to: reader.name, norms, channels }];
      }
      if (reader.op === 'norm') norms.push(reader.name);
      at = reader;
    }
  });
}

/**
 * How much each output channel of an inner layer matters: the size of the batch norm's gamma that follows it, or else the
 * sum of sizes of the channel's weights.
 */
export function importance(
  { from, norms, channels }: Inner,
  weights: Weights,
  by: 'gamma' | 'weights',
): Float64Array {
  const [norm] = norms;
  if (by === 'gamma' && norm !== undefined)
    return Float64Array.from(weightNamed(weights, `${norm}.gamma`), Math.abs);
  const out = new Float64Array(channels);
  weightNamed(weights, `${from}.weight`).forEach((value, i) => {
    out[i % channels] = (out[i % channels] as number) + Math.abs(value);
  });
  return out;
}

/** The places of the largest values, in their old order. */
export function largest(values: Float64Array, count: number): readonly number[] {
  return [...values.keys()]
    .toSorted((a, b) => (values[b] as number) - (values[a] as number))
    .slice(0, count)
    .toSorted((a, b) => a - b);
}

/** The network with only some channels of its inner layers. @param kept places of the channels that stay, by inner layer */
export function narrowed(
  graph: Graph,
  weights: Weights,
  kept: ReadonlyMap<Inner, readonly number[]>,
): { readonly graph: Graph; readonly weights: Weights } {
  const outputs = new Map<string, readonly number[]>();
  const inputs = new Map<string, readonly number[]>();
  for (const [inner, places] of kept) {
    for (const name of [inner.from, ...inner.norms]) outputs.set(name, places);
    inputs.set(inner.to, places);
  }
  const nodes = graph.nodes.map((node) => {
    const count = outputs.get(node.name)?.length;
    if (count === undefined) return node;
    if (node.op === 'conv') return { ...node, filters: count };
    return node.op === 'dense' ? { ...node, units: count } : node;
  });
  const next = new Map<string, Float32Array>();
  for (const { name, shape, role } of weightsOf(graph)) {
    const layer = name.slice(0, name.lastIndexOf('.'));
    let values = weightNamed(weights, name);
    let size = [...shape];
    const pick = (axis: number, places: readonly number[] | undefined) => {
      if (!places) return;
      values = picked(values, size, axis, places);
      size = size.with(axis, places.length);
    };
    pick(size.length - 1, outputs.get(layer));
    if (role === 'kernel') pick(size.length - 2, inputs.get(layer));
    next.set(name, values);
  }
  return { graph: { ...graph, nodes }, weights: next };
}

/** Only some places along one axis. */
function picked(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  places: readonly number[],
): Float32Array {
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis] as number;
  const outer = sizeOf(shape.slice(0, axis));
  const out = new Float32Array(outer * places.length * inner);
  for (let o = 0; o < outer; o++)
    places.forEach((place, i) => {
      const from = (o * length + place) * inner;
      out.set(values.subarray(from, from + inner), (o * places.length + i) * inner);
    });
  return out;
}
