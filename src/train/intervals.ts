/** Intervals over seeds. All are for 95 %, and take what varies between seeds to be near normal. */

/** The lower and the upper end. */
export type Interval = readonly [low: number, high: number];

const COVERAGE = 0.95;

/**
 * How likely |T| is below t for Student's T, in closed form for whole degrees of freedom (Abramowitz and Stegun, 26.7.3
 * and 26.7.4). @param df at least 1
 */
function within(t: number, df: number): number {
  const angle = Math.atan(t / Math.sqrt(df));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = df % 2 === 1;
  // The series of even powers of the cosine; odd degrees have it times sine and cosine, and the angle beside it.
  let term = odd ? sine * cosine : sine;
  let sum = 0;
  for (let power = odd ? 1 : 0; power <= df - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  return odd ? (2 / Math.PI) * (angle + sum) : sum;
}

const known = new Map<number, number>();

/** The t that |T| exceeds with probability 5 %, Student's T with whole degrees of freedom. @param df at least 1 */
export function studentT(df: number): number {
  const found = known.get(df);
  if (found !== undefined) return found;
  // 12.71 at one degree, falling to the normal's 1.96.
  let [low, high] = [1.9, 13];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (within(middle, df) < COVERAGE) low = middle;
    else high = middle;
  }
  known.set(df, high);
  return high;
}

/** The 95 % interval of a mean over seeds by Student's t: of paired differences, one a seed. Null with one seed. */
export function meanInterval(values: readonly number[]): Interval | null {
  if (values.length < 2) return null;
  const mean = average(values);
  const half = studentT(values.length - 1) * Math.sqrt(ofMeans(values, values));
  return [mean - half, mean + half];
}

/**
 * The 95 % set of a ratio of two means over the same seeds by Fieller's theorem: every ratio r whose paired differences
 * a - r b a t test at 5 % does not tell from zero. `unbounded` where it has no two ends, which happens where the means of
 * b themselves are not told from zero. Null with one seed.
 */
export function ratioInterval(
  above: readonly number[],
  below: readonly number[],
): Interval | 'unbounded' | null {
  if (above.length < 2) return null;
  const t2 = studentT(above.length - 1) ** 2;
  const [a, b] = [average(above), average(below)];
  // The set is where (square) r^2 - 2 (middle) r + (constant) <= 0.
  const square = b * b - t2 * ofMeans(below, below);
  const middle = a * b - t2 * ofMeans(above, below);
  const constant = a * a - t2 * ofMeans(above, above);
  if (!(square > 0)) return 'unbounded';
  const root = Math.sqrt(Math.max(0, middle * middle - square * constant));
  return [(middle - root) / square, (middle + root) / square];
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The covariance of the means of two rows over the same seeds; of a row with itself, its mean's squared standard error. */
function ofMeans(first: readonly number[], second: readonly number[]): number {
  const n = first.length;
  const [one, other] = [average(first), average(second)];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ((first[i] as number) - one) * ((second[i] as number) - other);
  return sum / (n - 1) / n;
}
