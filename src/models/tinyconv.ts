import type { Model } from './contract';
import { GraphBuilder } from './net/graph';

/** Strided 3x3 convolutions with batch norm and ReLU, global average pooling, a linear head. */
const tinyconv: Model = {
  id: 'tinyconv',
  title: 'Tiny convnet',
  oneLine: 'A few strided 3x3 convolutions: the smallest network that sees images.',
  params: {
    widths: {
      kind: 'list',
      label: 'Widths',
      help: 'Channels of each convolution; every one halves the image.',
      default: [8, 16, 32],
      minLength: 1,
      maxLength: 4,
      min: 1,
      max: 128,
      advanced: true,
    },
  },
  cite: [],
  inputs: ['image'],
  graph(input, classes, params) {
    const b = new GraphBuilder();
    const taps: Record<string, string> = {};
    let at = 'input';
    for (const [index, width] of (params.widths as readonly number[]).entries()) {
      const name = `layer${index + 1}`;
      const conv = b.conv(`${name}.conv`, at, width, 3, 2);
      at = b.activate('relu', `${name}.out`, b.norm(`${name}.norm`, conv));
      taps[name] = at;
    }
    const pooled = b.pool('pool', at);
    taps.pool = pooled;
    return { input, nodes: b.nodes, output: b.dense('head', pooled, classes), taps };
  },
};

export default tinyconv;
