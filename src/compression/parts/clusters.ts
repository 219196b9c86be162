import type { Random } from '../../recipe/random';

/** k points of dimension `dim`, one after the other, and for every vector the number of the nearest. */
export interface Clusters {
  readonly centroids: Float32Array;
  readonly members: Uint8Array;
}

/** Lloyd's iterations, and how often they start anew. */
const ITERATIONS = 25;
const STARTS = 3;

/**
 * The vectors' nearest points by the sum of squares. Numbers (dim 1) are clustered exactly, by dynamic programming over
 * the sorted list (Wang & Song 2011); vectors by Lloyd's algorithm from k-means++ starts (Arthur & Vassilvitskii 2007),
 * the best of three.
 *
 * @param values vectors of length `dim`, one after the other
 */
export function clustersOf(values: Float32Array, dim: number, k: number, random: Random): Clusters {
  if (dim === 1) return assigned(values, 1, exactCentroids(values, k));
  let best: (Clusters & { cost: number }) | null = null;
  for (let i = 0; i < STARTS; i++) {
    const found = lloyd(values, dim, plusPlus(values, dim, k, random));
    const cost = costOf(values, dim, found);
    if (!best || cost < best.cost) best = { ...found, cost };
  }
  return best as Clusters;
}

/** Sum over all vectors of the squared distance to their point. */
export function costOf(
  values: Float32Array,
  dim: number,
  { centroids, members }: Clusters,
): number {
  let sum = 0;
  members.forEach((j, i) => (sum += squared(values, i, centroids, j, dim)));
  return sum;
}

/** Every vector with the number of its nearest point. */
function assigned(values: Float32Array, dim: number, centroids: Float32Array): Clusters {
  const k = centroids.length / dim;
  const members = Uint8Array.from({ length: values.length / dim }, (_, i) => {
    let best = 0;
    let least = Infinity;
    for (let j = 0; j < k; j++) {
      const distance = squared(values, i, centroids, j, dim);
      if (distance < least) [best, least] = [j, distance];
    }
    return best;
  });
  return { centroids, members };
}

/** The vectors replaced by their points. */
export function restored(dim: number, { centroids, members }: Clusters): Float32Array {
  const out = new Float32Array(members.length * dim);
  members.forEach((j, i) => out.set(centroids.subarray(j * dim, (j + 1) * dim), i * dim));
  return out;
}

function squared(
  values: Float32Array,
  i: number,
  centroids: Float32Array,
  j: number,
  dim: number,
): number {
  let sum = 0;
  for (let c = 0; c < dim; c++)
    sum += ((values[i * dim + c] as number) - (centroids[j * dim + c] as number)) ** 2;
  return sum;
}

/**
 * Exact 1-D k-means: the best split of the first n sorted values into j parts ends with a part whose beginning moves
 * right as n grows, so that each layer of the table is filled by divide and conquer in n log n.
 */
function exactCentroids(values: Float32Array, k: number): Float32Array {
  const sorted = Float64Array.from(values).toSorted();
  const n = sorted.length;
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  // About their mean, so that the differences below keep their digits.
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  for (let i = 0; i < n; i++) {
    const value = (sorted[i] as number) - mean;
    sums[i + 1] = (sums[i] as number) + value;
    squares[i + 1] = (squares[i] as number) + value * value;
  }
  const sumOf = (from: number, to: number) => (sums[to] as number) - (sums[from] as number);
  const cost = (from: number, to: number) =>
    (squares[to] as number) - (squares[from] as number) - sumOf(from, to) ** 2 / (to - from);
  const parts = Math.min(k, n);
  let before = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : cost(0, to)));
  const begins: Int32Array[] = [new Int32Array(n + 1)];
  for (let j = 1; j < parts; j++) {
    const now = new Float64Array(n + 1).fill(Infinity);
    const begin = new Int32Array(n + 1);
    const fill = (low: number, high: number, first: number, last: number): void => {
      if (low > high) return;
      const to = (low + high) >> 1;
      let [best, at] = [Infinity, first];
      for (let from = Math.max(first, j); from <= Math.min(last, to - 1); from++) {
        const found = (before[from] as number) + cost(from, to);
        if (found < best) [best, at] = [found, from];
      }
      now[to] = best;
      begin[to] = at;
      fill(low, to - 1, first, at);
      fill(to + 1, high, at, last);
    };
    fill(j + 1, n, j, n - 1);
    before = now;
    begins.push(begin);
  }
  const out = new Float32Array(k);
  let to = n;
  for (let j = parts - 1; j >= 0; j--) {
    const from = j === 0 ? 0 : ((begins[j] as Int32Array)[to] as number);
    out[j] = mean + sumOf(from, to) / (to - from);
    to = from;
  }
  // More points than values: the rest lies on the last one.
  return out.fill(out[parts - 1] as number, parts);
}

/** Starting points, each drawn in proportion to the squared distance from those before it. */
function plusPlus(values: Float32Array, dim: number, k: number, random: Random): Float32Array {
  const n = values.length / dim;
  const out = new Float32Array(k * dim);
  const take = (j: number, i: number) => out.set(values.subarray(i * dim, (i + 1) * dim), j * dim);
  take(0, random.integer(n));
  const distances = new Float64Array(n).fill(Infinity);
  for (let j = 1; j < k; j++) {
    let total = 0;
    for (let i = 0; i < n; i++) {
      const nearer = Math.min(distances[i] as number, squared(values, i, out, j - 1, dim));
      distances[i] = nearer;
      total += nearer;
    }
    let left = random.uniform() * total;
    let chosen = 0;
    for (let i = 0; i < n && left >= 0; i++) {
      left -= distances[i] as number;
      chosen = i;
    }
    take(j, chosen);
  }
  return out;
}

function lloyd(values: Float32Array, dim: number, start: Float32Array): Clusters {
  let found = assigned(values, dim, start);
  for (let round = 0; round < ITERATIONS; round++) {
    const sums = new Float64Array(start.length);
    const counts = new Float64Array(start.length / dim);
    found.members.forEach((j, i) => {
      counts[j] = (counts[j] as number) + 1;
      for (let c = 0; c < dim; c++)
        sums[j * dim + c] = (sums[j * dim + c] as number) + (values[i * dim + c] as number);
    });
    const old = found;
    // A point without members stays where it is.
    const centroids = old.centroids.map((value, at) => {
      const count = counts[Math.floor(at / dim)] as number;
      return count === 0 ? value : (sums[at] as number) / count;
    });
    found = assigned(values, dim, centroids);
    if (found.members.every((j, i) => j === old.members[i])) break;
  }
  return found;
}
