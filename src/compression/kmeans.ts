import { Random } from '../recipe/random';
import type { Compression } from './contract';
import { clustersOf, restored } from './parts/clusters';
import { dim, keepEnds, tableBits } from './parts/fields';
import { kernelsOf, weightNamed } from './parts/layers';
import { DEEP_COMPRESSION } from './parts/sharing';
import { tableOf } from './parts/table';

const kmeans: Compression = {
  id: 'kmeans',
  title: 'Clustering after training',
  oneLine: 'The trained weights of each layer are replaced by a few shared values.',
  params: { bits: tableBits, dim, keepEnds },
  cite: [DEEP_COMPRESSION],
  kind: 'after',
  formula: String.raw`\min_C \sum_i \min_j \|w_i - c_j\|^2,\qquad \tilde w_i = c_{\arg\min_j \|w_i - c_j\|}`,
  known: 'Weight sharing by k-means within each layer, as in the paper’s second stage.',
  reading:
    'Single weights are clustered exactly; vectors by Lloyd’s algorithm from three k-means++ starts, where the paper spreads its starting points evenly. Nothing is trained afterwards, where the paper fine-tunes: for that, see clustering with fine-tuning.',
  costs: {
    bytes: 'an index of b bits for each weight (or each few), and a table of 2^b centroids a layer',
    macs: 'as before',
  },
  layers: (graph, params) => kernelsOf(graph, params.keepEnds as boolean),
  after({ graph, weights, seed }, params) {
    const found = new Map<string, Float32Array>();
    let bytes = 0;
    for (const spec of kernelsOf(graph, params.keepEnds as boolean)) {
      const table = tableOf(spec, params);
      const random = Random.from(seed, `compression/${spec.name}`);
      const values = weightNamed(weights, spec.name);
      const clusters = clustersOf(values, table.dim, table.k, random);
      found.set(spec.name, restored(table.dim, clusters));
      bytes += table.bytes;
    }
    return { weights: found, bytes };
  },
};

export default kmeans;
