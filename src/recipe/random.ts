import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { exp, log } from './elementary';

/** All that a stream remembers: four 32-bit words, not all zero. */
export type RandomState = readonly [number, number, number, number];

const SPAN = 2 ** 32;

/**
 * Pseudo-random numbers for everything that is drawn on the CPU: data, weights, order, sampler draws. xoroshiro128+
 * with 32 bits a draw; the same numbers in every browser and under Node, bit for bit.
 */
export class Random {
  private readonly generator: ReturnType<typeof xoroshiro128plusFromState>;

  /** Starts from a whole-number seed, or goes on from a state that `state` gave. */
  constructor(seed: number | RandomState) {
    const words = typeof seed === 'number' ? hash([seed], '') : seed;
    if (words.length !== 4 || !words.some((word) => word !== 0) || !words.every(Number.isInteger))
      throw new RangeError('A random state is four whole numbers that are not all zero.');
    this.generator = xoroshiro128plusFromState(words);
  }

  /** The stream named `label` of a seed. Streams of different labels or seeds are independent of each other. */
  static from(seed: number, label: string): Random {
    return new Random(hash([seed], label));
  }

  /** A stream of its own, set by this stream's present state and the label. This stream does not move. */
  fork(label: string): Random {
    return new Random(hash(this.state(), label));
  }

  /** What the constructor needs to go on from here; plain JSON. */
  state(): RandomState {
    const [a = 0, b = 0, c = 0, d = 0] = this.generator.getState();
    return [a, b, c, d];
  }

  /** Uniform on [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return (this.generator.next() >>> 0) / SPAN;
  }

  /** Uniform on [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** True with probability p. */
  bernoulli(p: number): boolean {
    return this.uniform() < p;
  }

  /** A whole number from 0 to n - 1, each exactly as likely, for n from 1 to 2^32. */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= SPAN))
      throw new RangeError(`A random whole number below ${n} cannot be drawn.`);
    // Equal slices of the range, by the high bits (the low ones are xoroshiro's weak ones); the rest is drawn again.
    const slice = Math.floor(SPAN / n);
    for (;;) {
      const value = Math.floor((this.generator.next() >>> 0) / slice);
      if (value < n) return value;
    }
  }

  /** The numbers 0 to n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i -= 1) {
      const j = this.integer(i + 1);
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    return order;
  }

  /** Standard normal (Marsaglia and Tsang's ziggurat, 128 layers, layer and place from separate draws). */
  normal(): number {
    for (;;) {
      const u = this.generator.next() / (SPAN / 2);
      const layer = this.generator.next() >>> 25;
      const x = u * (EDGES[layer] ?? 0);
      const inner = EDGES[layer + 1] ?? 0;
      if (Math.abs(x) < inner) return x;
      if (layer === 0) return u < 0 ? -this.tail() : this.tail();
      const low = exp((x * x - (EDGES[layer] ?? 0) ** 2) / 2);
      const top = exp((x * x - inner * inner) / 2);
      if (low + this.uniform() * (top - low) < 1) return x;
    }
  }

  /** Beta(a, a) for a > 0; a = 1 is one uniform draw. */
  beta(a: number): number {
    if (!(a > 0 && a < Infinity)) throw new RangeError(`Beta(${a}, ${a}) is no distribution.`);
    if (a === 1) return this.uniform();
    // The ratio of gamma variables, by their logarithms: for small a the variables themselves underflow.
    const one = this.logGamma(a);
    const other = this.logGamma(a);
    return 1 / (1 + exp(other - one));
  }

  /** Normal beyond the last edge of the ziggurat (Marsaglia 1964). */
  private tail(): number {
    for (;;) {
      const x = -log(1 - this.uniform()) / EDGE;
      const y = -log(1 - this.uniform());
      if (2 * y >= x * x) return EDGE + x;
    }
  }

  /** Logarithm of a Gamma(a, 1) variable (Marsaglia and Tsang 2000, with their boost for a < 1). */
  private logGamma(a: number): number {
    if (a < 1) return this.logGamma(a + 1) + log(1 - this.uniform()) / a;
    const d = a - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      if (log(1 - this.uniform()) < (x * x) / 2 + d * (1 - v + log(v))) return log(d * v);
    }
  }
}

/** Right edge of the ziggurat's base and area of a layer, for 128 layers (Marsaglia and Tsang 2000, table 1). */
const EDGE = 3.442619855899;
const AREA = 9.91256303526217e-3;
const EDGES = ziggurat();

/** Right edges of the layers from the base up, the base's lengthened by the tail's area; the last is 0. */
function ziggurat(): Float64Array {
  const edges = new Float64Array(129);
  edges[0] = AREA / exp((-EDGE * EDGE) / 2);
  let x = EDGE;
  for (let i = 1; i < 128; i += 1) {
    edges[i] = x;
    x = Math.sqrt(-2 * log(AREA / x + exp((-x * x) / 2)));
  }
  return edges;
}

/** Four well-mixed words from numbers and a label: MurmurHash3's steps, once for each word. */
function hash(seeds: readonly number[], label: string): RandomState {
  const parts: number[] = [];
  for (const seed of seeds) parts.push(seed | 0, Math.floor(seed / SPAN) | 0);
  for (let i = 0; i < label.length; i += 1) parts.push(label.charCodeAt(i));
  const word = (start: number): number => {
    let h = start;
    for (const part of parts) {
      let k = Math.imul(part, 0xcc9e2d51);
      k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
      h ^= k;
      h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
    }
    h ^= parts.length;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) | 0;
  };
  return [word(0x243f6a88), word(0x13198a2e), word(0x03707344), word(0x299f31d0) | 1];
}
