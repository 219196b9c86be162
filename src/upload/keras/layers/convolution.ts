import { sizeOf } from '../../../models/net/graph';
import type { Values } from '../../net/builder';
import { sameMargins } from '../../net/windows';
import type { SideRule } from '../../net/windows';
import { activated } from './activation';
import { reshaped } from './rule';
import type { LayerUse, Rules, Wanted } from './rule';

/** What all convolutions have: kernel, stride, dilation and margins on an image of [height, width, channels]. */
function framed(use: LayerUse) {
  const { settings, builder } = use;
  const image = use.image();
  const [h, w, channels] = builder.shape(image) as [number, number, number];
  const kernel = settings.pair('kernel_size', 1);
  const stride = settings.pair('strides', 1, [1, 1]);
  const dilation = settings.pair('dilation_rate', 1, [1, 1]);
  const same = settings.choice('padding', ['valid', 'same'], 'valid') === 'same';
  const sliding = { kernel, stride, dilation };
  const margins = same ? sameMargins([h, w], sliding) : ([0, 0, 0, 0] as const);
  const rule: SideRule | null = same ? { kind: 'same', before: false } : null;
  for (const [side, i] of [
    [h, 0],
    [w, 1],
  ] as const)
    if (!same && use.kind !== 'Conv2DTranspose' && (kernel[i] - 1) * dilation[i] >= side)
      throw use.wrong(`its kernel of ${kernel.join(' x ')} does not fit into ${h} x ${w} pixels`);
  return { image, h, w, channels, kernel, stride, dilation, same, margins, rule };
}

const biasOf = (use: LayerUse, filters: number): readonly Wanted[] =>
  use.settings.flag('use_bias', true) ? [{ part: 'bias', shape: [filters] }] : [];

/** Kernel [h, w, channels / groups, filters]. */
async function conv2d(use: LayerUse): Promise<string> {
  const { image, channels, kernel, stride, dilation, margins, rule } = framed(use);
  const filters = use.settings.whole('filters', 1);
  const groups = use.settings.whole('groups', 1, 1);
  const shape = [...kernel, channels / groups, filters];
  if (channels % groups !== 0)
    throw use.wrong(`${channels} channels do not part into ${groups} groups`);
  const [weight, bias] = await use.weights([{ part: 'kernel', shape }, ...biasOf(use, filters)]);
  const y = use.builder.conv(use.name, image, weight as Values, bias ?? null, {
    stride,
    dilation,
    groups,
    margins,
  });
  return activated(use, use.back(use.builder.follow(y, rule)));
}

/** Kernel [h, w, channels, multiplier]: filter c * multiplier + m reads channel c, which is grouped convolution's order. */
async function depthwise(use: LayerUse): Promise<string> {
  const { image, channels, kernel, stride, dilation, margins, rule } = framed(use);
  const multiplier = use.settings.whole('depth_multiplier', 1, 1);
  const filters = channels * multiplier;
  const [weight, bias] = await use.weights([
    { part: 'depthwise_kernel', also: 'kernel', shape: [...kernel, channels, multiplier] },
    ...biasOf(use, filters),
  ]);
  const y = use.builder.conv(
    use.name,
    image,
    reshaped(weight as Values, [...kernel, 1, filters]),
    bias ?? null,
    { stride, dilation, groups: channels, margins },
  );
  return activated(use, use.back(use.builder.follow(y, rule)));
}

/** A depthwise convolution without a bias, then one of 1x1. */
async function separable(use: LayerUse): Promise<string> {
  const { image, channels, kernel, stride, dilation, margins, rule } = framed(use);
  const multiplier = use.settings.whole('depth_multiplier', 1, 1);
  const filters = use.settings.whole('filters', 1);
  const between = channels * multiplier;
  const [depth, point, bias] = await use.weights([
    { part: 'depthwise_kernel', shape: [...kernel, channels, multiplier] },
    { part: 'pointwise_kernel', shape: [1, 1, between, filters] },
    ...biasOf(use, filters),
  ]);
  const within = use.builder.conv(
    `${use.name}/depthwise`,
    image,
    reshaped(depth as Values, [...kernel, 1, between]),
    null,
    { stride, dilation, groups: channels, margins },
  );
  use.builder.follow(within, rule);
  const y = use.builder.conv(use.name, within, point as Values, bias ?? null);
  return activated(use, use.back(y));
}

/**
 * Kernel [h, w, filters, channels]. "valid" gives (side - 1) stride + max(kernel, stride) places, "same" side * stride.
 * A kernel shorter than its stride is lengthened with zeros, so that both hold for it too.
 */
async function transposed(use: LayerUse): Promise<string> {
  const { image, channels, kernel, stride, dilation, same } = framed(use);
  const filters = use.settings.whole('filters', 1);
  if (use.settings.get('output_padding') !== null)
    throw use.wrong('it has an output_padding, which is not read');
  if (dilation[0] !== 1 || dilation[1] !== 1)
    throw use.wrong('it is a dilated transposed convolution, which is not read');
  if (use.settings.whole('groups', 1, 1) !== 1)
    throw use.wrong('it is a grouped transposed convolution, which is not read');
  const [given, bias] = await use.weights([
    { part: 'kernel', shape: [...kernel, filters, channels] },
    ...biasOf(use, filters),
  ]);
  const size = [Math.max(kernel[0], stride[0]), Math.max(kernel[1], stride[1])] as const;
  if (sizeOf([...size, filters, channels]) > LONGEST)
    throw use.wrong(`its strides are ${stride.join(' x ')}, which is more than is read`);
  const weight = lengthened(given as Values, size);
  const around = (i: 0 | 1): [number, number] => {
    const cut = same ? Math.max(0, size[i] - stride[i]) : 0;
    return [Math.floor(cut / 2), Math.ceil(cut / 2)];
  };
  const y = use.builder.add(
    use.name,
    image,
    {
      op: 'deconvolve',
      filters,
      kernel: size,
      stride,
      margins: [...around(0), ...around(1)],
      bias: bias !== undefined,
    },
    { weight, ...(bias && { bias }) },
  );
  return activated(use, use.back(y));
}

/** Numbers of a kernel that is lengthened: enough for every stride that a network has. */
const LONGEST = 1 << 24;

/** A kernel with zeros below and to the right. */
function lengthened(weight: Values, size: readonly [number, number]): Values {
  const [h, w, filters, channels] = weight.shape as [number, number, number, number];
  if (h === size[0] && w === size[1]) return weight;
  const row = filters * channels;
  const values = new Float32Array(size[0] * size[1] * row);
  for (let i = 0; i < h; i++)
    values.set(weight.values.subarray(i * w * row, (i + 1) * w * row), i * size[1] * row);
  return { shape: [...size, filters, channels], values };
}

/** Kernel [features, units] over the last axis. */
async function dense(use: LayerUse): Promise<string> {
  const units = use.settings.whole('units', 1);
  const features = use.builder.shape(use.input).at(-1) ?? 1;
  const [weight, bias] = await use.weights([
    { part: 'kernel', shape: [features, units] },
    ...biasOf(use, units),
  ]);
  return activated(use, use.builder.dense(use.name, use.input, weight as Values, bias ?? null));
}

export const CONVOLUTIONS: Rules = [
  ['Conv2D', conv2d],
  ['Convolution2D', conv2d],
  ['DepthwiseConv2D', depthwise],
  ['SeparableConv2D', separable],
  ['SeparableConvolution2D', separable],
  ['Conv2DTranspose', transposed],
  ['Convolution2DTranspose', transposed],
  ['Dense', dense],
];
