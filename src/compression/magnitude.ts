import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../models/net/graph';
import type { Compression } from './contract';
import { keepEnds, start } from './parts/fields';
import { kernelsOf, weightNamed } from './parts/layers';

/** Share that is zero after a turn: each turn takes the same part of what is left, the last one reaches the goal. */
export function shareAfter(turn: number, turns: number, goal: number): number {
  return 1 - (1 - goal) ** ((turn + 1) / turns);
}

/**
 * Masks of 0 and 1 that leave out the smallest numbers of all lists together: exactly the wanted share, rounded to whole
 * numbers; of equal ones the earlier go first.
 */
export function smallestMasks(lists: readonly Float32Array[], share: number): Float32Array[] {
  const places = lists.flatMap((list, at) => Array.from(list, (value, i) => ({ value, at, i })));
  const order = places.toSorted((a, b) => Math.abs(a.value) - Math.abs(b.value));
  const masks = lists.map((list) => new Float32Array(list.length).fill(1));
  for (const { at, i } of order.slice(0, Math.round(share * places.length)))
    (masks[at] as Float32Array)[i] = 0;
  return masks;
}

const magnitude: Compression = {
  id: 'magnitude',
  title: 'Magnitude pruning',
  oneLine: 'The smallest weights of the whole student are set to zero, in rounds.',
  params: {
    start,
    sparsity: {
      kind: 'number',
      label: 'Sparsity',
      help: 'Share of the weights that is zero in the end.',
      default: 0.8,
      min: 0.05,
      max: 0.99,
      step: 0.05,
    },
    rounds: {
      kind: 'integer',
      label: 'Rounds',
      help: 'Times that some are set to zero; the rest learns on after each.',
      default: 3,
      min: 1,
      max: 10,
      advanced: true,
    },
    keepEnds,
  },
  cite: [
    {
      authors: 'S. Han, J. Pool, J. Tran, W. J. Dally',
      year: 2015,
      title: 'Learning Both Weights and Connections for Efficient Neural Networks',
      venue: 'NIPS 2015, section 3',
      url: 'https://arxiv.org/abs/1506.02626',
    },
  ],
  kind: 'during',
  formula: String.raw`\tilde W = M \odot W,\qquad M_i = \left[\,|w_i| > q_s(|W|)\,\right]`,
  known:
    'Pruning and training in turns reaches a higher sparsity at the same accuracy than pruning once.',
  reading:
    'The threshold is one for all layers together. Every round takes the same part of what is left, and the rounds lie evenly over the rest of the run, within one learning rate schedule.',
  costs: {
    bytes: 'the weights that are left in float32, and one bit for each place',
    macs: 'as before: dense kernels multiply by the zeros too, so that nothing is faster here',
  },
  layers: (graph, params) => kernelsOf(graph, params.keepEnds as boolean),
  turns: (params) => params.rounds as number,
  during({ graph, weights }, params, turn) {
    const specs = kernelsOf(graph, params.keepEnds as boolean);
    const share = shareAfter(turn, params.rounds as number, params.sparsity as number);
    const masks = smallestMasks(
      specs.map(({ name }) => weightNamed(weights, name)),
      share,
    );
    const tensors = new Map(
      specs.map(({ name, shape }, i) => [
        name,
        tf.keep(tf.tensor(masks[i] as Float32Array, [...shape])),
      ]),
    );
    const masked = (name: string, w: tf.Tensor) => tf.mul(w, tensors.get(name) as tf.Tensor);
    const left = masks.reduce((sum, mask) => sum + mask.reduce((a, b) => a + b, 0), 0);
    const bits = specs.reduce((sum, { shape }) => sum + Math.ceil(sizeOf(shape) / 8), 0);
    return {
      names: [...tensors.keys()],
      begin: () => undefined,
      settle: () => undefined,
      apply: (name, w) => ({ used: masked(name, w), state: null }),
      carry: () => undefined,
      snap: masked,
      bytes: 4 * left + bits,
      dispose: () => tf.dispose([...tensors.values()]),
    };
  },
};

export default magnitude;
