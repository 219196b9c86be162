import type { Margins } from '../../models/net/general';
import { constantOf, reshaped, transposed, Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import { CHANNELS_FIRST, scalar, valuesOf } from '../net/flow';
import type { Flow } from '../net/flow';
import { channelBias } from '../net/values';
import { ceilMargins, nearestGrid, sameMargins } from '../net/windows';
import type { SideRule } from '../net/windows';
import { axisOf, floatOf, intOf, intsOf, listOf, only, textOf } from './attributes';
import type { At, OnnxRule } from './attributes';

type Pair = readonly [number, number];

function pairOf(at: At, name: string, usual: number): Pair {
  const list = intsOf(at, name);
  if (!list) return [usual, usual];
  const [a, b] = list;
  if (list.length !== 2 || a === undefined || b === undefined)
    throw new Unfit(
      `has ${list.length} numbers as ${name}: only images of two sides are supported`,
    );
  if (![a, b].every((n) => Number.isInteger(n) && n >= 1 && n <= 4096))
    throw new Unfit(`has ${name} = [${a}, ${b}]`);
  return [a, b];
}

const sidesOf = (at: At, flow: Flow): Pair => {
  const shape = at.flows.shape(flow);
  if (shape.length !== 4)
    throw new Unfit(
      `works on a value of ${shape.length} axes: only images of two sides are supported`,
    );
  return [shape[2] as number, shape[3] as number];
};

/** Margins as top, bottom, left, right, from pads or auto_pad. */
function marginsOf(at: At, sides: Pair, kernel: Pair, stride: Pair, dilation: Pair): Margins {
  const auto = textOf(at, 'auto_pad', 'NOTSET');
  if (auto === 'VALID') return [0, 0, 0, 0];
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER')
    return sameMargins(sides, { kernel, stride, dilation }, auto === 'SAME_LOWER');
  if (auto !== 'NOTSET' && auto !== '') throw new Unfit(`has auto_pad = ${auto}`);
  const pads = intsOf(at, 'pads') ?? [0, 0, 0, 0];
  const [top, left, bottom, right] = pads;
  if (pads.length !== 4 || pads.some((n) => !Number.isInteger(n) || n < 0 || n > 4096))
    throw new Unfit(`has pads = [${pads.join(', ')}]`);
  return [top as number, bottom as number, left as number, right as number];
}

/** How such margins follow from the sides; null where they do not. */
function ruleOf(at: At): SideRule | null {
  const auto = textOf(at, 'auto_pad', 'NOTSET');
  return auto.startsWith('SAME') ? { kind: 'same', before: auto === 'SAME_LOWER' } : null;
}

const convolution: OnnxRule = (at) => {
  const flow = at.flow(0);
  const weight = at.constant(1);
  if (weight.shape.length !== 4)
    throw new Unfit(
      `has a kernel of ${Math.max(0, weight.shape.length - 2)} sides: only images of two sides are supported`,
    );
  const [filters = 0, , h = 0, w = 0] = weight.shape;
  const stride = pairOf(at, 'strides', 1);
  const dilation = pairOf(at, 'dilations', 1);
  const groups = intOf(at, 'group', 1);
  const margins = marginsOf(at, sidesOf(at, flow), [h, w], stride, dilation);
  const after = at.count < 3 ? at.next(['Add']) : null;
  const extra = after && channelBias(after.other, filters, 2);
  const bias = at.optional(2) ?? extra;
  const made = at.flows.convolve(
    at.name,
    flow,
    CHANNELS_FIRST,
    valuesOf(transposed(weight, [2, 3, 1, 0])),
    bias && valuesOf(bias),
    { stride, dilation, groups, margins },
  );
  at.flows.net.follow(made.name, ruleOf(at));
  if (after && extra) at.take(after.step, made);
  return made;
};

const deconvolution: OnnxRule = (at) => {
  only(at, 'group', 1);
  const flow = at.flow(0);
  const weight = at.constant(1);
  const bias = at.optional(2);
  const [, filters = 0, h = 0, w = 0] = weight.shape;
  if (weight.shape.length !== 4) throw new Unfit('works on other than images of two sides');
  if (intsOf(at, 'output_shape')) throw new Unfit('has an output_shape, which is not supported');
  const dilations = intsOf(at, 'dilations') ?? [];
  if (dilations.some((n) => n !== 1)) throw new Unfit('has dilations, which are not supported');
  const auto = textOf(at, 'auto_pad', 'NOTSET');
  if (auto.startsWith('SAME')) throw new Unfit(`has auto_pad = ${auto}, which is not supported`);
  const stride = pairOf(at, 'strides', 1);
  const [top, bottom, left, right] = marginsOf(at, sidesOf(at, flow), [h, w], stride, [1, 1]);
  const [below = 0, beside = 0] = intsOf(at, 'output_padding') ?? [];
  // What is added at the end is cut off less; where nothing is left to cut, it is zeros and the bias.
  const ends = [bottom - below, right - beside] as const;
  const margins: Margins = [top, Math.max(0, ends[0]), left, Math.max(0, ends[1])];
  const more = ends.some((n) => n < 0);
  const own = bias && !more ? { bias: valuesOf(bias) } : {};
  const made = at.flows.onImage(
    at.name,
    flow,
    CHANNELS_FIRST,
    {
      op: 'deconvolve',
      filters,
      kernel: [h, w],
      stride,
      margins,
      bias: bias !== null && !more,
    },
    { weight: valuesOf(transposed(weight, [2, 3, 1, 0])), ...own },
  );
  if (!more) return made;
  const pads: Pair[] = [
    [0, 0],
    [0, 0],
    [0, Math.max(0, -ends[0])],
    [0, Math.max(0, -ends[1])],
  ];
  const wide = at.flows.pad(at.name, made, pads, 0);
  return bias ? at.flows.binary(at.name, 'add', wide, reshaped(bias, [filters, 1, 1])) : wide;
};

const pool =
  (kind: 'max' | 'mean'): OnnxRule =>
  (at) => {
    const flow = at.flow(0);
    const size = pairOf(at, 'kernel_shape', 1);
    const stride = pairOf(at, 'strides', 1);
    if ((intsOf(at, 'dilations') ?? []).some((n) => n !== 1))
      throw new Unfit('has dilations, which are not supported');
    only(at, 'storage_order', 0);
    const sides = sidesOf(at, flow);
    const exact = marginsOf(at, sides, size, stride, [1, 1]);
    const ceil = intOf(at, 'ceil_mode', 0) === 1;
    const margins = ceil ? ceilMargins(sides, size, stride, exact) : exact;
    const countMargins = intOf(at, 'count_include_pad', 0) === 1;
    if (kind === 'mean' && countMargins && String(margins) !== String(exact))
      throw new Unfit('has ceil_mode and count_include_pad at once, which is not supported');
    if (at.step.outputs.length > 1 && at.step.outputs.slice(1).some((name) => name !== ''))
      throw new Unfit('gives the places of its largest values, which is not supported');
    const body = { op: 'window', kind, size, stride, margins, countMargins } as const;
    const made = at.flows.onImage(at.name, flow, CHANNELS_FIRST, body);
    const rule = ruleOf(at) ?? (ceil ? ({ kind: 'ceil', margins: exact } as const) : null);
    at.flows.net.follow(made.name, rule);
    return made;
  };

const globalPool =
  (kind: 'max' | 'mean'): OnnxRule =>
  (at) => {
    const flow = at.flow(0);
    const axes = flow.axes.map((_, i) => i).slice(2);
    return at.flows.reduce(at.name, flow, kind, axes, true);
  };

const batchNorm: OnnxRule = (at) => {
  only(at, 'training_mode', 0);
  only(at, 'spatial', 1);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => valuesOf(at.constant(i)));
  if (!gamma || !beta || !mean || !variance) throw new Unfit('lacks its statistics');
  const epsilon = floatOf(at, 'epsilon', 1e-5);
  return at.flows.lastly(at.name, at.flow(0), [1], true, (value) =>
    at.flows.net.norm(at.name, value, { gamma, beta, mean, variance, epsilon }),
  );
};

