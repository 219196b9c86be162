import { expect } from 'vitest';

/** The values c sin(a i + b) + d, i = 0, 1, ...: inputs that the PyTorch script makes as well. */
export function wave(
  shape: readonly number[],
  [a, b, c, d = 0]: readonly [number, number, number, number?],
): Float32Array {
  const size = shape.reduce((x, y) => x * y, 1);
  return Float32Array.from({ length: size }, (_, i) => c * Math.sin(a * i + b) + d);
}

/** Largest difference of two equally long lists; infinite where a value is not finite or a length differs. */
function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Infinity;
  let most = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs((found[i] ?? NaN) - (wanted[i] ?? NaN));
    most = Math.max(most, Number.isNaN(difference) ? Infinity : difference);
  }
  return most;
}

/** Expects equal lists up to `tolerance` times the largest wanted size, or times 1 where that is smaller. */
export function expectClose(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  expect(found.length, `length of ${what}`).toBe(wanted.length);
  let scale = 1;
  for (let i = 0; i < wanted.length; i += 1) scale = Math.max(scale, Math.abs(wanted[i] ?? 0));
  expect(distance(found, wanted), what).toBeLessThanOrEqual(tolerance * scale);
}

/** Expects equal lists up to `tolerance` times the largest wanted size, however small that is. */
export function expectRelative(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  expect(found.length, `length of ${what}`).toBe(wanted.length);
  let scale = 1e-6;
  for (let i = 0; i < wanted.length; i += 1) scale = Math.max(scale, Math.abs(wanted[i] ?? 0));
  expect(distance(found, wanted) / scale, what).toBeLessThanOrEqual(tolerance);
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
};
