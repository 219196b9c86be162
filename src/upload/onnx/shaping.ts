import {
  concatenated,
  constantOf,
  expanded,
  gathered,
  reshaped,
  transposed,
  Unfit,
  wholes,
} from '../net/constant';
import type { Constant } from '../net/constant';
import type { Value } from '../net/flow';
import { castTo, joined3, ranged, sliced } from '../net/fold';
import { filled, span } from '../net/shapes';
import { axesOf, axisOf, intOf, intsOf, listOf, textOf } from './attributes';
import type { At, OnnxRule } from './attributes';
import { constantFrom, isFloat, isWhole } from './tensor';

const shapeOf = (at: At, value: Value): readonly number[] =>
  value.kind === 'flow' ? at.flows.shape(value) : value.shape;

const rankOf = (value: Value): number =>
  value.kind === 'flow' ? value.axes.length : value.shape.length;

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A value under another shape, the batch's size among its sizes. */
function shapedAs(at: At, value: Value, shape: readonly number[]): Value {
  if (value.kind === 'constant') return reshaped(value, shape);
  return at.flows.regroup(at.name, value, shape);
}

const reshape: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const wanted = listOf(at, 'shape', 1) ?? [];
  const zeros = intOf(at, 'allowzero', 0) === 1;
  const copied = wanted.map((n, i) => (n === 0 && !zeros ? (own[i] ?? 0) : n));
  return shapedAs(at, value, filled(copied, sizeOf(own)));
};

const flatten: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const axis = intOf(at, 'axis', 1);
  const cut = axis < 0 ? axis + own.length : axis;
  return shapedAs(at, value, [sizeOf(own.slice(0, cut)), sizeOf(own.slice(cut))]);
};

const transpose: OnnxRule = (at) => {
  const value = at.value(0);
  const rank = rankOf(value);
  const order = intsOf(at, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return value.kind === 'flow' ? at.flows.transpose(value, order) : transposed(value, order);
};

const squeeze: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const given = listOf(at, 'axes', 1);
  const ones = own.map((_, i) => i).filter((i) => own[i] === 1);
  const axes = given ? axesOf(given, own.length) : ones;
  if (value.kind === 'flow') return at.flows.squeeze(value, axes);
  return reshaped(
    value,
    own.filter((_, i) => !axes.includes(i)),
  );
};

const unsqueeze: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const given = listOf(at, 'axes', 1) ?? [];
  const axes = axesOf(given, own.length + given.length);
  if (value.kind === 'flow') return at.flows.unsqueeze(value, axes);
  const left = [...own];
  const shape = Array.from({ length: own.length + axes.length }, (_, i) =>
    axes.includes(i) ? 1 : (left.shift() as number),
  );
  return reshaped(value, shape);
};

const shape: OnnxRule = (at) => {
  const own = shapeOf(at, at.value(0));
  return wholes(own.slice(intOf(at, 'start', 0), intOf(at, 'end', own.length)));
};

/** Constants that are repeated for each row become values of the graph. */
function repeated(at: At, constant: Constant, wanted: readonly number[]): Value {
  const { batch } = at.flows;
  const counts = wanted.findIndex((n) => n === batch.size);
  if (batch.size === 1 || counts < 0) return expanded(constant, wanted);
  const one = expanded(
    constant,
    wanted.map((n, i) => (i === counts ? 1 : n)),
  );
  return at.flows.lift(at.name, one, wanted.length, counts);
}

const expand: OnnxRule = (at) => {
  const value = at.value(0);
  const wanted = [...at.constant(1).values];
  if (value.kind === 'constant') return repeated(at, value, wanted);
  const own = at.flows.shape(value);
  const grows = wanted.map((n, i) => (n === (own.at(i - wanted.length) ?? 1) ? 1 : n));
  if (grows.every((n) => n === 1) && wanted.length <= own.length) return value;
  const zeros = expanded(constantOf([], [0], false), grows);
  return at.flows.binary(at.name, 'add', value, zeros);
};

