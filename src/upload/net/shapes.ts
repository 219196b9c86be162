import { Unfit } from './constant';

/** A wanted shape with its -1 filled in. @param size of all together */
export function filled(shape: readonly number[], size: number): number[] {
  const open = shape.filter((n) => n === -1).length;
  const rest = shape.reduce((n, side) => (side === -1 ? n : n * side), 1);
  const fits = open <= 1 && rest > 0 && (open === 1 ? size % rest === 0 : rest === size);
  if (!fits) throw new Unfit(`cannot make the shape [${shape.join(', ')}] of its input`);
  return shape.map((side) => (side === -1 ? size / rest : side));
}

/** What a slice from `start` to before `end` takes of a side: both may count from the end or lie beyond it. */
export function span(
  side: number,
  start: number,
  end: number,
  step: number,
): { readonly begin: number; readonly count: number; readonly step: number } {
  if (step === 0 || !Number.isInteger(step)) throw new Unfit(`takes every ${step}th place`);
  const clip = (n: number, low: number, high: number) =>
    Math.max(low, Math.min(high, n < 0 ? n + side : n));
  const [low, high] = step > 0 ? [0, side] : [-1, side - 1];
  const begin = clip(start, low, high);
  // An end far below the first place means the first place itself is taken.
  const stop = step < 0 && end < -side ? -1 : clip(end, low, high);
  const count = Math.ceil((stop - begin) / step);
  if (count < 1) throw new Unfit('takes nothing of its input');
  return { begin, count, step };
}
