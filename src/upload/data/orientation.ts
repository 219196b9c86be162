import type { Decoded } from './decode';

/** The tag of a camera's note of how it was held (Exif: Orientation). */
const ORIENTATION = 0x0112;

/** How a JPEG's picture has to be turned, 1 to 8, as its camera noted; 1 where there is no such note. */
export function orientationOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) return 1;
    const length = view.getUint16(at + 2);
    const isExif = marker === 0xe1 && view.getUint32(at + 4) === 0x45786966;
    const end = Math.min(bytes.length, at + 2 + length);
    if (isExif && end > at + 18)
      return inDirectory(new DataView(bytes.buffer, bytes.byteOffset + at + 10, end - at - 10));
    at += 2 + Math.max(2, length);
  }
  return 1;
}

/** Looks through the first directory of a TIFF header. */
function inDirectory(view: DataView): number {
  const little = view.getUint16(0) === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return 1;
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i += 1) {
    const at = start + 2 + 12 * i;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** Turns a picture upright: 2 to 4 mirror or turn it half round, 5 to 8 change its sides too. */
export function upright({ width, height, rgba }: Decoded, orientation: number): Decoded {
  if (orientation === 1) return { width, height, rgba };
  const lying = orientation >= 5;
  const [w, h] = lying ? [height, width] : [width, height];
  const out = new Uint8Array(rgba.length);
  const mirrorsX = [2, 3, 7, 8].includes(orientation);
  const mirrorsY = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < h; y += 1)
    for (let x = 0; x < w; x += 1) {
      const [a, b] = lying ? [y, x] : [x, y];
      const sx = mirrorsX ? width - 1 - a : a;
      const sy = mirrorsY ? height - 1 - b : b;
      const from = 4 * (sy * width + sx);
      out.set(rgba.subarray(from, from + 4), 4 * (y * w + x));
    }
  return { width: w, height: h, rgba: out };
}