const constantOfShape: OnnxRule = (at) => {
  const tensor = at.step.attributes.get('value')?.tensor;
  const value = tensor ? constantFrom(tensor) : constantOf([1], [0], false);
  return repeated(at, reshaped(value, []), [...at.constant(0).values]);
};

const concat: OnnxRule = (at) => {
  const values = at.values();
  const lead = values.find((value) => value.kind === 'flow');
  const rank = rankOf(values[0] as Value);
  const axis = axisOf(intOf(at, 'axis', 1), rank);
  if (!lead) return concatenated(values as Constant[], axis);
  const batchAt = at.flows.batchAxis(lead);
  const flows = values.map((value) =>
    value.kind === 'flow' ? value : at.flows.lift(at.name, value, rank, batchAt),
  );
  return at.flows.concat(at.name, flows, axis);
};

const split: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const axis = axisOf(intOf(at, 'axis', 0), own.length);
  const side = own[axis] as number;
  const parts = at.step.outputs.length;
  const each = Math.ceil(side / parts);
  const sizes =
    listOf(at, 'split', 1) ??
    Array.from({ length: parts }, (_, i) => Math.min(each, side - i * each));
  let from = 0;
  return sizes.map((size, i) => {
    const begin = from;
    from += size;
    if (value.kind === 'constant')
      return sliced(value, [{ axis, start: begin, end: begin + size, step: 1 }]);
    return at.flows.slice(`${at.name}.${i}`, value, axis, begin, size, 1);
  });
};

const slice: OnnxRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at, value);
  const starts = listOf(at, 'starts', 1) ?? [];
  const ends = listOf(at, 'ends', 2) ?? [];
  const axes = axesOf(listOf(at, 'axes', 3) ?? starts.map((_, i) => i), own.length);
  const steps = listOf(at, 'steps', 4) ?? starts.map(() => 1);
  const cuts = starts.map((start, i) => ({
    axis: axes[i] as number,
    start,
    end: ends[i] as number,
    step: steps[i] as number,
  }));
  if (value.kind === 'constant') return sliced(value, cuts);
  let out = value;
  for (const [i, { axis, start, end, step }] of cuts.entries()) {
    const part = span(own[axis] as number, start, end, step);
    const name = i === cuts.length - 1 ? at.name : `${at.name}.${i}`;
    out = at.flows.slice(name, out, axis, part.begin, part.count, part.step);
  }
  return out;
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

const gather: OnnxRule = (at) => {
  const value = at.value(0);
  const indices = at.value(1);
  if (indices.kind === 'flow')
    throw new Unfit('looks numbers up by the input, as networks for text do: give one for images');
  const axis = axisOf(intOf(at, 'axis', 0), rankOf(value));
  if (value.kind === 'constant') return gathered(value, axis, indices);
  const side = at.flows.shape(value)[axis] as number;
  const places = [...indices.values].map((n) => (n < 0 ? n + side : n));
  if (places.length === 0 || places.some((n) => !(n >= 0 && n < side)))
    throw new Unfit(`reads places beyond ${side}`);
  if (indices.shape.length > 1) throw new Unfit('picks places in more than one axis at once');
  const picked = at.flows.pick(at.name, value, axis, places);
  return indices.shape.length === 0 ? at.flows.squeeze(picked, [axis]) : picked;
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

const where: OnnxRule = (at) => {
  const values = at.values();
  if (values.some(({ kind }) => kind === 'flow'))
    throw new Unfit('chooses between values, which is only supported where all are constant');
  return joined3(...(values as [Constant, Constant, Constant]));
};

const same: OnnxRule = (at) => at.value(0);

export const SHAPE_RULES: readonly (readonly [string, OnnxRule])[] = [
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Shape', shape],
  ['Size', (at) => constantOf([], [sizeOf(shapeOf(at, at.value(0)))], true)],
  ['Expand', expand],
  ['ConstantOfShape', constantOfShape],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Pad', pad],
  ['Gather', gather],
  ['Cast', cast],
  ['Constant', constant],
  ['Range', range],
  ['Where', where],
  ['Identity', same],
  ['Dropout', same],
];
