import { UserError } from '../recipe/errors';
import type { Compression } from './contract';
import { start } from './parts/fields';
import { importance, innerLayers, largest, narrowed } from './parts/narrow';

const filters: Compression = {
  id: 'filters',
  title: 'Filter pruning',
  oneLine: 'Whole channels are taken out, and the narrower student learns on.',
  params: {
    start,
    share: {
      kind: 'number',
      label: 'Channels out',
      help: 'Share of the channels that goes, in each layer that only one other layer reads.',
      default: 0.5,
      min: 0.05,
      max: 0.95,
      step: 0.05,
    },
    by: {
      kind: 'choice',
      label: 'Goes first',
      help: 'By which measure the least important channels are found.',
      default: 'weights',
      options: [
        { value: 'weights', label: 'smallest weights' },
        { value: 'gamma', label: 'smallest batch norm scale' },
      ],
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'H. Li, A. Kadav, I. Durdanovic, H. Samet, H. P. Graf',
      year: 2017,
      title: 'Pruning Filters for Efficient ConvNets',
      venue: 'ICLR 2017, section 3',
      url: 'https://arxiv.org/abs/1608.08710',
    },
    {
      authors: 'Z. Liu, J. Li, Z. Shen, G. Huang, S. Yan, C. Zhang',
      year: 2017,
      title: 'Learning Efficient Convolutional Networks through Network Slimming',
      venue: 'ICCV 2017, section 3',
      url: 'https://arxiv.org/abs/1708.06519',
    },
  ],
  kind: 'rebuild',
  formula: String.raw`K = \mathrm{top}_{(1-s)n}\!\left(\textstyle\sum |W_{:,c}|\right)\ \text{or}\ \mathrm{top}_{(1-s)n}\!\left(|\gamma_c|\right),\qquad \tilde W = W_{:,K}`,
  known:
    'A filter goes with its feature map and with the next layer’s weights for it, so that arithmetic and size shrink on any hardware.',
  reading:
    'Only channels between two layers go, never those of a residual sum. Each layer loses the same share; network slimming ranks all layers together and trains the scales to be sparse first. Units of dense layers count as channels.',
  costs: {
    bytes: 'four for each number of the narrower network',
    macs: 'fewer: those of the channels that are gone, in two layers each',
  },
  layers: () => [],
  rebuild({ graph, weights }, params, tapped) {
    const inner = innerLayers(graph, tapped);
    if (inner.length === 0)
      throw new UserError(
        'E_COMPRESSION',
        'The student has no channels that could be taken out: each is added to others, or read by the method.',
        'Choose another model, a method that reads no inner outputs, or another compression.',
      );
    const by = params.by as 'gamma' | 'weights';
    const left = 1 - (params.share as number);
    return narrowed(
      graph,
      weights,
      new Map(
        inner.map((layer) => [
          layer,
          largest(importance(layer, weights, by), Math.max(1, Math.round(left * layer.channels))),
        ]),
      ),
    );
  },
};

export default filters;
