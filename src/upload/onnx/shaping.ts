import { sizeOf } from '../../models/net/graph';
import { constantOf, reshaped, Unfit, wholes } from '../net/constant';
import { castTo, ranged } from '../net/fold';
import { filled } from '../net/shapes';
import {
  choose,
  concat,
  expand,
  gather,
  rankOf,
  repeat,
  reshape,
  shapeOf,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from '../net/values';
import { axesOf, axisOf, intOf, intsOf, listOf, textOf } from './attributes';
import type { OnnxRule } from './attributes';
import { constantFrom, isFloat, isWhole } from './tensor';

const reshapes: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at.flows, value);
  const wanted = listOf(at, 'shape', 1) ?? [];
  const zeros = intOf(at, 'allowzero', 0) === 1;
  const copied = wanted.map((n, i) => (n === 0 && !zeros ? (own[i] ?? 0) : n));
  return reshape(at.flows, at.name, value, filled(copied, sizeOf(own)));
};

const flatten: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at.flows, value);
  const axis = intOf(at, 'axis', 1);
  const cut = axis < 0 ? axis + own.length : axis;
  const shape = [sizeOf(own.slice(0, cut)), sizeOf(own.slice(cut))];
  return reshape(at.flows, at.name, value, shape);
};

const transposes: OnnxRule = (at) => {
  const value = at.value(0);
  const rank = rankOf(value);
  const usual = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return transpose(at.flows, value, intsOf(at, 'perm') ?? usual);
};

const squeezes: OnnxRule = (at) => {
  const value = at.value(0);
  const axes = listOf(at, 'axes', 1);
  return squeeze(at.flows, value, axes && axesOf(axes, rankOf(value)));
};

const unsqueezes: OnnxRule = (at) => {
  const value = at.value(0);
  const axes = listOf(at, 'axes', 1) ?? [];
  return unsqueeze(at.flows, value, axesOf(axes, rankOf(value) + axes.length));
};

const shapes: OnnxRule = (at) => {
  const own = shapeOf(at.flows, at.value(0));
  return wholes(own.slice(intOf(at, 'start', 0), intOf(at, 'end', own.length)));
};

const constantOfShape: OnnxRule = (at) => {
  const tensor = at.step.attributes.get('value')?.tensor;
  const value = tensor ? constantFrom(tensor) : constantOf([1], [0], false);
  return repeat(at.flows, at.name, reshaped(value, []), [...at.constant(0).values]);
};

const concats: OnnxRule = (at) => {
  const values = at.values();
  const axis = axisOf(intOf(at, 'axis', 1), rankOf(at.value(0)));
  return concat(at.flows, at.name, values, axis);
};

const splits: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at.flows, value);
  const axis = axisOf(intOf(at, 'axis', 0), own.length);
  const side = own[axis] as number;
  const parts = at.step.outputs.length;
  const each = Math.ceil(side / parts);
  const even = Array.from({ length: parts }, (_, i) => Math.min(each, side - i * each));
  return split(at.flows, at.name, value, axis, listOf(at, 'split', 1) ?? even);
};

const slices: OnnxRule = (at) => {
  const value = at.value(0);
  const starts = listOf(at, 'starts', 1) ?? [];
  const ends = listOf(at, 'ends', 2) ?? [];
  const axes = axesOf(listOf(at, 'axes', 3) ?? starts.map((_, i) => i), rankOf(value));
  const steps = listOf(at, 'steps', 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length))
    throw new Unfit('has lists of different lengths');
  const cuts = starts.map((start, i) => ({
    axis: axes[i] as number,
    start,
    end: ends[i] as number,
    step: steps[i] as number,
  }));
  return slice(at.flows, at.name, value, cuts);
};

const pad: OnnxRule = (at) => {
  const value = at.flow(0);
  const rank = value.axes.length;
  const mode = textOf(at, 'mode', 'constant');
  const pads = listOf(at, 'pads', 1) ?? [];
  const axes = axesOf(listOf(at, '', 3) ?? value.axes.map((_, i) => i), rank);
  const given = at.optional(2)?.values[0] ?? at.step.attributes.get('value')?.float ?? 0;
  const around = value.axes.map((_, axis): readonly [number, number] => {
    const i = axes.indexOf(axis);
    return i < 0 ? [0, 0] : [pads[i] ?? 0, pads[i + axes.length] ?? 0];
  });
  if (around.flat().some((n) => !Number.isInteger(n) || n < 0))
    throw new Unfit('pads by less than nothing, which is not supported');
  if (mode !== 'constant' && around.flat().some((n) => n > 0))
    throw new Unfit(`pads with mode = ${mode}: only constant is supported`);
  return at.flows.pad(at.name, value, around, given);
};

const gathers: OnnxRule = (at) => {
  const axis = axisOf(intOf(at, 'axis', 0), rankOf(at.value(0)));
  return gather(at.flows, at.name, at.value(0), axis, at.value(1));
};

const cast: OnnxRule = (at) => {
  const value = at.value(0);
  const to = intOf(at, 'to', 1);
  if (value.kind === 'constant') return castTo(value, isWhole(to));
  if (!isFloat(to)) throw new Unfit('rounds to whole numbers, which is not supported');
  return value;
};

const constant: OnnxRule = (at) => {
  const get = (name: string) => at.step.attributes.get(name);
  const [tensor, float, floats, int, ints] = [
    get('value')?.tensor,
    get('value_float'),
    get('value_floats'),
    get('value_int'),
    get('value_ints'),
  ];
  if (tensor) return constantFrom(tensor);
  if (float) return constantOf([], [float.float], false);
  if (floats) return constantOf([floats.floats.length], floats.floats, false);
  if (int) return constantOf([], [int.int], true);
  if (ints) return wholes(ints.ints);
  throw new Unfit('holds a constant of a kind that is not read');
};

const range: OnnxRule = (at) => {
  const [start, end, step] = [0, 1, 2].map((i) => at.constant(i).values[0] as number);
  return ranged(start as number, end as number, step as number, at.constant(0).whole);
};

export const SHAPE_RULES: readonly (readonly [string, OnnxRule])[] = [
  ['Reshape', reshapes],
  ['Flatten', flatten],
  ['Transpose', transposes],
  ['Squeeze', squeezes],
  ['Unsqueeze', unsqueezes],
  ['Shape', shapes],
  ['Size', (at) => constantOf([], [sizeOf(shapeOf(at.flows, at.value(0)))], true)],
  ['Expand', (at) => expand(at.flows, at.name, at.value(0), [...at.constant(1).values])],
  ['ConstantOfShape', constantOfShape],
  ['Concat', concats],
  ['Split', splits],
  ['Slice', slices],
  ['Pad', pad],
  ['Gather', gathers],
  ['Cast', cast],
  ['Constant', constant],
  ['Range', range],
  ['Where', (at) => choose(at.value(0), at.value(1), at.value(2))],
  ['Identity', (at) => at.value(0)],
  ['Dropout', (at) => at.value(0)],
];
