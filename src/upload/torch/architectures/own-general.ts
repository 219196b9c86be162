import * as v from 'valibot';
import { CURVE_NAMES } from '../../../models/net/general';
import { LIMITS } from '../../limits';

/** Names of a graph's values. */
export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.nameLength));
export const base = { name, input: name };
export const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.side));

const whole = v.pipe(v.number(), v.integer(), v.minValue(-LIMITS.side), v.maxValue(LIMITS.side));
const real = v.pipe(v.number(), v.finite());
const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.side));
const axis = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.rank - 1));
const axes = v.pipe(v.array(axis), v.maxLength(LIMITS.rank));
const some = v.pipe(v.array(whole), v.maxLength(LIMITS.rank));
const shape = v.pipe(v.array(count), v.maxLength(LIMITS.rank));
const pair = v.tuple([count, count]);
const margins = v.tuple([place, place, place, place]);
const slides = { filters: count, kernel: pair, stride: pair, margins, bias: v.boolean() };

/** The nodes that networks from files may hold beside ours (models/net/general.ts), as a student's file writes them. */
export const generalNodes = [
  v.strictObject({
    op: v.literal('convolve'),
    ...base,
    ...slides,
    dilation: pair,
    groups: count,
  }),
  v.strictObject({ op: v.literal('deconvolve'), ...base, ...slides }),
  v.strictObject({
    op: v.literal('window'),
    ...base,
    kind: v.picklist(['max', 'mean']),
    size: pair,
    stride: pair,
    margins,
    countMargins: v.boolean(),
  }),
  v.strictObject({ op: v.literal('curve'), ...base, curve: v.picklist(CURVE_NAMES) }),
  v.strictObject({ op: v.literal('leakyRelu'), ...base, alpha: real }),
  v.strictObject({ op: v.literal('elu'), ...base, alpha: real }),
  v.strictObject({ op: v.literal('hardSigmoid'), ...base, alpha: real, beta: real }),
  v.strictObject({ op: v.literal('clip'), ...base, low: real, high: real }),
  v.strictObject({ op: v.literal('prelu'), ...base, shape }),
  v.strictObject({ op: v.literal('softmax'), ...base }),
  v.strictObject({ op: v.literal('logSoftmax'), ...base }),
  v.strictObject({
    op: v.literal('reduce'),
    ...base,
    kind: v.picklist(['mean', 'max', 'sum', 'min']),
    axes,
    keep: v.boolean(),
  }),
  v.strictObject({ op: v.literal('affine'), ...base }),
  v.strictObject({ op: v.literal('layerNorm'), ...base, epsilon: real }),
  v.strictObject({
    op: v.literal('binary'),
    ...base,
    kind: v.picklist(['add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum', 'power']),
    other: name,
  }),
  v.strictObject({ op: v.literal('literal'), ...base, shape }),
  v.strictObject({
    op: v.literal('concat'),
    ...base,
    others: v.pipe(v.array(name), v.maxLength(LIMITS.layers)),
    axis,
  }),
  v.strictObject({ op: v.literal('permute'), ...base, order: axes }),
  v.strictObject({
    op: v.literal('pad'),
    ...base,
    pads: v.pipe(v.array(v.tuple([place, place])), v.maxLength(LIMITS.rank)),
    value: real,
  }),
  v.strictObject({ op: v.literal('slice'), ...base, begin: some, size: shape, step: some }),
  v.strictObject({
    op: v.literal('resize'),
    ...base,
    size: pair,
    kind: v.picklist(['nearest', 'bilinear']),
    grid: v.picklist(['half-pixel', 'align-corners', 'asymmetric']),
  }),
  v.strictObject({ op: v.literal('product'), ...base, other: name, transposeOther: v.boolean() }),
  v.strictObject({
    op: v.literal('pick'),
    ...base,
    places: v.pipe(v.array(place), v.minLength(1), v.maxLength(65_536)),
  }),
] as const;
