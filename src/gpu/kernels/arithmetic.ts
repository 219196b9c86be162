/**
 * How kernels compute beyond what every device can: half precision in convolutions, and sums over subgroups. Kernels are
 * written down when they are first launched, with what is set then; their keys name it.
 */
export interface Arithmetic {
  /**
   * Products and short sums of convolutions in 16 bits, everything else in 32. 'rounded' computes in 32 bits and rounds
   * each result as 16 bits would: the same numbers on devices without shader-f16, for comparisons and tests.
   */
  readonly half: 'off' | 'native' | 'rounded';
  readonly subgroups: boolean;
}

/** What every device can. */
export const COMMON: Arithmetic = { half: 'off', subgroups: false };

let current = COMMON;

export const arithmetic = (): Arithmetic => current;

/** Sets how kernels compute that are launched from now on. */
export function useArithmetic(next: Arithmetic): void {
  current = next;
}

/**
 * Gradients are far smaller than 16 bits hold: they are multiplied by this on the way in and divided by it on the way out.
 */
const GRADIENT_SCALE = 4096;
/** Just under the largest number of 16 bits. */
const LARGEST = 60000;

/** Pieces of a kernel's source for products that are summed up in short runs. */
export interface Products {
  /** What of a kernel's key tells it from the common one. */
  readonly key: string;
  /** First lines of the source. */
  readonly head: string;
  readonly zero: string;
  /** A number as an operand; a gradient where `gradient`. */
  load(value: string, gradient?: boolean): string;
  /** total + a b */
  add(total: string, a: string, b: string): string;
  /** A short sum as a 32-bit number. */
  widen(total: string): string;
  /** A finished sum with one gradient in each of its products. */
  gradientSum(total: string): string;
}

const scaled = (value: string) =>
  `clamp(${value} * ${GRADIENT_SCALE}.0, -${LARGEST}.0, ${LARGEST}.0)`;
const unscaled = (total: string) => `${total} * ${1 / GRADIENT_SCALE}`;

const NATIVE: Products = {
  key: ' half',
  head: 'enable f16;',
  zero: 'f16()',
  load: (value, gradient) => `f16(${gradient ? scaled(value) : value})`,
  add: (total, a, b) => `fma(${a}, ${b}, ${total})`,
  widen: (total) => `f32(${total})`,
  gradientSum: unscaled,
};

const ROUNDED: Products = {
  key: ' rounded',
  head: 'fn half(x: f32) -> f32 { return unpack2x16float(pack2x16float(vec2f(x, 0.0))).x; }',
  zero: '0.0',
  load: (value, gradient) => `half(${gradient ? scaled(value) : value})`,
  add: (total, a, b) => `half(fma(${a}, ${b}, ${total}))`,
  widen: (total) => total,
  gradientSum: unscaled,
};

/** How convolutions multiply now; null for plain 32 bits. */
export function halfProducts(): Products | null {
  const { half } = current;
  return half === 'off' ? null : half === 'native' ? NATIVE : ROUNDED;
}
