import { sizeOf } from '../../models/net/graph';
import { LIMITS } from '../limits';

/** A tensor that does not depend on the network's input: a weight, or shape arithmetic. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: readonly number[];
  /** Whole numbers lie in doubles, which hold them exactly up to 2^53. */
  readonly values: Float32Array | Float64Array;
  /** Integers and booleans. */
  readonly whole: boolean;
}

/** What does not fit, said of an operator: whoever catches it adds the file and the operator. */
export class Unfit extends Error {}

/** Room for a tensor. @throws Unfit where it would be more than a file may ask for */
function room(shape: readonly number[], whole: boolean): Float32Array | Float64Array {
  const size = sizeOf(shape);
  const fits = shape.every((n) => Number.isInteger(n) && n >= 0) && size <= LIMITS.parameters;
  if (!fits || shape.length > LIMITS.rank)
    throw new Unfit(`makes a constant of shape [${shape.join(', ')}], which is too large`);
  // Shape arithmetic may go through real numbers, in which a float32 would round a batch's size.
  return whole || size <= 64 ? new Float64Array(size) : new Float32Array(size);
}

export function constantOf(
  shape: readonly number[],
  values: ArrayLike<number>,
  whole: boolean,
): Constant {
  const out = room(shape, whole);
  if (values.length !== out.length)
    throw new Unfit(`has ${values.length} numbers for the shape [${shape.join(', ')}]`);
  out.set(values);
  return { kind: 'constant', shape, values: out, whole };
}

export const wholes = (values: readonly number[]): Constant =>
  constantOf([values.length], values, true);

/** How far apart in memory neighbours along each axis lie. */
function stepsOf(shape: readonly number[]): number[] {
  const steps = Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i -= 1)
    steps[i] = (steps[i + 1] as number) * (shape[i + 1] as number);
  return steps;
}

/** The numbers at offset + sum of place times step, for every place of a shape. */
function strided(
  from: Constant,
  shape: readonly number[],
  steps: readonly number[],
  offset = 0,
): Constant {
  const values = room(shape, from.whole);
  const place = new Int32Array(shape.length);
  let at = offset;
  for (let i = 0; i < values.length; i += 1) {
    values[i] = from.values[at] as number;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      at += steps[axis] as number;
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      at -= (steps[axis] as number) * (shape[axis] as number);
      place[axis] = 0;
    }
  }
  return { kind: 'constant', shape, values, whole: from.whole };
}

export function reshaped(from: Constant, shape: readonly number[]): Constant {
  if (sizeOf(shape) !== from.values.length)
    throw new Unfit(`cannot turn the shape [${from.shape.join(', ')}] into [${shape.join(', ')}]`);
  return { ...from, shape };
}

export function transposed(from: Constant, order: readonly number[]): Constant {
  const steps = stepsOf(from.shape);
  const fits = order.length === steps.length && new Set(order).size === order.length;
  if (!fits || order.some((axis) => steps[axis] === undefined))
    throw new Unfit(`has the order [${order.join(', ')}] for ${steps.length} axes`);
  if (order.every((axis, i) => axis === i)) return from;
  return strided(
    from,
    order.map((axis) => from.shape[axis] as number),
    order.map((axis) => steps[axis] as number),
  );
}

/** The shape of two together, each aligned at its end. */
function together(a: readonly number[], b: readonly number[]): number[] {
  const shape: number[] = [];
  for (let i = 1; i <= Math.max(a.length, b.length); i += 1) {
    const [m, n] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (m !== n && m !== 1 && n !== 1)
      throw new Unfit(`cannot join the shapes [${a.join(', ')}] and [${b.join(', ')}]`);
    shape.unshift(m === 1 ? n : m);
  }
  return shape;
}

/** The same numbers repeated along axes of size one, and along new axes in front. */
export function expanded(from: Constant, wanted: readonly number[]): Constant {
  const shape = together(from.shape, wanted);
  if (String(shape) === String(from.shape)) return from;
  const own = stepsOf(from.shape);
  const steps = shape.map((_, i) => {
    const axis = i - (shape.length - from.shape.length);
    return axis < 0 || from.shape[axis] === 1 ? 0 : (own[axis] as number);
  });
  return strided(from, shape, steps);
}