/** (x - mean) / sqrt(variance + epsilon) over some axes of each row. */
function standardised(at: At, flow: Flow, axes: readonly number[], epsilon: number): Flow {
  const { flows, name } = at;
  const mean = flows.reduce(`${name}.mean`, flow, 'mean', axes, true);
  const centred = flows.binary(`${name}.centred`, 'subtract', flow, mean);
  const squares = flows.each(`${name}.squares`, centred, { op: 'curve', curve: 'square' });
  const variance = flows.reduce(`${name}.variance`, squares, 'mean', axes, true);
  const safe = flows.binary(`${name}.safe`, 'add', variance, scalar(epsilon));
  const factor = flows.each(`${name}.factor`, safe, { op: 'curve', curve: 'rsqrt' });
  return flows.binary(`${name}.unit`, 'multiply', centred, factor);
}

function scaled(at: At, unit: Flow, gamma: Constant | null, beta: Constant | null): Flow {
  const { flows, name } = at;
  const wide = (constant: Constant) =>
    reshaped(constant, [constant.values.length, ...Array<number>(unit.axes.length - 2).fill(1)]);
  const by = gamma ? flows.binary(`${name}.scaled`, 'multiply', unit, wide(gamma)) : unit;
  return beta ? flows.binary(name, 'add', by, wide(beta)) : by;
}

