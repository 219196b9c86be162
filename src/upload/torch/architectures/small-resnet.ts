import { ANY_SIZE, pluralOf } from './contract';
import type { Family, Proposal } from './contract';
import { buildResidual, residualOf } from './residual';

const NAMING = { head: 'linear', shortcut: 'shortcut' } as const;

/**
 * ResNets for small images whose head is called linear and whose shortcuts are called shortcut: those of three layers with
 * 6n+2 weights (He et al. 2016, section 4.2), and those of four layers with the larger networks' widths.
 */
export const smallResnet: Family = {
  propose(shapes): Proposal | null {
    const found = residualOf(shapes, NAMING);
    if (!found) return null;
    const [kernel, filters, channels] = found.stem;
    if (kernel !== 3) return null;
    const blocks = found.layers.map((layer) => layer.length);
    const shortcut = found.padding
      ? 'shortcuts without weights'
      : 'shortcuts of convolutions where the shape changes';
    return {
      title: `ResNet-${found.depth} for small images`,
      reason: `its tensors are named conv1, bn1, layer1.0.conv1 and so on to linear: ${pluralOf(blocks.length, 'layer')} of ${blocks.join(', ')} ${found.deep ? 'bottleneck' : 'basic'} blocks, ${filters} channels after a 3x3 stem, ${shortcut}`,
      assumed: [
        'Names do not tell steps: the first convolution was taken to have step 1, and the first block of every layer after the first step 2.',
        ...(found.padding
          ? [
              'Where channels are added without a convolution, every second pixel was taken and half of the new channels were put before and half behind, as zeros (option A).',
            ]
          : []),
        ANY_SIZE,
      ],
      rank: found.layers.length === 3 || found.layers.length === 4 ? 1 : 0.5,
      input: [32, 32, channels],
      layout: 'NCHW',
      anySize: true,
      build: (net, layers) => buildResidual(net, layers, found, NAMING, false),
    };
  },
};
