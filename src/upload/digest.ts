import type { Given, Reading } from './given';

/** Bytes that are read at once. */
const PIECE = 1 << 20;

/**
 * SHA-256 in hex of what somebody gave: of one file its own; of several that of lines "digest  path", in the order of
 * their paths, as sha256sum writes them. Read piece by piece, and on insecure origins too, where browsers have no
 * crypto.subtle.
 */
export async function digestOf(files: readonly Given[], reading?: Reading): Promise<string> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const lines: { readonly path: string; readonly digest: string }[] = [];
  for (const file of files) {
    const hash = new Sha256();
    for (let from = 0; from < file.size; from += PIECE) {
      reading?.signal?.throwIfAborted();
      const to = Math.min(file.size, from + PIECE);
      hash.update(await file.read(from, to));
      done += to - from;
      reading?.progress('Taking the file’s digest', done / total);
    }
    lines.push({ path: file.path, digest: hash.digest() });
  }
  const [only] = lines;
  if (only && lines.length === 1) return only.digest;
  const text = lines
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, digest }) => `${digest}  ${path}\n`)
    .join('');
  const hash = new Sha256();
  hash.update(new TextEncoder().encode(text));
  return hash.digest();
}

/** The first 64 primes: their roots give the standard's constants. */
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(
  (n) => n > 1 && !Array.from({ length: n }, (_, d) => d).some((d) => d > 1 && n % d === 0),
);
/** 32 bits of a number's fractional part. */
const bits = (n: number): number => Math.floor((n - Math.floor(n)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(PRIMES, (p) => bits(Math.cbrt(p)));
const START = Int32Array.from(PRIMES.slice(0, 8), (p) => bits(Math.sqrt(p)));

const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** SHA-256 (FIPS 180-4), fed in pieces. */
class Sha256 {
  private readonly state = START.slice();
  private readonly words = new Int32Array(64);
  private readonly block = new Uint8Array(64);
  private filled = 0;
  private length = 0;

  update(bytes: Uint8Array): void {
    this.length += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + 64 - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === 64) this.mix();
    }
  }

  /** Ends it. */
  digest(): string {
    const { length } = this;
    const rest = new Uint8Array(((119 - (length % 64)) % 64) + 9);
    rest[0] = 0x80;
    const end = new DataView(rest.buffer);
    end.setUint32(rest.length - 8, Math.floor(length / 2 ** 29));
    end.setUint32(rest.length - 4, (length * 8) % 2 ** 32);
    this.update(rest);
    return [...this.state].map((n) => (n >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private mix(): void {
    this.filled = 0;
    const { words: w, state } = this;
    const view = new DataView(this.block.buffer);
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(4 * i);
    for (let i = 16; i < 64; i++) {
      const [a, b] = [w[i - 15] as number, w[i - 2] as number];
      const early = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const late = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      w[i] = ((w[i - 16] as number) + early + (w[i - 7] as number) + late) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    for (let i = 0; i < 64; i++) {
      const high = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const one = (h + high + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + (w[i] as number)) | 0;
      const low = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((n, i) => (state[i] = ((state[i] as number) + n) | 0));
  }
}