const instanceNorm: OnnxRule = (at) => {
  const flow = at.flow(0);
  const axes = flow.axes.map((_, i) => i).slice(2);
  const unit = standardised(at, flow, axes, floatOf(at, 'epsilon', 1e-5));
  return scaled(at, unit, at.constant(1), at.constant(2));
};

const groupNorm: OnnxRule = (at) => {
  const flow = at.flow(0);
  const shape = at.flows.shape(flow);
  const groups = intOf(at, 'num_groups', 0);
  const [rows = 0, channels = 0, ...rest] = shape;
  if (groups < 1 || channels % groups !== 0)
    throw new Unfit(`parts ${channels} channels into ${groups} groups`);
  const parted = at.flows.regroup(at.name, flow, [rows, groups, channels / groups, ...rest]);
  const axes = parted.axes.map((_, i) => i).slice(2);
  const unit = standardised(at, parted, axes, floatOf(at, 'epsilon', 1e-5));
  const [gamma, beta] = [at.constant(1), at.constant(2)];
  if (gamma.values.length === groups && groups !== channels)
    return at.flows.regroup(at.name, scaled(at, unit, gamma, beta), shape);
  return scaled(at, at.flows.regroup(at.name, unit, shape), gamma, beta);
};

const layerNorm: OnnxRule = (at) => {
  const flow = at.flow(0);
  const first = axisOf(intOf(at, 'axis', -1), flow.axes.length);
  const axes = flow.axes.map((_, i) => i).slice(first);
  const gamma = at.constant(1);
  const size = gamma.values.length;
  const beta = at.optional(2) ?? constantOf([size], new Float32Array(size), false);
  const epsilon = floatOf(at, 'epsilon', 1e-5);
  return at.flows.lastly(at.name, flow, axes, true, (value) =>
    at.flows.net.add(
      at.name,
      value,
      { op: 'layerNorm', epsilon },
      { gamma: valuesOf(reshaped(gamma, [size])), beta: valuesOf(reshaped(beta, [size])) },
    ),
  );
};

/** x / (bias + alpha / size times the sum of squares of neighbouring channels)^beta: a product with a band of ones. */
const localResponse: OnnxRule = (at) => {
  const { flows, name } = at;
  const flow = at.flow(0);
  const shape = flows.shape(flow);
  const [rows = 0, channels = 0, h = 1, w = 1] = shape;
  if (shape.length !== 4) throw new Unfit('works on other than images');
  const size = intOf(at, 'size', 1);
  const share = floatOf(at, 'alpha', 1e-4) / size;
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const band = new Float32Array(channels * channels);
  for (let to = 0; to < channels; to += 1)
    for (let from = Math.max(0, to - before); from <= Math.min(channels - 1, to + after); from += 1)
      band[from * channels + to] = share;
  const squares = flows.each(`${name}.squares`, flow, { op: 'curve', curve: 'square' });
  const last = flows.transpose(squares, [0, 2, 3, 1]);
  const flat = flows.regroup(name, last, [rows, h * w, channels]);
  const matrix = flows.lift(name, constantOf([1, channels, channels], band, false), 3, 0);
  const sums = flows.regroup(name, flows.matmul(`${name}.sums`, flat, matrix), [
    rows,
    h,
    w,
    channels,
  ]);
  const safe = flows.binary(`${name}.safe`, 'add', sums, scalar(floatOf(at, 'bias', 1)));
  const below = flows.binary(`${name}.below`, 'power', safe, scalar(floatOf(at, 'beta', 0.75)));
  return flows.binary(name, 'divide', flow, flows.transpose(below, [0, 3, 1, 2]));
};

/** Where a pixel of the result lies in the input, by the file's words. */
function coordinate(mode: string, i: number, from: number, to: number): number {
  switch (mode) {
    case 'half_pixel':
    case 'half_pixel_symmetric':
      return ((i + 0.5) * from) / to - 0.5;
    case 'pytorch_half_pixel':
      return to > 1 ? ((i + 0.5) * from) / to - 0.5 : 0;
    case 'align_corners':
      return to > 1 ? (i * (from - 1)) / (to - 1) : 0;
    case 'asymmetric':
      return (i * from) / to;
    case 'tf_half_pixel_for_nn':
      return ((i + 0.5) * from) / to;
    default:
      throw new Unfit(`has coordinate_transformation_mode = ${mode}, which is not supported`);
  }
}

const ROUND: ReadonlyMap<string, (x: number) => number> = new Map([
  ['round_prefer_floor', (x: number) => Math.ceil(x - 0.5)],
  ['round_prefer_ceil', (x: number) => Math.floor(x + 0.5)],
  ['floor', Math.floor],
  ['ceil', Math.ceil],
]);

