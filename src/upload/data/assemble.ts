import type { OwnData } from '../../recipe/own-data';
import { resize } from '../../recipe/resize';
import { refuse, shown } from '../refuse';
import { BOUNDS } from './bounds';
import { listOf } from './names';

/** Labels as they stand in a file. */
export type RawLabels =
  | { readonly kind: 'numbers'; readonly values: ArrayLike<number> }
  | { readonly kind: 'names'; readonly values: readonly string[] };

/** Images of one shape with their labels. */
export interface Block {
  readonly name: string;
  /** Place in ROLES; null where the names say nothing. */
  readonly role: number | null;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** [count, height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
  readonly labels: RawLabels;
}

/** Puts blocks end to end as one data set. @param names the classes' names by label, where a file beside told them */
export function assemble(
  { title, format }: Pick<OwnData, 'title' | 'format'>,
  given: readonly Block[],
  names: readonly string[] | null,
  said: readonly string[],
): OwnData {
  const remarks = [...said];
  const blocks = withoutPrefixes(given, remarks).map((block) => reduced(block, remarks));
  const channels = blocks.some((block) => block.channels === 3) ? 3 : 1;
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const bytes = blocks.reduce((sum, b) => sum + b.count * b.height * b.width * channels, 0);
  if (count > BOUNDS.images || bytes > BOUNDS.pixelBytes) throw tooMany(title, count, bytes);
  const { classes, labels } = classesOf(
    title,
    blocks.map((block) => block.labels),
    names,
    remarks,
  );
  const pixels = new Uint8Array(bytes);
  const sizes = new Uint16Array(2 * count);
  // Files of one split alone are divided like any: nothing else is there to learn from.
  const learnt = blocks.some(({ role }) => role === null || role === 0);
  const declared = blocks.some(({ role }) => role !== null && role > 0);
  if (declared && !learnt)
    remarks.push(
      'The files call all images test or validation images; they were taken as one set and divided anew.',
    );
  const roles = declared && learnt ? new Uint8Array(count) : null;
  let row = 0;
  let at = 0;
  for (const block of blocks) {
    const own = block.channels === channels ? block.pixels : tripled(block.pixels);
    pixels.set(own, at);
    at += own.length;
    roles?.fill(block.role ?? 0, row, row + block.count);
    for (const end = row + block.count; row < end; row += 1) {
      sizes[2 * row] = block.height;
      sizes[2 * row + 1] = block.width;
    }
  }
  return { title, format, count, channels, pixels, sizes, labels, classes, roles, remarks };
}

export function tooMany(title: string, count: number, bytes: number) {
  return refuse(
    'E_UPLOAD_TOO_LARGE',
    `${title} holds ${count.toLocaleString('en')} images, which would fill ${Math.ceil(bytes / 2 ** 20)} MB; at most ${BOUNDS.images.toLocaleString('en')} images and ${BOUNDS.pixelBytes / 2 ** 20} MB are possible.`,
    'Give fewer images.',
  );
}

/** Grey pixels three times. */
function tripled(pixels: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)] ?? 0);
}

/** Leaves out blocks that are the beginning of another one of the same role. */
function withoutPrefixes(blocks: readonly Block[], remarks: string[]): readonly Block[] {
  const repeats = (short: Block, long: Block) =>
    short !== long &&
    short.role === long.role &&
    short.pixels.length < long.pixels.length &&
    [short.height, short.width, short.channels].join() ===
      [long.height, long.width, long.channels].join() &&
    short.pixels.every((value, i) => value === long.pixels[i]);
  return blocks.filter((block) => {
    const longer = blocks.find((other) => repeats(block, other));
    if (longer) remarks.push(`${block.name} was left out: it is the beginning of ${longer.name}.`);
    return !longer;
  });
}

/** Images with long sides come reduced to what any task asks for. */
function reduced(block: Block, remarks: string[]): Block {
  const [height, width] = keptSides(block.height, block.width);
  if (height === block.height && width === block.width) return block;
  const { count, channels } = block;
  const pixels = new Uint8Array(count * height * width * channels);
  const [from, to] = [block.height * block.width * channels, height * width * channels];
  for (let i = 0; i < count; i += 1)
    resize(
      { ...block, offset: i * from, stride: block.width * channels },
      { pixels, offset: i * to, stride: width * channels, height, width },
      channels,
    );
  remarks.push(
    `The images of ${block.name} were kept at ${width} x ${height} instead of ${block.width} x ${block.height}.`,
  );
  return { ...block, height, width, pixels };
}

/** The sides at which an image is kept: its own, or smaller ones in the same proportion. */
export function keptSides(height: number, width: number): readonly [number, number] {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  const factor = Math.min(1, BOUNDS.keptSide / short, BOUNDS.keptLong / long);
  const side = (n: number) => (factor === 1 ? n : Math.max(1, Math.round(n * factor)));
  return [side(height), side(width)];
}

/** Classes and the place of each label among them. */
export function classesOf(
  title: string,
  parts: readonly RawLabels[],
  names: readonly string[] | null,
  remarks: string[],
): { readonly classes: readonly string[]; readonly labels: Uint8Array } {
  const all: (number | string)[] = parts.flatMap<number | string>((part) =>
    part.kind === 'names' ? part.values : Array.from(part.values),
  );
  const odd = all.findIndex((value) => typeof value === 'number' && !Number.isInteger(value));
  if (odd >= 0)
    throw refuse(
      'E_UPLOAD_LABELS',
      `${title}: label ${odd} is ${all[odd]}, which is no class.`,
      'Give a whole number or a name for each image.',
    );
  const distinct = [...new Set(all)].sort(inOrder);
  if (distinct.length > BOUNDS.classes)
    throw refuse(
      'E_UPLOAD_LABELS',
      `${title} has ${distinct.length.toLocaleString('en')} different labels; at most ${BOUNDS.classes} classes are possible.`,
      'Check that these are classes and not numbers of images.',
    );
  const numbers = distinct.every((value) => typeof value === 'number');
  const [low, high] = [Number(distinct[0]), Number(distinct.at(-1))];
  const named = numbers && names !== null && low >= 0 && high < names.length;
  if (names !== null && !named)
    remarks.push(
      `The list of class names was not used: it holds ${names.length} names (${listOf(names, 2)}), and the labels go from ${shown(String(distinct[0]), 20)} to ${shown(String(distinct.at(-1)), 20)}.`,
    );
  const places = new Map(distinct.map((value, i) => [value, named ? Number(value) : i]));
  return {
    classes: named
      ? names.map((name) => shown(name))
      : distinct.map((value) => shown(String(value))),
    labels: Uint8Array.from(all, (value) => places.get(value) ?? 0),
  };
}

/** Numbers by size; names as people sort them, numbers within them by size. */
function inOrder(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return new Intl.Collator('en', { numeric: true }).compare(String(a), String(b));
}
