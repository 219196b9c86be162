import { lax, nn, numpy as np, tree } from '@jax-js/jax';
import { inputsOf, isGeneral, weightsOf } from '../../src/models/net/graph';
import type { Graph, Node } from '../../src/models/net/graph';
import type { Tensors } from './cells';
import type { Network } from './problem';

/** As in PyTorch, and as in our own batch norm. */
const EPSILON = 1e-5;
const KEEP = 0.9;

/** Arrays by name. jax-js frees an array with its last use: a function owns what it is given. */
export type Arrays = Record<string, np.Array>;

/** What a training pass says about the batch, for the moving statistics. */
interface Passed {
  readonly logits: np.Array;
  /** Mean and variance of each batch norm, by the names of the weights that they move. */
  readonly statistics: Arrays;
}

/** A network's weights as jax-js takes them: channels first. */
export function arraysOf({ graph, weights }: Network): { trained: Arrays; moving: Arrays } {
  const trained: Arrays = {};
  const moving: Arrays = {};
  for (const { name, shape, trainable } of weightsOf(graph)) {
    const values = weights.get(name);
    if (!values) throw new Error(`weight ${name} is missing`);
    const array = np.array(new Float32Array(values), { shape: [...shape] });
    (trainable ? trained : moving)[name] = shape.length === 4 ? outermost(array) : array;
  }
  return { trained, moving };
}

/** Filters [height, width, in, out] as [out, in, height, width]. */
const outermost = (filter: np.Array): np.Array => np.transpose(filter, [3, 2, 0, 1]);

/** Copies of trained weights in the engine's layout. */
export async function readArrays(graph: Graph, trained: Arrays): Promise<Tensors> {
  const found = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const { name, shape, trainable } of weightsOf(graph)) {
    if (!trainable) continue;
    const array = (trained[name] as np.Array).ref;
    const ours = shape.length === 4 ? np.transpose(array, [2, 3, 1, 0]) : array;
    found.set(name, { shape, values: Float32Array.from((await ours.data()) as Float32Array) });
  }
  return found;
}

/** Images [n, height, width, channels] as [n, channels, height, width]; points as they are. */
export const channelsFirst = (x: np.Array): np.Array =>
  x.shape.length === 4 ? np.transpose(x, [0, 3, 1, 2]) : x;

/**
 * The training pass (`moving` null) or inference over x, channels first; every array that comes in is used up.
 *
 * @param weights all weights, each used once
 */
export function forward(graph: Graph, weights: Arrays, moving: Arrays | null, x: np.Array): Passed {
  const left = readersOf(graph);
  const values = new Map<string, np.Array>([['input', x]]);
  const take = (name: string): np.Array => {
    const value = values.get(name) as np.Array;
    const readers = (left.get(name) ?? 1) - 1;
    left.set(name, readers);
    return readers > 0 ? value.ref : value;
  };
  const statistics: Arrays = {};
  for (const node of graph.nodes)
    values.set(node.name, run(node, take, weights, moving, statistics));
  return { logits: take(graph.output), statistics };
}

/** How often each value is read, the caller's reading of the output included. */
function readersOf({ nodes, output }: Graph): Map<string, number> {
  const readers = new Map([[output, 1]]);
  for (const node of nodes)
    for (const name of inputsOf(node)) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

function run(
  node: Node,
  take: (name: string) => np.Array,
  weights: Arrays,
  moving: Arrays | null,
  statistics: Arrays,
): np.Array {
  const x = take(node.input);
  const weight = (part: string) => weights[`${node.name}.${part}`] as np.Array;
  if (isGeneral(node)) throw new Error(`no network that is compared has a node ${node.op}`);
  switch (node.op) {
    case 'conv': {
      const pad: [number, number] = [node.pad, node.pad];
      const strides = [node.stride, node.stride];
      return lax.convGeneralDilated(x, weight('weight'), strides, [pad, pad]);
    }
    case 'norm': {
      const [gamma, beta] = [weight('gamma'), weight('beta')];
      if (moving) {
        const fixed = (part: string) => moving[`${node.name}.${part}`] as np.Array;
        return scaled(x.sub(spread(fixed('mean'))), fixed('variance'), gamma, beta);
      }
      const { out, mean, variance } = normalise(x, gamma, beta);
      statistics[`${node.name}.mean`] = mean;
      statistics[`${node.name}.variance`] = variance;
      return out;
    }
    case 'relu':
      return nn.relu(x);
    case 'tanh':
      return np.tanh(x);
    case 'add':
      return x.add(take(node.other));
    case 'pool':
      return np.mean(x, [2, 3]);
    case 'reshape':
    case 'upsample':
      throw new Error(`no network that is compared has a node ${node.op}`);
    case 'dense':
      return np.matmul(x, weight('weight')).add(weight('bias'));
  }
}

/** Batch norm by the batch over [n, c, h, w], with the statistics [c] that it used. */
export function normalise(
  x: np.Array,
  gamma: np.Array,
  beta: np.Array,
): { out: np.Array; mean: np.Array; variance: np.Array } {
  const mean = np.mean(x.ref, [0, 2, 3]);
  const centred = x.sub(spread(mean.ref));
  const variance = np.mean(np.square(centred.ref), [0, 2, 3]);
  return { out: scaled(centred, variance.ref, gamma, beta), mean, variance };
}

function scaled(centred: np.Array, variance: np.Array, gamma: np.Array, beta: np.Array): np.Array {
  const scale = gamma.div(np.sqrt(variance.add(EPSILON)));
  return centred.mul(spread(scale)).add(spread(beta));
}

/** [c] over the axes of an image, channels first. */
const spread = (values: np.Array): np.Array => np.reshape(values, [-1, 1, 1]);

/** Moving statistics moved towards those of a batch. */
export const moved = (moving: Arrays, fresh: Arrays): Arrays =>
  tree.map((old: np.Array, now: np.Array) => old.mul(KEEP).add(now.mul(1 - KEEP)), moving, fresh);
