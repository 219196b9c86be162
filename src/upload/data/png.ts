import type { Decoded } from './decode';

/**
 * A small PNG decoder for where there is no browser: all colour types and depths of the PNG standard, not interlaced.
 * Depths of 16 bits lose their lower half; colour profiles and gamma are passed over, as the page does.
 *
 * @throws Error where the file is damaged or interlaced
 */
export async function decodePng(bytes: Uint8Array): Promise<Decoded> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth = 0, colour = 0, , , interlaced] = bytes.subarray(24, 29);
  const channels = CHANNELS.get(colour);
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth) || interlaced !== 0)
    throw new Error('a PNG of another kind');
  const { data, palette, clear } = chunksOf(view, bytes);
  const row = Math.ceil((width * channels * depth) / 8);
  const raw = await inflated(data, height * (row + 1));
  unfilter(raw, height, row, Math.max(1, (channels * depth) >> 3));
  const samples = samplesOf(raw, { width, height, channels, depth, row });
  return { width, height, rgba: coloured(samples, { colour, depth, palette, clear }) };
}

/** Numbers of a pixel by colour type: grey, RGB, palette, grey with alpha, RGBA. */
const CHANNELS = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);

interface Chunks {
  readonly data: readonly Uint8Array[];
  readonly palette: Uint8Array;
  readonly clear: Uint8Array;
}

function chunksOf(view: DataView, bytes: Uint8Array): Chunks {
  const data: Uint8Array[] = [];
  let [palette, clear] = [new Uint8Array(), new Uint8Array()];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const body = bytes.subarray(at + 8, at + 8 + length) as Uint8Array<ArrayBuffer>;
    if (body.length < length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IDAT') data.push(body);
    else if (type === 'PLTE') palette = body;
    else if (type === 'tRNS') clear = body;
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  return { data, palette, clear };
}

/** Exactly `length` bytes of zlib data. */
async function inflated(parts: readonly Uint8Array[], length: number): Promise<Uint8Array> {
  const source = new Blob(parts as Uint8Array<ArrayBuffer>[]).stream();
  const reader = source.pipeThrough(new DecompressionStream('deflate')).getReader();
  const out = new Uint8Array(length);
  let filled = 0;
  try {
    while (filled < length) {
      const { done, value } = await reader.read();
      if (done) throw new Error('a PNG that breaks off');
      const part = value.subarray(0, length - filled);
      out.set(part, filled);
      filled += part.length;
    }
    return out;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Undoes the filters in place: each row is one byte of filter type and then its bytes. */
function unfilter(raw: Uint8Array, height: number, row: number, before: number): void {
  for (let y = 0; y < height; y += 1) {
    const at = y * (row + 1) + 1;
    const type = raw[at - 1] ?? 0;
    if (type > 4) throw new Error('a PNG with an unknown filter');
    for (let i = 0; i < row; i += 1) {
      const left = i >= before ? (raw[at + i - before] ?? 0) : 0;
      const up = y > 0 ? (raw[at + i - row - 1] ?? 0) : 0;
      const corner = y > 0 && i >= before ? (raw[at + i - before - row - 1] ?? 0) : 0;
      raw[at + i] = (raw[at + i] ?? 0) + guess(type, left, up, corner);
    }
  }
}

function guess(type: number, left: number, up: number, corner: number): number {
  switch (type) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const estimate = left + up - corner;
      const [a, b, c] = [
        Math.abs(estimate - left),
        Math.abs(estimate - up),
        Math.abs(estimate - corner),
      ];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default:
      return 0;
  }
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly depth: number;
  readonly row: number;
}

/** Samples [height, width, channels] as they stand in the file; of 16 bits both halves. */
function samplesOf(
  raw: Uint8Array,
  { width, height, channels, depth, row }: Layout,
): { readonly values: Uint16Array; readonly channels: number } {
  const values = new Uint16Array(width * height * channels);
  const count = width * channels;
  for (let y = 0; y < height; y += 1) {
    const at = y * (row + 1) + 1;
    for (let i = 0; i < count; i += 1) {
      const bit = i * depth;
      const byte = raw[at + (bit >> 3)] ?? 0;
      values[y * count + i] =
        depth === 16
          ? (byte << 8) | (raw[at + (bit >> 3) + 1] ?? 0)
          : (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
  return { values, channels };
}

function coloured(
  { values, channels }: ReturnType<typeof samplesOf>,
  {
    colour,
    depth,
    palette,
    clear,
  }: Omit<Chunks, 'data'> & { readonly colour: number; readonly depth: number },
): Uint8Array {
  const rgba = new Uint8Array((values.length / channels) * 4).fill(255);
  const most = (1 << depth) - 1;
  const byte = (value: number) => (depth === 16 ? value >> 8 : Math.round((value * 255) / most));
  // The one colour that is fully transparent, for grey and RGB.
  const key = Array.from(
    { length: clear.length >> 1 },
    (_, i) => ((clear[2 * i] ?? 0) << 8) | (clear[2 * i + 1] ?? 0),
  );
  for (let i = 0; i < values.length / channels; i += 1) {
    const own = values.subarray(i * channels, (i + 1) * channels);
    const [first = 0] = own;
    const at = 4 * i;
    if (colour === 3) {
      if (3 * first + 2 >= palette.length)
        throw new Error('a PNG with a colour beyond its palette');
      rgba.set(palette.subarray(3 * first, 3 * first + 3), at);
      rgba[at + 3] = clear[first] ?? 255;
      continue;
    }
    const grey = colour === 0 || colour === 4;
    for (let c = 0; c < 3; c += 1) rgba[at + c] = byte(own[grey ? 0 : c] ?? 0);
    if (colour === 4 || colour === 6) rgba[at + 3] = byte(own[channels - 1] ?? 0);
    else if (key.length === channels && own.every((value, c) => value === key[c])) rgba[at + 3] = 0;
  }
  return rgba;
}
