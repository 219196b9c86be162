import { ANY_SIZE, shapeWith } from './contract';
import type { Family, Proposal, Shapes } from './contract';
import type { NetBuilder } from '../../net/builder';
import type { TorchLayers } from './layers';

/** Blocks of each of the three groups, or null where names and shapes are of another network. */
function blocksOf(shapes: Shapes): readonly number[] | null {
  const stem = shapeWith(shapes, 'conv1.weight', 4);
  const head = shapeWith(shapes, 'fc.weight', 2);
  if (!stem || !head || stem[2] !== 3 || stem[3] !== 3) return null;
  let channels = stem[0] as number;
  const counts: number[] = [];
  for (let group = 1; shapes.has(`block${group}.layer.0.conv1.weight`); group += 1) {
    let count = 0;
    for (; shapes.has(`block${group}.layer.${count}.conv1.weight`); count += 1) {
      const name = `block${group}.layer.${count}`;
      const first = shapeWith(shapes, `${name}.conv1.weight`, 4);
      const second = shapeWith(shapes, `${name}.conv2.weight`, 4);
      // Activations come first: the first batch norm has the channels that come in.
      if (shapes.get(`${name}.bn1.running_mean`)?.[0] !== channels) return null;
      if (!first || !second || first[1] !== channels || second[1] !== first[0]) return null;
      const changes = channels !== second[0];
      channels = second[0] as number;
      if (changes !== shapes.has(`${name}.convShortcut.weight`)) return null;
    }
    counts.push(count);
  }
  const fits = shapes.get('bn1.running_mean')?.[0] === channels && head[1] === channels;
  return counts.length > 0 && fits ? counts : null;
}

/** Wide ResNets (Zagoruyko and Komodakis 2016): activations before convolutions, groups named block1 to block3. */
export const wideResnet: Family = {
  propose(shapes): Proposal | null {
    const counts = blocksOf(shapes);
    if (!counts) return null;
    const stem = shapes.get('conv1.weight') as readonly number[];
    const width = shapes.get('block1.layer.0.conv1.weight')?.[0] as number;
    const depth = 4 + counts.reduce((sum, n) => sum + 2 * n, 0);
    const times = width / 16;
    return {
      title: `WRN-${depth}-${Number.isInteger(times) ? times : `(${width} channels)`}`,
      reason: `its tensors are named conv1, block1.layer.0.bn1 and so on to bn1 and fc, with batch norm before every convolution`,
      assumed: [
        'Names do not tell steps: the first convolution was taken to have step 1, and the first block of every group after the first step 2.',
        ANY_SIZE,
      ],
      rank: 1,
      input: [32, 32, stem[1] as number],
      layout: 'NCHW',
      anySize: true,
      build: (net, layers) => build(net, layers, counts),
    };
  },
};

function build(net: NetBuilder, layers: TorchLayers, counts: readonly number[]): string {
  let at = layers.conv('conv1', 'input');
  net.tap('conv1', at);
  for (const [index, count] of counts.entries()) {
    const group = `block${index + 1}`;
    for (let block = 0; block < count; block += 1) {
      const name = `${group}.layer.${block}`;
      const stride = index > 0 && block === 0 ? 2 : 1;
      const active = layers.relu(`${name}.relu1`, layers.norm(`${name}.bn1`, at));
      const inner = layers.norm(`${name}.bn2`, layers.conv(`${name}.conv1`, active, stride));
      const end = layers.conv(`${name}.conv2`, layers.relu(`${name}.relu2`, inner));
      const changes = layers.has(`${name}.convShortcut.weight`);
      const short = changes ? layers.conv(`${name}.convShortcut`, active, stride, 0) : at;
      at = layers.add(`${name}.sum`, end, short);
      net.tap(name, at);
    }
    net.tap(group, at);
  }
  at = layers.relu('relu', layers.norm('bn1', at));
  const pooled = layers.pool('avgpool', at);
  net.tap('avgpool', pooled);
  return layers.dense('fc', pooled);
}
