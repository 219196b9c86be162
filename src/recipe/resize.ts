/** The places that each place of a resized axis is made of: `span` weights of `first` and those behind it. */
interface Blends {
  readonly first: Int32Array;
  readonly span: number;
  readonly weights: Float32Array;
}

/**
 * Linear interpolation with pixel centres at half places, widened to the step between new pixels where the axis shrinks,
 * so that no source pixel is passed over: w(d) = max(0, 1 - |d| / max(1, from / to)), normalised to sum 1.
 */
function blends(from: number, to: number): Blends {
  const step = from / to;
  const reach = Math.max(1, step);
  const span = Math.min(from, Math.ceil(2 * reach) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * span);
  for (let i = 0; i < to; i += 1) {
    const centre = (i + 0.5) * step;
    const start = Math.min(from - span, Math.max(0, Math.floor(centre - reach + 0.5)));
    const raw = Array.from({ length: span }, (_, j) =>
      Math.max(0, 1 - Math.abs(start + j + 0.5 - centre) / reach),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    first[i] = start;
    raw.forEach((weight, j) => {
      weights[i * span + j] = weight / sum;
    });
  }
  return { first, span, weights };
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
const known = new Map<number, Blends>();

/** The same few sides come again and again. */
function blendsOf(from: number, to: number): Blends {
  const key = from * 2 ** 24 + to;
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
  for (let y = 0; y < from.height; y += 1)
    for (let x = 0; x < to.width; x += 1) {
      const start = from.offset + y * from.stride + (across.first[x] ?? 0) * channels;
      for (let c = 0; c < channels; c += 1) {
        let sum = 0;
        for (let j = 0; j < across.span; j += 1)
          sum +=
            (across.weights[x * across.span + j] ?? 0) *
            (from.pixels[start + j * channels + c] ?? 0);
        middle[y * row + x * channels + c] = sum;
      }
    }
  for (let y = 0; y < to.height; y += 1) {
    const start = (down.first[y] ?? 0) * row;
    for (let i = 0; i < row; i += 1) {
      let sum = 0.5;
      for (let j = 0; j < down.span; j += 1)
        sum += (down.weights[y * down.span + j] ?? 0) * (middle[start + j * row + i] ?? 0);
      to.pixels[to.offset + y * to.stride + i] = Math.min(255, Math.floor(sum));
    }
  }
}

function copy(from: Picture, to: Picture, channels: number): void {
  const length = from.width * channels;
  for (let y = 0; y < from.height; y += 1) {
    const start = from.offset + y * from.stride;
    to.pixels.set(from.pixels.subarray(start, start + length), to.offset + y * to.stride);
  }
}
