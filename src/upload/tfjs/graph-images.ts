import type { Margins } from '../../models/net/general';
import { reshaped, transposed, Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import type { Place, Rule } from '../net/convert';
import { CHANNELS_FIRST, CHANNELS_LAST, valuesOf } from '../net/flow';
import type { Flow, ImageAxes } from '../net/flow';
import { channelBias, clip, curve, relu } from '../net/values';
import { boolOf, floatOf, intsOf, stringOf, stringsOf } from './graph-node';
import { sameMargins } from '../net/windows';
import type { SideRule } from '../net/windows';
import type { GraphNode } from './graph-node';

type At = Place<GraphNode>;
export type GraphRule = Rule<GraphNode>;
type Pair = readonly [number, number];

function axesOf(node: GraphNode): ImageAxes {
  const format = stringOf(node, 'data_format', 'NHWC');
  if (format === 'NHWC') return CHANNELS_LAST;
  if (format === 'NCHW') return CHANNELS_FIRST;
  throw new Unfit(`has data_format = ${format}, which is not supported`);
}

/** Two numbers out of four, in the order of the image's axes. */
function pairOf(node: GraphNode, name: string, axes: ImageAxes): Pair {
  const list = intsOf(node, name);
  const pair: Pair = [list[axes.height] ?? 1, list[axes.width] ?? 1];
  if (pair.some((n) => !Number.isInteger(n) || n < 1 || n > 4096))
    throw new Unfit(`has ${name} = [${list.join(', ')}]`);
  return pair;
}

function sidesOf(at: At, flow: Flow, axes: ImageAxes): Pair {
  const shape = at.flows.shape(flow);
  if (shape.length !== 4) throw new Unfit(`needs images, but is given ${shape.length} axes`);
  return [shape[axes.height] as number, shape[axes.width] as number];
}

function marginsOf(
  node: GraphNode,
  axes: ImageAxes,
  sides: Pair,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): Margins {
  const padding = stringOf(node, 'padding', 'VALID');
  if (padding === 'VALID') return [0, 0, 0, 0];
  if (padding === 'SAME') return sameMargins(sides, { kernel, stride, dilation });
  const list = intsOf(node, 'explicit_paddings');
  const side = (axis: number): Pair => [list[2 * axis] ?? 0, list[2 * axis + 1] ?? 0];
  const margins: Margins = [...side(axes.height), ...side(axes.width)];
  if (padding !== 'EXPLICIT' || margins.some((n) => !Number.isInteger(n) || n < 0 || n > 4096))
    throw new Unfit(`has padding = ${padding}`);
  return margins;
}

/** How such margins follow from the sides; null where they do not. */
const ruleOf = (node: GraphNode): SideRule | null =>
  stringOf(node, 'padding', 'VALID') === 'SAME' ? { kind: 'same', before: false } : null;

/** What a fused operator does after its product, besides adding a bias. */
function activated(at: At, flow: Flow, ops: readonly string[], rest: readonly Constant[]): Flow {
  const { flows, name } = at;
  let out = flow;
  const more = [...rest];
  for (const op of ops) {
    const next = `${name}.${op}`;
    if (op === 'Relu') out = relu(flows, next, out) as Flow;
    else if (op === 'Relu6') out = clip(flows, next, out, 0, 6) as Flow;
    else if (op === 'Sigmoid') out = curve(flows, next, out, 'sigmoid') as Flow;
    else if (op === 'Tanh') out = flows.each(next, out, { op: 'tanh' });
    else if (op === 'Elu') out = flows.each(next, out, { op: 'elu', alpha: 1 });
    else if (op === 'LeakyRelu')
      out = flows.each(next, out, {
        op: 'leakyRelu',
        alpha: floatOf(at.step, 'leakyrelu_alpha', 0.2),
      });
    else if (op === 'Prelu') {
      const slopes = more.shift();
      if (!slopes) throw new Unfit('lacks the slopes of its Prelu');
      out = flows.prelu(next, out, slopes);
    } else throw new Unfit(`is fused with ${op}, which is not supported`);
  }
  return out;
}

/** The bias and what follows of a fused operator, from the inputs behind the first two. */
function fusedParts(at: At): {
  readonly bias: Constant | null;
  readonly ops: readonly string[];
  readonly rest: readonly Constant[];
} {
  const ops = stringsOf(at.step, 'fused_ops');
  const extra = at.step.inputs.slice(2).map((_, i) => at.constant(i + 2));
  if (ops[0] !== 'BiasAdd') return { bias: null, ops, rest: extra };
  const [bias, ...rest] = extra;
  if (!bias) throw new Unfit('lacks its bias');
  return { bias: reshaped(bias, [bias.values.length]), ops: ops.slice(1), rest };
}

/** The bias of the next step, where it is nothing but one. */
function following(
  at: At,
  channels: number,
): { readonly step: GraphNode; readonly bias: Constant } | null {
  const after = at.next(['BiasAdd', 'Add', 'AddV2']);
  const bias = after && channelBias(after.other, channels, 0);
  return after && bias ? { step: after.step, bias } : null;
}

const convolution =
  (depthwise: boolean, fused: boolean): GraphRule =>
  (at) => {
    const { step, flows } = at;
    const flow = at.flow(0);
    const filter = at.constant(1);
    const axes = axesOf(step);
    const sides = sidesOf(at, flow, axes);
    const [h = 0, w = 0, inner = 0, outer = 0] = filter.shape;
    if (filter.shape.length !== 4) throw new Unfit(`has a filter of ${filter.shape.length} axes`);
    const channels = flows.shape(flow)[axes.channels] as number;
    // A depthwise filter is [h, w, channels, multiplier]: the channel counts slower, as in our order of filters.
    const weight = depthwise ? reshaped(filter, [h, w, 1, inner * outer]) : filter;
    const groups = depthwise ? inner : channels / inner;
    if (!Number.isInteger(groups) || (depthwise && inner !== channels))
      throw new Unfit(`has a filter for ${inner} channels where there are ${channels}`);
    const [stride, dilation] = [pairOf(step, 'strides', axes), pairOf(step, 'dilations', axes)];
    const margins = marginsOf(step, axes, sides, [h, w], stride, dilation);
    const filters = weight.shape[3] as number;
    const parts = fused ? fusedParts(at) : { bias: null, ops: [], rest: [] };
    const after = fused || axes !== CHANNELS_LAST ? null : following(at, filters);
    const bias = parts.bias ?? after?.bias ?? null;
    const how = { stride, dilation, groups, margins };
    const made = flows.convolve(at.name, flow, axes, valuesOf(weight), bias && valuesOf(bias), how);
    flows.net.follow(made.name, ruleOf(step));
    if (after) at.take(after.step, made);
    return activated(at, made, parts.ops, parts.rest);
  };

/** The gradient of a convolution by its input, which is how TensorFlow writes a transposed one. */
const deconvolution: GraphRule = (at) => {
  const { step, flows } = at;
  const axes = axesOf(step);
  const flow = at.flow(2);
  const filter = at.constant(1);
  const wanted = [...at.constant(0).values];
  const [h = 0, w = 0, filters = 0] = filter.shape;
  const stride = pairOf(step, 'strides', axes);
  const out: Pair = [wanted[axes.height] ?? 0, wanted[axes.width] ?? 0];
  const small = sidesOf(at, flow, axes);
  const margins = marginsOf(step, axes, out, [h, w], stride, [1, 1]);
  const made = flows.onImage(
    at.name,
    flow,
    axes,
    { op: 'deconvolve', filters, kernel: [h, w], stride, margins, bias: false },
    { weight: valuesOf(filter) },
  );
  const found = sidesOf(at, made, axes);
  if (String(found) !== String(out))
    throw new Unfit(
      `makes [${found.join(', ')}] of [${small.join(', ')}] where [${out.join(', ')}] is said`,
    );
  return made;
};

const pool =
  (kind: 'max' | 'mean'): GraphRule =>
  (at) => {
    const axes = axesOf(at.step);
    const flow = at.flow(0);
    const size = pairOf(at.step, 'ksize', axes);
    const stride = pairOf(at.step, 'strides', axes);
    const margins = marginsOf(at.step, axes, sidesOf(at, flow, axes), size, stride, [1, 1]);
    const body = { op: 'window', kind, size, stride, margins, countMargins: false } as const;
    const made = at.flows.onImage(at.name, flow, axes, body);
    at.flows.net.follow(made.name, ruleOf(at.step));
    return made;
  };

const batchNorm: GraphRule = (at) => {
  if (boolOf(at.step, 'is_training')) throw new Unfit('was exported for training');
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => valuesOf(at.constant(i)));
  if (!gamma || !beta || !mean || !variance) throw new Unfit('lacks its statistics');
  const epsilon = floatOf(at.step, 'epsilon', 1e-4);
  const { channels } = axesOf(at.step);
  return at.flows.lastly(at.name, at.flow(0), [channels], true, (value) =>
    at.flows.net.norm(at.name, value, { gamma, beta, mean, variance, epsilon }),
  );
};