/** `count` places of an axis from `begin` on, every `step`-th. */
export function cut(
  from: Constant,
  axis: number,
  { begin, count, step }: { readonly begin: number; readonly count: number; readonly step: number },
): Constant {
  const steps = stepsOf(from.shape);
  const by = steps[axis] as number;
  return strided(
    from,
    from.shape.map((n, i) => (i === axis ? count : n)),
    steps.map((n, i) => (i === axis ? n * step : n)),
    begin * by,
  );
}

/** Places of an axis in the order of the indices; the indices' shape takes the axis's place. */
export function gathered(from: Constant, axis: number, indices: Constant): Constant {
  const side = from.shape[axis] as number;
  const after = sizeOf(from.shape.slice(axis + 1));
  const before = sizeOf(from.shape.slice(0, axis));
  const shape = [...from.shape.slice(0, axis), ...indices.shape, ...from.shape.slice(axis + 1)];
  const values = room(shape, from.whole);
  let at = 0;
  for (let i = 0; i < before; i += 1)
    for (const index of indices.values) {
      const place = index < 0 ? index + side : index;
      if (!(place >= 0 && place < side)) throw new Unfit(`reads place ${index} of ${side}`);
      const start = (i * side + place) * after;
      values.set(from.values.subarray(start, start + after), at);
      at += after;
    }
  return { kind: 'constant', shape, values, whole: from.whole };
}

export function concatenated(parts: readonly Constant[], axis: number): Constant {
  const [first] = parts;
  if (!first || axis >= first.shape.length) throw new Unfit('joins nothing along that axis');
  const same = ({ shape }: Constant) =>
    shape.length === first.shape.length &&
    shape.every((n, i) => i === axis || n === first.shape[i]);
  if (!parts.every(same)) throw new Unfit('joins constants of shapes that do not go together');
  const sides = parts.map(({ shape }) => shape[axis] as number);
  const whole = parts.every((part) => part.whole);
  const shape = first.shape.map((n, i) => (i === axis ? sides.reduce((a, b) => a + b, 0) : n));
  const values = room(shape, whole);
  const before = sizeOf(shape.slice(0, axis));
  const after = sizeOf(shape.slice(axis + 1));
  let at = 0;
  for (let i = 0; i < before; i += 1)
    for (const [j, part] of parts.entries()) {
      const length = (sides[j] as number) * after;
      values.set(part.values.subarray(i * length, (i + 1) * length), at);
      at += length;
    }
  return { kind: 'constant', shape, values, whole };
}

export function mapped(
  from: Constant,
  of: (value: number) => number,
  whole = from.whole,
): Constant {
  const values = room(from.shape, whole);
  for (let i = 0; i < values.length; i += 1) values[i] = of(from.values[i] as number);
  return { kind: 'constant', shape: from.shape, values, whole };
}

/** A function of two, place by place, each repeated where it has size one. */
export function joined(
  a: Constant,
  b: Constant,
  of: (x: number, y: number) => number,
  whole = a.whole && b.whole,
): Constant {
  const shape = together(a.shape, b.shape);
  const [x, y] = [expanded(a, shape), expanded(b, shape)];
  const values = room(shape, whole);
  for (let i = 0; i < values.length; i += 1)
    values[i] = of(x.values[i] as number, y.values[i] as number);
  return { kind: 'constant', shape, values, whole };
}

/** Folds axes to size one, or away. */
export function folded(
  from: Constant,
  axes: readonly number[],
  keep: boolean,
  of: (values: readonly number[]) => number,
): Constant {
  const inner = from.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const moved = transposed(from, [...inner, ...axes]);
  const shape = inner.map((i) => from.shape[i] as number);
  const length = sizeOf(axes.map((i) => from.shape[i] as number));
  const values = room(shape, from.whole);
  for (let i = 0; i < values.length; i += 1)
    values[i] = of([...moved.values.subarray(i * length, (i + 1) * length)]);
  const kept = from.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  return { kind: 'constant', shape: keep ? kept : shape, values, whole: from.whole };
}
