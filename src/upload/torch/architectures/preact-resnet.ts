import { ANY_SIZE, shapeWith } from './contract';
import type { Family, Proposal, Shapes } from './contract';
import type { NetBuilder } from '../../net/builder';
import type { TorchLayers } from './layers';

const HEADS = ['linear', 'fc'] as const;

interface Found {
  readonly head: string;
  readonly counts: readonly number[];
}

/** Blocks of each layer, or null where names and shapes are of another network. */
function found(shapes: Shapes): Found | null {
  const stem = shapeWith(shapes, 'conv1.weight', 4);
  const head = HEADS.find((name) => shapes.has(`${name}.weight`));
  // Such a network has no batch norm of its own, or else it is another kind.
  if (!stem || !head || stem[2] !== 3 || shapes.has('bn1.running_mean')) return null;
  let channels = stem[0] as number;
  const counts: number[] = [];
  for (;;) {
    const layer = `layer${counts.length + 1}`;
    let count = 0;
    for (; shapes.has(`${layer}.${count}.conv1.weight`); count += 1) {
      const name = `${layer}.${count}`;
      const first = shapeWith(shapes, `${name}.conv1.weight`, 4);
      const second = shapeWith(shapes, `${name}.conv2.weight`, 4);
      if (shapes.has(`${name}.conv3.weight`)) return null;
      if (shapes.get(`${name}.bn1.running_mean`)?.[0] !== channels) return null;
      if (!first || !second || first[1] !== channels || second[1] !== first[0]) return null;
      const out = second[0] as number;
      if (out !== channels && !shapes.has(`${name}.shortcut.0.weight`)) return null;
      channels = out;
    }
    if (count === 0) break;
    counts.push(count);
  }
  const fits = shapeWith(shapes, `${head}.weight`, 2)?.[1] === channels;
  return counts.length > 0 && fits ? { head, counts } : null;
}

/** ResNets with activations before convolutions (He et al. 2016b), in the naming of the usual small ResNets. */
export const preactResnet: Family = {
  propose(shapes): Proposal | null {
    const net = found(shapes);
    if (!net) return null;
    const stem = shapes.get('conv1.weight') as readonly number[];
    const depth = 2 + net.counts.reduce((sum, n) => sum + 2 * n, 0);
    return {
      title: `pre-activation ResNet-${depth} for small images`,
      reason: `its tensors are named conv1, layer1.0.bn1 and so on to ${net.head}, each first batch norm of a block has the channels that come in, and there is none behind the stem`,
      assumed: [
        'Names do not tell steps: the first convolution was taken to have step 1, and the first block of every layer after the first step 2.',
        'No ReLU was put between the last block and the mean over the image, as there is no batch norm for one.',
        ANY_SIZE,
      ],
      rank: 1,
      input: [32, 32, stem[1] as number],
      layout: 'NCHW',
      anySize: true,
      build: (builder, layers) => build(builder, layers, net),
    };
  },
};

function build(net: NetBuilder, layers: TorchLayers, { head, counts }: Found): string {
  let at = layers.conv('conv1', 'input');
  net.tap('conv1', at);
  for (const [index, count] of counts.entries()) {
    const layer = `layer${index + 1}`;
    for (let block = 0; block < count; block += 1) {
      const name = `${layer}.${block}`;
      const projects = layers.has(`${name}.shortcut.0.weight`);
      const stride = index > 0 && block === 0 && projects ? 2 : 1;
      const active = layers.relu(`${name}.relu1`, layers.norm(`${name}.bn1`, at));
      const inner = layers.norm(`${name}.bn2`, layers.conv(`${name}.conv1`, active, stride));
      const end = layers.conv(`${name}.conv2`, layers.relu(`${name}.relu2`, inner));
      const short = projects ? layers.conv(`${name}.shortcut.0`, active, stride, 0) : at;
      at = layers.add(`${name}.sum`, end, short);
      net.tap(name, at);
    }
    net.tap(layer, at);
  }
  const pooled = layers.pool('avgpool', at);
  net.tap('avgpool', pooled);
  return layers.dense(head, pooled);
}
