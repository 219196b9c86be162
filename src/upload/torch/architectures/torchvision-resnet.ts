import { ANY_SIZE, pluralOf } from './contract';
import type { Family, Proposal } from './contract';
import { buildResidual, residualOf } from './residual';

const NAMING = { head: 'fc', shortcut: 'downsample' } as const;

/**
 * ResNets whose head is called fc and whose shortcuts are called downsample: with a 7x7 stem, step 2 and a max pool for
 * large images, or with a 3x3 stem for small ones.
 */
export const torchvisionResnet: Family = {
  propose(shapes): Proposal | null {
    const found = residualOf(shapes, NAMING);
    if (!found) return null;
    const [kernel, filters, channels] = found.stem;
    if (kernel !== 3 && kernel !== 7) return null;
    const large = kernel === 7;
    const side = large ? 224 : 32;
    const blocks = found.layers.map((layer) => layer.length);
    return {
      title: `ResNet-${found.depth} for ${large ? 'large' : 'small'} images`,
      reason: `its tensors are named conv1, bn1, layer1.0.conv1, layer2.0.downsample.0 and so on to fc: ${pluralOf(blocks.length, 'layer')} of ${blocks.join(', ')} ${found.deep ? 'bottleneck' : 'basic'} blocks, ${filters} channels after a ${kernel}x${kernel} stem`,
      assumed: [
        large
          ? 'Names do not tell steps: the 7x7 stem was taken to have step 2 and a 3x3 max pool of step 2 behind it, and the first block of every layer after the first step 2.'
          : 'Names do not tell steps: the 3x3 stem was taken to have step 1 and no max pool behind it, and the first block of every layer after the first step 2.',
        ...(found.deep
          ? ['In bottleneck blocks the 3x3 convolution was taken to be the one with step 2.']
          : []),
        large ? `Its inputs were taken to be images of ${side} by ${side} pixels.` : ANY_SIZE,
      ],
      rank: 1,
      input: [side, side, channels],
      layout: 'NCHW',
      anySize: !large,
      build: (net, layers) => buildResidual(net, layers, found, NAMING, large),
    };
  },
};
