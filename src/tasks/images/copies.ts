import type { OwnData } from '../../recipe/own-data';

/** Where each image's pixels begin; one more for the end. */
export function startsOf({ count, sizes, channels }: OwnData): Float64Array {
  const starts = new Float64Array(count + 1);
  for (let i = 0; i < count; i += 1)
    starts[i + 1] = (starts[i] ?? 0) + (sizes[2 * i] ?? 0) * (sizes[2 * i + 1] ?? 0) * channels;
  return starts;
}

/** For each image the first one with the same sides and the very same pixels: itself, where it is no copy. */
export function firstAlike(own: OwnData): Uint32Array {
  const { count, pixels, sizes } = own;
  const starts = startsOf(own);
  const first = new Uint32Array(count);
  const seen = new Map<number, number[]>();
  const same = (a: number, b: number) => {
    if (sizes[2 * a] !== sizes[2 * b] || sizes[2 * a + 1] !== sizes[2 * b + 1]) return false;
    const [from = 0, to = 0] = [starts[a], starts[b]];
    const length = (starts[a + 1] ?? 0) - from;
    for (let i = 0; i < length; i += 1) if (pixels[from + i] !== pixels[to + i]) return false;
    return true;
  };
  for (let i = 0; i < count; i += 1) {
    const key = digest(pixels, starts[i] ?? 0, starts[i + 1] ?? 0);
    const others = seen.get(key) ?? [];
    const found = others.find((other) => same(other, i));
    first[i] = found ?? i;
    if (found !== undefined) continue;
    others.push(i);
    seen.set(key, others);
  }
  return first;
}

/** FNV-1a over bytes, 32 bits. */
function digest(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}
