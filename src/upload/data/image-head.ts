import type { ImageKind } from './decode';

/** What the first bytes of an image file say. */
export interface ImageHead {
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
}

/** Which kind of image a file is by its first bytes; null for what is not decoded. */
function kindOf(bytes: Uint8Array): ImageKind | null {
  const starts = (...head: number[]) => head.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (starts(0xff, 0xd8, 0xff)) return 'jpeg';
  if (starts(0x52, 0x49, 0x46, 0x46) && text(bytes, 8, 4) === 'WEBP') return 'webp';
  return null;
}

function text(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

/** Reads kind and sides of a PNG, JPEG or WebP without decoding it. Null where it is none, or does not say its sides. */
export function imageHead(bytes: Uint8Array): ImageHead | null {
  const kind = kindOf(bytes);
  if (!kind) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const sides = SIDES[kind](view, bytes);
    return sides && sides.width > 0 && sides.height > 0 ? { kind, ...sides } : null;
  } catch (thrown) {
    // Reading beyond the end: it breaks off.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

type Sides = Pick<ImageHead, 'width' | 'height'>;

const SIDES: Readonly<Record<ImageKind, (view: DataView, bytes: Uint8Array) => Sides | null>> = {
  png: (view, bytes) =>
    text(bytes, 12, 4) === 'IHDR'
      ? { width: view.getUint32(16), height: view.getUint32(20) }
      : null,
  jpeg: (view) => jpegSides(view),
  webp: (view, bytes) => webpSides(view, text(bytes, 12, 4)),
};

/** Walks the segments to the one that begins a frame (SOF). */
function jpegSides(view: DataView): Sides | null {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (marker === 0xd9 || marker === 0xda) return null;
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
}

function webpSides(view: DataView, form: string): Sides | null {
  switch (form) {
    case 'VP8X':
      return {
        width: 1 + view.getUint16(24, true) + (view.getUint8(26) << 16),
        height: 1 + view.getUint16(27, true) + (view.getUint8(29) << 16),
      };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return null;
  }
}
