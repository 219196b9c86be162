import type { Binary, Curve } from '../../models/net/general';
import {
  concatenated,
  constantOf,
  expanded,
  gathered,
  joined,
  mapped,
  reshaped,
  transposed,
  Unfit,
} from './constant';
import type { Constant } from './constant';
import { BINARY, REDUCE, reduced, sliced, UNARY } from './fold';
import type { Flow, Flows, Value } from './flow';
import { span } from './shapes';

/**
 * What operators of all formats do, to constants at once and to values that depend on the input in the graph. `name` is
 * what the graph's values are called after; `at` are the flows that write it.
 */

export const shapeOf = (at: Flows, value: Value): readonly number[] =>
  value.kind === 'flow' ? at.shape(value) : value.shape;

export const rankOf = (value: Value): number =>
  value.kind === 'flow' ? value.axes.length : value.shape.length;

/** Under another shape, which may have the batch's size among its sizes. */
export function reshape(at: Flows, name: string, value: Value, shape: readonly number[]): Value {
  return value.kind === 'constant' ? reshaped(value, shape) : at.regroup(name, value, shape);
}

export const transpose = (at: Flows, value: Value, order: readonly number[]): Value =>
  value.kind === 'constant' ? transposed(value, order) : at.transpose(value, order);

/** Without these axes of size one; without all such where none are named. */
export function squeeze(at: Flows, value: Value, named: readonly number[] | null): Value {
  const own = shapeOf(at, value);
  const axes = named ?? own.map((_, i) => i).filter((i) => own[i] === 1);
  if (value.kind === 'flow') return at.squeeze(value, axes);
  return reshaped(
    value,
    own.filter((_, i) => !axes.includes(i)),
  );
}

/** With axes of size one at these places of the result. */
export function unsqueeze(at: Flows, value: Value, axes: readonly number[]): Value {
  if (value.kind === 'flow') return at.unsqueeze(value, axes);
  const left = [...value.shape];
  const shape = Array.from({ length: left.length + axes.length }, (_, i) =>
    axes.includes(i) ? 1 : (left.shift() ?? 1),
  );
  return reshaped(value, shape);
}

/** A constant repeated to a shape; one that is repeated for each row becomes a value of the graph. */
export function repeat(
  at: Flows,
  name: string,
  constant: Constant,
  wanted: readonly number[],
): Value {
  const counts = wanted.findIndex((n) => n === at.batch.size);
  if (at.batch.size === 1 || counts < 0) return expanded(constant, wanted);
  const one = expanded(
    constant,
    wanted.map((n, i) => (i === counts ? 1 : n)),
  );
  return at.lift(name, one, wanted.length, counts);
}

/** Repeated along axes of size one. */
export function expand(at: Flows, name: string, value: Value, wanted: readonly number[]): Value {
  if (value.kind === 'constant') return repeat(at, name, value, wanted);
  const own = at.shape(value);
  const grows = wanted.map((n, i) => (n === (own.at(i - wanted.length) ?? 1) ? 1 : n));
  if (grows.every((n) => n === 1) && wanted.length <= own.length) return value;
  return at.binary(name, 'add', value, expanded(constantOf([], [0], false), grows));
}

export function concat(at: Flows, name: string, values: readonly Value[], axis: number): Value {
  const lead = values.find((value) => value.kind === 'flow');
  if (!lead) return concatenated(values as readonly Constant[], axis);
  const batchAt = at.batchAxis(lead);
  const flows = values.map((value) =>
    value.kind === 'flow' ? value : at.lift(name, value, lead.axes.length, batchAt),
  );
  return at.concat(name, flows, axis);
}

export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function slice(at: Flows, name: string, value: Value, cuts: readonly Cut[]): Value {
  if (value.kind === 'constant') return sliced(value, cuts);
  const own = at.shape(value);
  let out = value;
  for (const { axis, start, end, step } of cuts) {
    const part = span(own[axis] ?? 0, start, end, step);
    out = at.slice(name, out, axis, part.begin, part.count, part.step);
  }
  return out;
}

/** Parts of these sizes along an axis. */
export function split(
  at: Flows,
  name: string,
  value: Value,
  axis: number,
  sizes: readonly number[],
): Value[] {
  const side = shapeOf(at, value)[axis] ?? 0;
  if (sizes.reduce((a, b) => a + b, 0) !== side || sizes.some((n) => n < 1))
    throw new Unfit(`splits ${side} places into [${sizes.join(', ')}]`);
  let from = 0;
  return sizes.map((size, i) => {
    const start = from;
    from += size;
    return slice(at, `${name}.${i}`, value, [{ axis, start, end: from, step: 1 }]);
  });
}

/** Places of an axis by constant indices, whose shape takes the axis's place. */
export function gather(at: Flows, name: string, value: Value, axis: number, indices: Value): Value {
  if (indices.kind === 'flow')
    throw new Unfit('looks numbers up by the input, as networks for text do: give one for images');
  if (value.kind === 'constant') return gathered(value, axis, indices);
  const side = at.shape(value)[axis] ?? 0;
  const places = [...indices.values].map((n) => (n < 0 ? n + side : n));
  if (places.length === 0 || places.some((n) => !(n >= 0 && n < side)))
    throw new Unfit(`reads places beyond ${side}`);
  if (indices.shape.length > 1) throw new Unfit('picks places in more than one axis at once');
  const picked = at.pick(name, value, axis, places);
  return indices.shape.length === 0 ? at.squeeze(picked, [axis]) : picked;
}

