import { shapeWith } from './contract';
import type { Shapes } from './contract';
import type { NetBuilder } from '../../net/builder';
import type { TorchLayers } from './layers';

/** A block of a ResNet: two 3x3 convolutions, or 1x1, 3x3, 1x1; batch norm and ReLU after each (before the sum none). */
interface Block {
  readonly name: string;
  readonly stride: number;
  readonly deep: boolean;
  /** How the input gets to the block's shape. */
  readonly shortcut: 'same' | 'convolution' | 'padding';
  readonly channels: number;
}

/** A ResNet in the usual naming: conv1, bn1, layerS.B.convN, layerS.B.bnN, and a head. */
export interface Residual {
  /** Side of the first kernel, and its filters and channels. */
  readonly stem: readonly [kernel: number, filters: number, channels: number];
  readonly layers: readonly (readonly Block[])[];
  readonly deep: boolean;
  readonly classes: number;
  readonly padding: boolean;
  /** Layers with weights as their papers count them: convolutions off the shortcuts, and the head. */
  readonly depth: number;
}

export interface Naming {
  readonly head: string;
  readonly shortcut: string;
}

/**
 * Reads a ResNet off names and shapes; null where they are of another network.
 *
 * @param naming what the head and the convolutions on shortcuts are called
 */
export function residualOf(shapes: Shapes, { head, shortcut }: Naming): Residual | null {
  const stem = shapeWith(shapes, 'conv1.weight', 4);
  const dense = shapeWith(shapes, `${head}.weight`, 2);
  if (!stem || !dense || !shapes.has('bn1.running_mean')) return null;
  const [filters, inputs, kernel, other] = stem as readonly [number, number, number, number];
  if (kernel !== other || kernel % 2 === 0) return null;
  const layers: Block[][] = [];
  let channels = filters;
  for (;;) {
    const layer = layers.length + 1;
    const blocks: Block[] = [];
    for (;;) {
      const block = blockOf(shapes, `layer${layer}.${blocks.length}`, shortcut, channels, {
        first: blocks.length === 0 && layer > 1,
      });
      if (block === 'none') break;
      if (!block) return null;
      blocks.push(block);
      channels = block.channels;
    }
    if (blocks.length === 0) break;
    layers.push(blocks);
  }
  const blocks = layers.flat();
  const [first] = blocks;
  if (!first || dense[1] !== channels) return null;
  if (blocks.some(({ deep }) => deep !== first.deep)) return null;
  return {
    stem: [kernel, filters, inputs],
    layers,
    deep: first.deep,
    classes: dense[0] as number,
    padding: blocks.some((block) => block.shortcut === 'padding'),
    depth: 2 + blocks.length * (first.deep ? 3 : 2),
  };
}

/** @returns 'none' where there is no such block, null where it is none of ours */
function blockOf(
  shapes: Shapes,
  name: string,
  shortcut: string,
  before: number,
  { first }: { readonly first: boolean },
): Block | 'none' | null {
  if (!shapes.has(`${name}.conv1.weight`)) return 'none';
  const deep = shapes.has(`${name}.conv3.weight`);
  const convs = (deep ? [1, 2, 3] : [1, 2]).map((n) =>
    shapeWith(shapes, `${name}.conv${n}.weight`, 4),
  );
  if (
    convs.some((conv, n) => !conv || shapes.get(`${name}.bn${n + 1}.running_mean`)?.[0] !== conv[0])
  )
    return null;
  if (shapes.has(`${name}.conv4.weight`) || convs[0]?.[1] !== before) return null;
  const kernels = convs.map((conv) => conv?.[2]);
  if (String(kernels) !== (deep ? '1,3,1' : '3,3')) return null;
  const channels = convs.at(-1)?.[0] as number;
  const projected = shapes.has(`${name}.${shortcut}.0.weight`);
  // A step of two needs a way for the input to follow; without one and without new channels there is none.
  const widens = channels !== before;
  return {
    name,
    stride: first && (projected || widens) ? 2 : 1,
    deep,
    shortcut: projected ? 'convolution' : widens ? 'padding' : 'same',
    channels,
  };
}

/**
 * Writes it, from stem to head.
 *
 * @param large whether it is for large images: a stem of step 2 and a max pool behind it
 */
export function buildResidual(
  net: NetBuilder,
  layers: TorchLayers,
  residual: Residual,
  naming: Naming,
  large: boolean,
): string {
  let at = layers.norm('bn1', layers.conv('conv1', 'input', large ? 2 : 1));
  at = layers.relu('relu', at);
  net.tap('conv1', at);
  if (large) at = layers.maxPool('maxpool', at, 3, 2, 1);
  for (const [index, blocks] of residual.layers.entries()) {
    for (const block of blocks) {
      at = buildBlock(net, layers, at, block, naming);
      net.tap(block.name, at);
    }
    net.tap(`layer${index + 1}`, at);
  }
  const pooled = layers.pool('avgpool', at);
  net.tap('avgpool', pooled);
  return layers.dense(naming.head, pooled);
}

function buildBlock(
  net: NetBuilder,
  layers: TorchLayers,
  input: string,
  { name, stride, deep, shortcut, channels }: Block,
  naming: Naming,
): string {
  const part = (n: number, from: string, step: number) =>
    layers.norm(`${name}.bn${n}`, layers.conv(`${name}.conv${n}`, from, step));
  let at = layers.relu(`${name}.relu1`, part(1, input, deep ? 1 : stride));
  at = part(2, at, deep ? stride : 1);
  if (deep) at = part(3, layers.relu(`${name}.relu2`, at), 1);
  const short = `${name}.${naming.shortcut}`;
  const other =
    shortcut === 'same'
      ? input
      : shortcut === 'padding'
        ? padded(net, short, input, stride, channels)
        : projected(layers, short, input, stride);
  return layers.relu(`${name}.out`, layers.add(`${name}.sum`, at, other));
}

function projected(layers: TorchLayers, name: string, input: string, stride: number): string {
  const conv = layers.conv(`${name}.0`, input, stride, 0);
  return layers.has(`${name}.1.running_mean`) ? layers.norm(`${name}.1`, conv) : conv;
}

/** A shortcut without weights (option A of He et al. 2016): every second pixel, and zero channels on both sides. */
function padded(
  net: NetBuilder,
  name: string,
  input: string,
  stride: number,
  channels: number,
): string {
  const [h, w, c] = net.shape(input) as readonly [number, number, number];
  const size = [Math.ceil(h / stride), Math.ceil(w / stride), c];
  const thinned =
    stride === 1
      ? input
      : net.add(`${name}.thin`, input, {
          op: 'slice',
          begin: [0, 0, 0],
          size,
          step: [stride, stride, 1],
        });
  const before = Math.floor((channels - c) / 2);
  const pads = [
    [0, 0],
    [0, 0],
    [before, channels - c - before],
  ] as const;
  return net.add(`${name}.pad`, thinned, { op: 'pad', pads, value: 0 });
}
