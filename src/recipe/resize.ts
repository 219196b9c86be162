/** The places that one place of a resized axis is made of: weights of `first`, `first + 1`, ... */
interface Blend {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * Linear interpolation with pixel centres at half places, widened to the step between new pixels where the axis shrinks,
 * so that no source pixel is passed over: w(d) = max(0, 1 - |d| / max(1, from / to)), normalised to sum 1.
 */
function blends(from: number, to: number): readonly Blend[] {
  const step = from / to;
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Float32Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/** A rectangle of an image in memory: `pixels` from `offset` on, rows `stride` numbers apart. */
export interface Picture {
  readonly pixels: Uint8Array;
  readonly offset: number;
  readonly stride: number;
  readonly height: number;
  readonly width: number;
}

const KEPT = 64;
const known = new Map<string, readonly Blend[]>();

/** The same few sides come again and again. */
function blendsOf(from: number, to: number): readonly Blend[] {
  const key = `${from}/${to}`;
  const found = known.get(key) ?? blends(from, to);
  if (known.size >= KEPT) known.clear();
  known.set(key, found);
  return found;
}

/** Resizes a picture into another of its own height and width, with antialiasing. Rounds to the nearest whole number. */
export function resize(from: Picture, to: Picture, channels: number): void {
  if (from.height === to.height && from.width === to.width) return copy(from, to, channels);
  const across = blendsOf(from.width, to.width);
  const down = blendsOf(from.height, to.height);
  const row = to.width * channels;
  const middle = new Float32Array(from.height * row);
  for (let y = 0; y < from.height; y += 1) {
    const start = from.offset + y * from.stride;
    across.forEach(({ first, weights }, x) => {
      for (let c = 0; c < channels; c += 1) {
        let sum = 0;
        for (let j = 0; j < weights.length; j += 1)
          sum += (weights[j] ?? 0) * (from.pixels[start + (first + j) * channels + c] ?? 0);
        middle[y * row + x * channels + c] = sum;
      }
    });
  }
  down.forEach(({ first, weights }, y) => {
    const start = to.offset + y * to.stride;
    for (let i = 0; i < row; i += 1) {
      let sum = 0;
      for (let j = 0; j < weights.length; j += 1)
        sum += (weights[j] ?? 0) * (middle[(first + j) * row + i] ?? 0);
      to.pixels[start + i] = Math.min(255, Math.floor(sum + 0.5));
    }
  });
}

function copy(from: Picture, to: Picture, channels: number): void {
  const length = from.width * channels;
  for (let y = 0; y < from.height; y += 1) {
    const start = from.offset + y * from.stride;
    to.pixels.set(from.pixels.subarray(start, start + length), to.offset + y * to.stride);
  }
}