const resize =
  (kind: 'bilinear' | 'nearest'): GraphRule =>
  (at) => {
    const [h = 0, w = 0] = at.constant(1).values;
    const corners = boolOf(at.step, 'align_corners');
    const grid = corners
      ? 'align-corners'
      : boolOf(at.step, 'half_pixel_centers')
        ? 'half-pixel'
        : 'asymmetric';
    return at.flows.onImage(at.name, at.flow(0), CHANNELS_LAST, {
      op: 'resize',
      size: [h, w],
      kind,
      grid,
    });
  };

const product =
  (fused: boolean): GraphRule =>
  (at) => {
    const { step, flows } = at;
    if (boolOf(step, 'transpose_a')) throw new Unfit('transposes its input, which mixes rows');
    const flow = at.flow(0);
    const stored = at.constant(1);
    const weight = boolOf(step, 'transpose_b') ? transposed(stored, [1, 0]) : stored;
    const units = weight.shape[1] ?? 0;
    const parts = fused ? fusedParts(at) : { bias: null, ops: [], rest: [] };
    const after = fused ? null : following(at, units);
    const bias = parts.bias ?? after?.bias ?? null;
    const made = flows.dense(at.name, flow, weight, bias && valuesOf(bias));
    flows.net.follow(made.name, ruleOf(step));
    if (after) at.take(after.step, made);
    return activated(at, made, parts.ops, parts.rest);
  };

