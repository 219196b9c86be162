/**
 * log, exp, sin, cos and atan2 with the same bits in every JavaScript engine. ECMAScript leaves the last bits of Math.log and
 * its like to the engine; sums, products, quotients and square roots are exact to the last bit everywhere. So whatever
 * a seed decides (data, weights, draws) uses these series.
 */

/** ln 2 and pi / 2, each as its first 33 bits, which a small whole number multiplies exactly, and the rest. */
const LN2_HIGH = 0.6931471804855391;
const LN2_LOW = 7.440617110012397e-11;
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_LOW = 6.077100506506192e-11;

const TINY = 2 ** -1022;
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Where the word with sign and exponent lies: 1 on little-endian machines. */
const high = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Natural logarithm, to 1e-15 of its size: -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x < TINY) return log(x * 2 ** 54) - 54 * Math.LN2;
  double[0] = x;
  const head = words[high] ?? 0;
  words[high] = (head & 0xfffff) | 0x3ff00000;
  let mantissa = double[0] ?? 1;
  let exponent = (head >>> 20) - 1023;
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172; and 2 s = f - s f.
  const f = mantissa - 1;
  const s = f / (mantissa + 1);
  const z = s * s;
  let sum = 1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z / 23)));
  sum = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * sum)))));
  return exponent * LN2_HIGH + (f - s * (f - 2 * z * sum) + exponent * LN2_LOW);
}

/** e to the power x, to 1e-15 of its size: 0 below -708, Infinity above 709. */
export function exp(x: number): number {
  if (!(x >= -708)) return x < 0 ? 0 : NaN;
  if (x > 709) return Infinity;
  const exponent = Math.round(x * Math.LOG2E);
  const r = x - exponent * LN2_HIGH - exponent * LN2_LOW;
  // Taylor's series up to r^13 / 13!, |r| < 0.347.
  let sum = 1 / 39916800 + r * (1 / 479001600 + r / 6227020800);
  sum = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * sum)));
  sum = 1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * sum)));
  words[high] = (exponent + 1023) << 20;
  words[1 - high] = 0;
  return (1 + r * (1 + r * (1 / 2 + r * sum))) * (double[0] ?? 1);
}

/** Sine of the angle x in radians, to 1e-15, for |x| up to a million. */
export function sin(x: number): number {
  return quarter(x, 0);
}

/** Cosine of the angle x in radians, to 1e-15, for |x| up to a million. */
export function cos(x: number): number {
  return quarter(x, 1);
}

/** sin(x + turns pi / 2). */
function quarter(x: number, turns: number): number {
  const count = Math.round(x / (Math.PI / 2));
  const r = x - count * QUARTER_HIGH - count * QUARTER_LOW;
  const which = (count + turns) & 3;
  const value = (which & 1) === 0 ? sineSeries(r) : cosineSeries(r);
  return which < 2 ? value : -value;
}

/** Taylor's series, for |r| up to pi / 4. */
function sineSeries(r: number): number {
  const z = r * r;
  const sum = 1 / 362880 - z * (1 / 39916800 - z * (1 / 6227020800 - z / 1307674368000));
  return r - r * z * (1 / 6 - z * (1 / 120 - z * (1 / 5040 - z * sum)));
}

function cosineSeries(r: number): number {
  const z = r * r;
  const rest = 1 / 479001600 - z * (1 / 87178291200 - z / 20922789888000);
  const sum = 1 / 40320 - z * (1 / 3628800 - z * rest);
  return 1 - z * (1 / 2 - z * (1 / 24 - z * (1 / 720 - z * sum)));
}

/** Angle of the point (x, y) from -pi to pi, to 1e-15; 0 at the origin. */
export function atan2(y: number, x: number): number {
  const steep = Math.abs(y) >= Math.abs(x);
  const small = Math.abs(steep ? x : y);
  const large = Math.abs(steep ? y : x);
  if (large === 0) return 0;
  // Turned by pi / 8 the tangent lies within tan(pi / 8) = sqrt(2) - 1 of 0.
  const tangent = Math.SQRT2 - 1;
  const t = (small - large * tangent) / (large + small * tangent);
  const z = t * t;
  let angle = Math.PI / 8 + t * arctanSeries(z);
  if (steep) angle = Math.PI / 2 - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 ? -angle : angle;
}

/** arctan(t) / t for z = t^2 up to 0.172: the continued fraction, 12 levels. */
function arctanSeries(z: number): number {
  let below = 23;
  for (let k = 11; k > 0; k -= 1) below = 2 * k - 1 + (k * k * z) / below;
  return 1 / below;
}
