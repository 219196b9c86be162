import { constantOf, cut, folded, joined, mapped, Unfit } from './constant';
import type { Constant } from './constant';
import { span } from './shapes';

/** Arithmetic on what is stored in the file, by the operators' plain names. */

const divide = (whole: boolean) => (x: number, y: number) => {
  if (whole && y === 0) throw new Unfit('divides by zero');
  return whole ? Math.trunc(x / y) : x / y;
};

const flag = (of: (x: number, y: number) => boolean) => (a: Constant, b: Constant) =>
  joined(a, b, (x, y) => (of(x, y) ? 1 : 0), true);

export const BINARY: ReadonlyMap<string, (a: Constant, b: Constant) => Constant> = new Map([
  ['add', (a, b) => joined(a, b, (x, y) => x + y)],
  ['subtract', (a, b) => joined(a, b, (x, y) => x - y)],
  ['multiply', (a, b) => joined(a, b, (x, y) => x * y)],
  ['divide', (a, b) => joined(a, b, divide(a.whole && b.whole))],
  ['maximum', (a, b) => joined(a, b, Math.max)],
  ['minimum', (a, b) => joined(a, b, Math.min)],
  ['power', (a, b) => joined(a, b, (x, y) => x ** y, a.whole)],
  ['modulo', (a, b) => joined(a, b, (x, y) => x - y * Math.floor(x / y))],
  ['floorDivide', (a, b) => joined(a, b, (x, y) => Math.floor(x / y))],
  ['equal', flag((x, y) => x === y)],
  ['less', flag((x, y) => x < y)],
  ['greater', flag((x, y) => x > y)],
  ['and', flag((x, y) => x !== 0 && y !== 0)],
  ['or', flag((x, y) => x !== 0 || y !== 0)],
] as const);

export const UNARY: ReadonlyMap<string, (x: number) => number> = new Map([
  ['sqrt', Math.sqrt],
  ['rsqrt', (x: number) => 1 / Math.sqrt(x)],
  ['negate', (x: number) => -x],
  ['reciprocal', (x: number) => 1 / x],
  ['exp', Math.exp],
  ['log', Math.log],
  ['abs', Math.abs],
  ['square', (x: number) => x * x],
  ['floor', Math.floor],
  ['ceil', Math.ceil],
  ['not', (x: number) => (x === 0 ? 1 : 0)],
  ['relu', (x: number) => Math.max(0, x)],
]);

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export const REDUCE: ReadonlyMap<string, (values: readonly number[]) => number> = new Map([
  ['sum', sum],
  ['mean', (values: readonly number[]) => sum(values) / values.length],
  ['max', (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity)],
  ['min', (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Infinity)],
  ['prod', (values: readonly number[]) => values.reduce((a, b) => a * b, 1)],
  ['norm', (values: readonly number[]) => Math.sqrt(sum(values.map((x) => x * x)))],
]);

export const reduced = (
  kind: string,
  from: Constant,
  axes: readonly number[],
  keep: boolean,
): Constant => folded(from, axes, keep, REDUCE.get(kind) as (values: readonly number[]) => number);

export function sliced(
  from: Constant,
  cuts: readonly {
    readonly axis: number;
    readonly start: number;
    readonly end: number;
    readonly step: number;
  }[],
): Constant {
  let out = from;
  for (const { axis, start, end, step } of cuts) {
    const side = out.shape[axis] as number;
    // Of a list of sizes, nothing may be left, as of the axes after the last.
    const low = Math.max(0, Math.min(side, start < 0 ? start + side : start));
    const high = Math.max(0, Math.min(side, end < 0 ? end + side : end));
    const part =
      step > 0 && high <= low ? { begin: 0, count: 0, step: 1 } : span(side, start, end, step);
    out = cut(out, axis, part);
  }
  return out;
}

/** start, start + step, ... to before end. */
export function ranged(start: number, end: number, step: number, whole: boolean): Constant {
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (!Number.isFinite(count) || count > 1 << 20) throw new Unfit(`counts from ${start} to ${end}`);
  const values = Array.from({ length: count }, (_, i) => start + i * step);
  return constantOf([count], values, whole);
}

export const castTo = (from: Constant, whole: boolean): Constant =>
  whole === from.whole ? from : mapped(from, whole ? Math.trunc : (x) => x, whole);
