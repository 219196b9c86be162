import { deflateSync } from 'node:zlib';
import { crc32 } from '../../../src/upload/archive/crc32';

export interface PngOptions {
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  readonly colour?: 0 | 2 | 3 | 4 | 6;
  readonly depth?: 1 | 2 | 4 | 8 | 16;
  /** How each row is filtered: 0 none, 1 sub, 2 up, 3 average, 4 Paeth. */
  readonly filter?: 0 | 1 | 2 | 3 | 4;
  /** RGB triples for colour 3. */
  readonly palette?: readonly number[];
  /** Alpha values for colour 3. */
  readonly alpha?: readonly number[];
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([new TextEncoder().encode(type), body]);
  const [length, crc] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, body.length);
  crc.setUint32(0, crc32(named));
  return Buffer.concat([new Uint8Array(length.buffer), named, new Uint8Array(crc.buffer)]);
}

/** Writes a PNG of samples as they stand in the file, row-major [height, width, channels]. */
export function pngFile(
  width: number,
  height: number,
  samples: ArrayLike<number>,
  { colour = 2, depth = 8, filter = 0, palette, alpha }: PngOptions = {},
): Uint8Array {
  const channels = CHANNELS[colour] ?? 1;
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const before = Math.max(1, (channels * depth) >> 3);
  const packed = new Uint8Array(height * rowBytes);
  for (let y = 0; y < height; y += 1)
    for (let i = 0; i < width * channels; i += 1) {
      const value = samples[y * width * channels + i] ?? 0;
      const at = y * rowBytes;
      if (depth === 16) packed.set([value >> 8, value & 255], at + 2 * i);
      else if (depth === 8) packed[at + i] = value;
      else {
        const place = i * depth;
        packed[at + (place >> 3)]! |= value << (8 - depth - (place & 7));
      }
    }
  const filtered = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y += 1) {
    filtered[y * (rowBytes + 1)] = filter;
    for (let i = 0; i < rowBytes; i += 1) {
      const left = i >= before ? packed[y * rowBytes + i - before]! : 0;
      const up = y > 0 ? packed[(y - 1) * rowBytes + i]! : 0;
      const corner = y > 0 && i >= before ? packed[(y - 1) * rowBytes + i - before]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      filtered[y * (rowBytes + 1) + 1 + i] = packed[y * rowBytes + i]! - guess;
    }
  }
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, depth);
  head.setUint8(9, colour);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(head.buffer)),
    ...(palette ? [chunk('PLTE', Uint8Array.from(palette))] : []),
    ...(alpha ? [chunk('tRNS', Uint8Array.from(alpha))] : []),
    chunk('IDAT', new Uint8Array(deflateSync(filtered))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  return a! <= b! && a! <= c! ? left : b! <= c! ? up : corner;
}
