import * as v from 'valibot';
import type { OwnData } from '../../recipe/own-data';
import { crc32 } from '../archive/crc32';
import { BOUNDS } from '../data/bounds';
import { refuse, shown } from '../refuse';

/** The first bytes of a file of own images: a name and the version of the form. */
const MAGIC = new TextEncoder().encode('own images 1\n');
const MOST_HEADER = 1 << 20;

const length = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(BOUNDS.pixelBytes));
const texts = (most: number) =>
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(2000))), v.maxLength(most));
const header = v.object({
  title: v.pipe(v.string(), v.maxLength(300)),
  format: v.picklist([
    'IDX',
    'NumPy',
    'image files',
    'image files with a table',
    'table of pixels',
  ]),
  count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(BOUNDS.images)),
  channels: v.picklist([1, 3]),
  classes: v.pipe(texts(BOUNDS.classes), v.minLength(1)),
  remarks: texts(1000),
  /** Pixels, sizes, labels, roles: how many bytes and their check sum, end to end behind the header. */
  parts: v.pipe(v.array(v.object({ length, crc: v.number() })), v.length(4)),
});

/** Own images as a file: magic, length of the header (32 bits, little-endian), header as JSON, arrays end to end. */
export function packOwn(own: OwnData): readonly Uint8Array[] {
  const { pixels, sizes, labels, roles, ...about } = own;
  // Sizes stand in the file as little-endian numbers of 16 bits, as they are in memory.
  const parts = [
    pixels,
    new Uint8Array(sizes.buffer, sizes.byteOffset, sizes.byteLength),
    labels,
    roles ?? new Uint8Array(),
  ];
  const text = new TextEncoder().encode(
    JSON.stringify({
      ...about,
      parts: parts.map((part) => ({ length: part.length, crc: crc32(part) })),
    }),
  );
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, text.length, true);
  return [MAGIC, size, text, ...parts];
}

/** Reads such a file back. @throws UserError where it is damaged: nothing of it is trusted */
export function unpackOwn(bytes: Uint8Array, name: string): OwnData {
  const start = MAGIC.length + 4;
  const damaged = (cause?: unknown) =>
    refuse(
      'E_STORE_DAMAGED',
      `What was kept as ${shown(name)} is damaged.`,
      'Delete it, give the files again and keep them anew.',
      cause,
    );
  if (bytes.length < start || MAGIC.some((byte, i) => bytes[i] !== byte)) throw damaged();
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (size > MOST_HEADER || start + size > bytes.length) throw damaged();
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes.subarray(start, start + size)));
  } catch (cause) {
    throw damaged(cause);
  }
  const { success, output, issues } = v.safeParse(header, parsed);
  if (!success) throw damaged(issues[0]?.message);
  const { parts, ...about } = output;
  let at = start + size;
  const arrays = parts.map((part) => {
    const array = bytes.subarray(at, at + part.length);
    at += part.length;
    if (array.length !== part.length || crc32(array) !== part.crc) throw damaged();
    return array;
  });
  const [pixels = EMPTY, sides = EMPTY, labels = EMPTY, roles = EMPTY] = arrays;
  const { count, channels, classes } = about;
  if (at !== bytes.length || sides.length !== 4 * count || labels.length !== count) throw damaged();
  const sizes = new Uint16Array(new Uint8Array(sides).buffer);
  let area = 0;
  for (let i = 0; i < count; i += 1) area += (sizes[2 * i] ?? 0) * (sizes[2 * i + 1] ?? 0);
  const fits =
    sizes.every((side) => side >= 1) &&
    area * channels === pixels.length &&
    labels.every((label) => label < classes.length) &&
    (roles.length === 0 || roles.length === count) &&
    roles.every((role) => role <= 2);
  if (!fits) throw damaged();
  return { ...about, pixels, sizes, labels, roles: roles.length === 0 ? null : roles };
}

const EMPTY = new Uint8Array();