type Join = Binary | 'modulo' | 'floorDivide' | 'equal' | 'less' | 'greater' | 'and' | 'or';

const IN_GRAPH: ReadonlySet<string> = new Set<Binary>([
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'power',
]);
const inGraph = (kind: Join): kind is Binary => IN_GRAPH.has(kind);

/** Two values number by number. */
export function join(at: Flows, name: string, kind: Join, a: Value, b: Value): Value {
  if (a.kind === 'constant' && b.kind === 'constant')
    return (BINARY.get(kind) as (x: Constant, y: Constant) => Constant)(a, b);
  if (inGraph(kind)) return at.binary(name, kind, a, b);
  throw new Unfit('compares or rounds values that depend on the input, which is not supported');
}

/** A function of every number alone. */
export function curve(at: Flows, name: string, value: Value, kind: Curve): Value {
  if (value.kind === 'flow') return at.each(name, value, { op: 'curve', curve: kind });
  const of = UNARY.get(kind);
  if (!of) throw new Unfit('works on a constant, which is not supported');
  return mapped(value, of);
}

/** A function of every number alone that only constants may go through. */
export function folds(value: Value, kind: string): Value {
  if (value.kind === 'flow')
    throw new Unfit('rounds values that depend on the input, which is not supported');
  return mapped(value, UNARY.get(kind) as (x: number) => number);
}

export function relu(at: Flows, name: string, value: Value): Value {
  if (value.kind === 'flow') return at.each(name, value, { op: 'relu' });
  return mapped(value, (x) => Math.max(0, x));
}

/** The largest float32: infinity is no number for JSON. */
const MOST = 3.402_823_466_385_288_6e38;

export function clip(at: Flows, name: string, value: Value, low: number, high: number): Value {
  if (value.kind === 'constant') return mapped(value, (x) => Math.max(low, Math.min(high, x)));
  if (low === 0 && high === 6) return at.each(name, value, { op: 'curve', curve: 'relu6' });
  if (low === 0 && high >= MOST) return at.each(name, value, { op: 'relu' });
  const [least, most] = [Math.max(-MOST, low), Math.min(MOST, high)];
  return at.each(name, value, { op: 'clip', low: least, high: most });
}

export function reduce(
  at: Flows,
  name: string,
  value: Value,
  kind: 'mean' | 'max' | 'sum' | 'min' | 'prod' | 'norm',
  axes: readonly number[],
  keep: boolean,
): Value {
  if (value.kind === 'constant') {
    if (!REDUCE.has(kind)) throw new Unfit('works on a constant, which is not supported');
    return reduced(kind, value, axes, keep);
  }
  if (kind === 'prod') throw new Unfit('multiplies along an axis, which is not supported');
  if (kind !== 'norm') return at.reduce(name, value, kind, axes, keep);
  const square = at.each(`${name}.squares`, value, { op: 'curve', curve: 'square' });
  const sum = at.reduce(`${name}.sum`, square, 'sum', axes, keep);
  return at.each(name, sum, { op: 'curve', curve: 'sqrt' });
}

/** The last two axes of both as matrices, where the second is no weight of a dense layer. */
export function matmul(at: Flows, name: string, a: Value, b: Value): Flow {
  if (a.kind === 'constant') {
    if (b.kind === 'constant') throw new Unfit('multiplies two constants, which is not supported');
    return at.matmul(name, at.lift(name, a, b.axes.length, at.batchAxis(b)), b);
  }
  if (b.kind === 'flow') return at.matmul(name, a, b);
  return at.matmul(name, a, at.lift(name, b, a.axes.length, at.batchAxis(a)));
}

/** Numbers of the second where the first is not zero, else of the third. */
export function choose(condition: Value, yes: Value, no: Value): Constant {
  if (condition.kind === 'flow' || yes.kind === 'flow' || no.kind === 'flow')
    throw new Unfit('chooses between values, which is only supported where all are constant');
  const whole = yes.whole && no.whole;
  const mask = mapped(condition, (x) => (x === 0 ? 0 : 1), true);
  // Not a sum of products: what is not chosen may be infinite.
  const chosen = joined(mask, yes, (m, x) => (m === 1 ? x : NaN), whole);
  const other = joined(mask, no, (m, x) => (m === 0 ? x : NaN), whole);
  return joined(chosen, other, (a, b) => (Number.isNaN(a) ? b : a), whole);
}

/** The bias of a sum after a product: a constant that differs along the channels alone; null for every other. */
export function channelBias(constant: Constant, channels: number, after: number): Constant | null {
  const fits =
    constant.values.length === channels &&
    constant.shape.length > after &&
    constant.shape.at(-1 - after) === channels;
  return fits ? reshaped(constant, [channels]) : null;
}