const resize =
  (opset: number): OnnxRule =>
  (at) => {
    const flow = at.flow(0);
    const shape = at.flows.shape(flow);
    const sides = sidesOf(at, flow);
    const old = at.step.op === 'Upsample' || opset < 11;
    const scales = at.step.attributes.get('scales')?.floats ?? listOf(at, '', old ? 1 : 2);
    const sizes = old ? null : listOf(at, '', 3);
    if (intsOf(at, 'axes')) throw new Unfit('resizes some axes only, which is not supported');
    only(at, 'antialias', 0);
    const wanted = sizes?.length
      ? sizes
      : scales?.map((by, i) => Math.floor((shape[i] as number) * by + 1e-6));
    if (wanted?.length !== 4 || wanted[0] !== shape[0] || wanted[1] !== shape[1])
      throw new Unfit('resizes other than the two sides of an image');
    const size: Pair = [wanted[2] as number, wanted[3] as number];
    const uneven =
      !sizes?.length &&
      sides.some((n, i) => Math.abs(n * (scales?.[i + 2] ?? 0) - (size[i] as number)) > 1e-3);
    if (uneven) throw new Unfit('resizes by scales that give no whole number of pixels');
    const by: Pair | null = sizes?.length ? null : [scales?.[2] ?? 1, scales?.[3] ?? 1];
    const followed = (made: Flow): Flow => {
      at.flows.net.follow(made.name, by && { kind: 'times', by });
      return made;
    };
    const mode = textOf(at, 'mode', 'nearest');
    const where = old ? 'asymmetric' : textOf(at, 'coordinate_transformation_mode', 'half_pixel');
    if (mode === 'nearest') {
      const rounding = old ? 'floor' : textOf(at, 'nearest_mode', 'round_prefer_floor');
      const round = where === 'tf_half_pixel_for_nn' ? Math.floor : ROUND.get(rounding);
      if (!round) throw new Unfit(`has nearest_mode = ${rounding}, which is not supported`);
      const grid = nearestGrid(sides, size, (i, from, to) => round(coordinate(where, i, from, to)));
      const doubles = size.every((n, i) => n === 2 * (sides[i] as number));
      if (doubles && grid === 'half-pixel')
        return at.flows.onImage(at.name, flow, CHANNELS_FIRST, { op: 'upsample' });
      const body = { op: 'resize', size, kind: 'nearest', grid } as const;
      return followed(at.flows.onImage(at.name, flow, CHANNELS_FIRST, body));
    }
    if (mode !== 'linear' && mode !== 'bilinear')
      throw new Unfit(`has mode = ${mode}, which is not supported`);
    coordinate(where, 0, 1, 1);
    if (where === 'tf_half_pixel_for_nn' || (where === 'pytorch_half_pixel' && size.includes(1)))
      throw new Unfit(`has coordinate_transformation_mode = ${where}, which is not supported here`);
    const grid =
      where === 'align_corners'
        ? 'align-corners'
        : where === 'asymmetric'
          ? 'asymmetric'
          : 'half-pixel';
    const body = { op: 'resize', size, kind: 'bilinear', grid } as const;
    return followed(at.flows.onImage(at.name, flow, CHANNELS_FIRST, body));
  };

/** Channels become pixels: a regrouping of axes. */
const depthToSpace: OnnxRule = (at) => {
  const flow = at.flow(0);
  const block = intOf(at, 'blocksize', 1);
  const [rows = 0, channels = 0, h = 0, w = 0] = at.flows.shape(flow);
  const inner = channels / (block * block);
  const first = textOf(at, 'mode', 'DCR') === 'CRD';
  const parted = at.flows.regroup(
    at.name,
    flow,
    first ? [rows, inner, block, block, h, w] : [rows, block, block, inner, h, w],
  );
  const order = first ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return at.flows.regroup(at.name, at.flows.transpose(parted, order), [
    rows,
    inner,
    h * block,
    w * block,
  ]);
};

export const imageRules = (opset: number): readonly (readonly [string, OnnxRule])[] => [
  ['Conv', convolution],
  ['ConvTranspose', deconvolution],
  ['MaxPool', pool('max')],
  ['AveragePool', pool('mean')],
  ['GlobalMaxPool', globalPool('max')],
  ['GlobalAveragePool', globalPool('mean')],
  ['BatchNormalization', batchNorm],
  ['InstanceNormalization', instanceNorm],
  ['GroupNormalization', groupNorm],
  ['LayerNormalization', layerNorm],
  ['LRN', localResponse],
  ['Resize', resize(opset)],
  ['Upsample', resize(opset)],
  ['DepthToSpace', depthToSpace],
];