const bias: GraphRule = (at) => {
  const { channels } = axesOf(at.step);
  const constant = at.constant(1);
  const flow = at.flow(0);
  const behind = flow.axes.length === 4 ? 3 - channels : 0;
  const shape = [constant.values.length, ...Array<number>(behind).fill(1)];
  return at.flows.binary(at.name, 'add', flow, reshaped(constant, shape));
};

export const IMAGE_RULES: readonly (readonly [string, GraphRule])[] = [
  ['Conv2D', convolution(false, false)],
  ['_FusedConv2D', convolution(false, true)],
  ['DepthwiseConv2dNative', convolution(true, false)],
  ['DepthwiseConv2d', convolution(true, false)],
  ['FusedDepthwiseConv2dNative', convolution(true, true)],
  ['_FusedDepthwiseConv2dNative', convolution(true, true)],
  ['Conv2DBackpropInput', deconvolution],
  ['MaxPool', pool('max')],
  ['AvgPool', pool('mean')],
  ['FusedBatchNorm', batchNorm],
  ['FusedBatchNormV2', batchNorm],
  ['FusedBatchNormV3', batchNorm],
  ['ResizeBilinear', resize('bilinear')],
  ['ResizeNearestNeighbor', resize('nearest')],
  ['MatMul', product(false)],
  ['_FusedMatMul', product(true)],
  ['BiasAdd', bias],
];
