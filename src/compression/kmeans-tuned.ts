import * as tf from '@tensorflow/tfjs';
import { LiveTensor } from '../gpu/ops/live';
import { sizeOf } from '../models/net/graph';
import { Random } from '../recipe/random';
import type { Compression, WeightChange } from './contract';
import { clustersOf } from './parts/clusters';
import { dim, keepEnds, start, tableBits } from './parts/fields';
import { kernelsOf, weightNamed } from './parts/layers';
import { memberTable, shared } from './parts/shared';
import { DEEP_COMPRESSION } from './parts/sharing';
import { tableOf } from './parts/table';

const kmeansTuned: Compression = {
  id: 'kmeans-tuned',
  title: 'Clustering, then fine-tuning',
  oneLine:
    'In the middle of the run each layer’s weights are put into a few groups; what a group shares learns on.',
  params: { start, bits: tableBits, dim, keepEnds },
  cite: [DEEP_COMPRESSION],
  kind: 'during',
  formula: String.raw`c_j = \frac{1}{|G_j|} \sum_{i \in G_j} w_i,\qquad \tilde w_i = c_{g(i)},\qquad g \text{ fixed by k-means when it sets in}`,
  known:
    'The groups are found once, by k-means within each layer, and the shared values are trained on: the paper’s second stage, with its fine-tuning.',
  reading:
    'A shared value learns by the mean of its weights’ gradients, where the paper adds them up: under Adam the two differ little. Groups stay as they were found. It is the control of differentiable k-means, whose groups change while it trains.',
  costs: {
    bytes: 'an index of b bits for each weight (or each few), and a table of 2^b centroids a layer',
    macs: 'as before',
  },
  layers: (graph, params) => kernelsOf(graph, params.keepEnds as boolean),
  during({ graph, weights, seed }, params) {
    let bytes = 0;
    const layers = new Map(
      kernelsOf(graph, params.keepEnds as boolean).map((spec) => {
        const table = tableOf(spec, params);
        bytes += table.bytes;
        const random = Random.from(seed, `compression/${spec.name}`);
        const found = clustersOf(weightNamed(weights, spec.name), table.dim, table.k, random);
        const members = memberTable(found.members, table.k);
        const layer = {
          shape: [...spec.shape],
          vectors: [sizeOf(spec.shape) / table.dim, table.dim] as [number, number],
          members: new LiveTensor(members, [found.members.length, table.k]),
        };
        return [spec.name, layer] as const;
      }),
    );
    const used = (name: string, w: tf.Tensor): tf.Tensor => {
      const layer = layers.get(name);
      if (!layer) throw new Error(`weight ${name} has no groups`);
      const vectors = tf.reshape(w, layer.vectors);
      return tf.reshape(shared(vectors, layer.members.tensor as tf.Tensor2D), layer.shape);
    };
    return {
      names: [...layers.keys()],
      begin: () => undefined,
      settle: () => undefined,
      apply: (name, w) => ({ used: used(name, w), state: null }),
      carry: () => undefined,
      snap: used,
      bytes,
      dispose() {
        for (const { members } of layers.values()) members.dispose();
      },
    } satisfies WeightChange;
  },
};

export default kmeansTuned;
