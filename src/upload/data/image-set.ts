import { UserError } from '../../recipe/errors';
import type { OwnData } from '../../recipe/own-data';
import { resize } from '../../recipe/resize';
import { take } from '../bytes';
import type { Given, Reading } from '../given';
import { refuse, shown } from '../refuse';
import { classesOf, keptSides, tooMany } from './assemble';
import { BOUNDS } from './bounds';
import { imageHead } from './image-head';
import { listOf } from './names';
import { onWhite } from './npy-images';
import type { Decode } from './decode';
import type { Table } from './table';

/** An image with its label, before it is read. */
interface Labelled {
  readonly file: Given;
  readonly label: string;
  /** Place in ROLES; null where nothing says it. */
  readonly role: number | null;
}

/** Images decoded side by side. */
const TOGETHER = 8;

/** Reads image files whose folders, or a table, say their classes. @param others files that are no images */
export async function readImageSet(
  title: string,
  files: readonly Given[],
  others: readonly Given[],
  table: Table | null,
  decode: Decode,
  reading: Reading,
): Promise<OwnData> {
  const remarks: string[] = [];
  const listed = table ? byTable(files, table, remarks) : byFolder(title, files, remarks);
  if (others.length > 0)
    remarks.push(
      `${others.length === 1 ? 'One file was' : `${others.length} files were`} left out, being no PNG, JPEG or WebP: ${listOf(others.map(({ path }) => shown(path)))}.`,
    );
  if (listed.length > BOUNDS.images) throw tooMany(title, listed.length, 0);
  const { kept, lost } = await readAll(title, listed, decode, reading);
  if (kept.length === 0)
    throw refuse(
      'E_UPLOAD_IMAGES',
      `None of the ${listed.length} images of ${title} could be read: ${lost[0] ?? 'there is none'}.`,
      'Give PNG, JPEG or WebP files that other programs open.',
    );
  if (lost.length > 0)
    remarks.push(
      `${lost.length === 1 ? 'One image' : `${lost.length} images`} could not be read and ${lost.length === 1 ? 'was' : 'were'} left out: ${listOf(lost)}.`,
    );
  const clear = kept.filter(({ transparent }) => transparent).length;
  if (clear > 0)
    remarks.push(
      `${clear === 1 ? 'One image is' : `${clear} images are`} transparent in places; white was put behind.`,
    );
  const { classes, labels } = classesOf(
    title,
    [{ kind: 'names', values: kept.map(({ label }) => label) }],
    null,
    remarks,
  );
  const channels = kept.every(({ grey }) => grey) ? 1 : 3;
  return {
    title,
    format: table ? 'image files with a table' : 'image files',
    count: kept.length,
    channels,
    ...packed(kept, channels),
    labels,
    classes,
    roles: kept.some(({ role }) => role !== null && role > 0)
      ? Uint8Array.from(kept, ({ role }) => role ?? 0)
      : null,
    remarks,
  };
}

/** An image as it is kept: one channel where it is grey. */
interface Kept extends Omit<Labelled, 'file'> {
  readonly height: number;
  readonly width: number;
  readonly grey: boolean;
  readonly transparent: boolean;
  readonly pixels: Uint8Array;
}

async function readAll(
  title: string,
  listed: readonly Labelled[],
  decode: Decode,
  reading: Reading,
): Promise<{ readonly kept: readonly Kept[]; readonly lost: readonly string[] }> {
  const kept: Kept[] = [];
  const lost: string[] = [];
  let bytes = 0;
  for (let at = 0; at < listed.length; at += TOGETHER) {
    reading.progress(`Reading ${listed.length.toLocaleString('en')} images`, at / listed.length);
    reading.signal?.throwIfAborted();
    const some = listed.slice(at, at + TOGETHER);
    const read = await Promise.all(some.map((each) => readOne(each, decode)));
    for (const each of read) {
      if (typeof each === 'string') {
        lost.push(each);
        continue;
      }
      kept.push(each);
      // The whole is put together once more at the end.
      bytes += 3 * each.height * each.width;
      if (bytes > BOUNDS.pixelBytes) throw tooMany(title, listed.length, bytes);
    }
  }
  reading.progress(`Reading ${listed.length.toLocaleString('en')} images`, 1);
  return { kept, lost };
}

/** One image, checked before it is decoded; the reason why not, with its name, where it cannot be read. */
async function readOne({ file, label, role }: Labelled, decode: Decode): Promise<Kept | string> {
  const name = shown(file.path);
  if (file.size > BOUNDS.imageBytes)
    return `${name} (larger than ${BOUNDS.imageBytes / 2 ** 20} MB)`;
  const bytes = await take(file, 0, file.size);
  const head = imageHead(bytes);
  if (!head) return `${name} (no PNG, JPEG or WebP by its content)`;
  const { kind, width, height } = head;
  if (Math.max(width, height) > BOUNDS.side || width * height > BOUNDS.imagePixels)
    return `${name} (${width} x ${height} pixels)`;
  try {
    const decoded = await decode(bytes, kind);
    const area = decoded.width * decoded.height;
    // A camera's note may have turned it; more pixels than the head told are not to be had.
    if (area !== width * height || decoded.rgba.length !== 4 * area)
      return `${name} (${kind.toUpperCase()} of another size than it says)`;
    return { label, role, ...reduced(decoded.rgba, decoded.height, decoded.width) };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    return `${name} (damaged ${kind.toUpperCase()})`;
  }
}

/** Lays an image on white, finds whether it is grey, and brings it to the sides at which it is kept. */
function reduced(
  rgba: Uint8Array | Uint8ClampedArray,
  height: number,
  width: number,
): Omit<Kept, 'label' | 'role'> {
  let [grey, transparent] = [true, false];
  for (let i = 0; i < rgba.length; i += 4) {
    grey &&= rgba[i] === rgba[i + 1] && rgba[i] === rgba[i + 2];
    transparent ||= rgba[i + 3] !== 255;
  }
  const rgb = onWhite(rgba);
  const channels = grey ? 1 : 3;
  const pixels = grey
    ? Uint8Array.from({ length: rgb.length / 3 }, (_, i) => rgb[3 * i] ?? 0)
    : rgb;
  const [h, w] = keptSides(height, width);
  if (h === height && w === width) return { height, width, grey, transparent, pixels };
  const small = new Uint8Array(h * w * channels);
  resize(
    { pixels, offset: 0, stride: width * channels, height, width },
    { pixels: small, offset: 0, stride: w * channels, height: h, width: w },
    channels,
  );
  return { height: h, width: w, grey, transparent, pixels: small };
}

function packed(kept: readonly Kept[], channels: 1 | 3): Pick<OwnData, 'pixels' | 'sizes'> {
  const sizes = Uint16Array.from(kept.flatMap(({ height, width }) => [height, width]));
  const total = kept.reduce((sum, { height, width }) => sum + height * width, 0);
  const pixels = new Uint8Array(total * channels);
  let at = 0;
  for (const { pixels: own, grey } of kept) {
    if (grey && channels === 3)
      for (let i = 0; i < own.length; i += 1) pixels.fill(own[i] ?? 0, at + 3 * i, at + 3 * i + 3);
    else pixels.set(own, at);
    at += grey ? own.length * channels : own.length;
  }
  return { pixels, sizes };
}

const SPLITS = new Map([
  ['train', 0],
  ['training', 0],
  ['val', 1],
  ['valid', 1],
  ['validation', 1],
  ['dev', 1],
  ['test', 2],
  ['testing', 2],
]);
const splitOf = (folder: string | undefined) => SPLITS.get((folder ?? '').toLowerCase());

/** Labels by folders: the one below folders that all share, and below train, val or test where all lie in such. */
function byFolder(title: string, files: readonly Given[], remarks: string[]): readonly Labelled[] {
  const folders = files.map(({ path }) => path.split('/').slice(0, -1));
  const shared = sharedFolders(folders);
  const inner = folders.map((parts) => parts.slice(shared));
  const split = inner.every((parts) => splitOf(parts[0]) !== undefined && parts.length >= 2);
  const listed: Labelled[] = [];
  const loose: string[] = [];
  files.forEach((file, i) => {
    const parts = inner[i] ?? [];
    const label = parts[split ? 1 : 0];
    if (label === undefined) loose.push(shown(file.path));
    else listed.push({ file, label, role: split ? (splitOf(parts[0]) ?? null) : null });
  });
  if (listed.length === 0)
    throw refuse(
      'E_UPLOAD_FOLDERS',
      `The images of ${title} lie in no folders that would say their classes.`,
      'Put the images of each class into a folder of its own, or give a CSV table with the columns file and label beside them.',
    );
  if (loose.length > 0)
    remarks.push(
      `${loose.length === 1 ? 'One image lies' : `${loose.length} images lie`} in no folder of a class and ${loose.length === 1 ? 'was' : 'were'} left out: ${listOf(loose)}.`,
    );
  return listed;
}

/** How many outer folders all images have in common; where all lie in one folder, that one is their class. */
function sharedFolders(folders: readonly (readonly string[])[]): number {
  const [first = []] = folders;
  let shared = 0;
  while (shared < first.length && folders.every((parts) => parts[shared] === first[shared]))
    shared += 1;
  return folders.every((parts) => parts.length === shared) ? Math.max(0, shared - 1) : shared;
}

function byTable(files: readonly Given[], table: Table, remarks: string[]): readonly Labelled[] {
  const listed = files.flatMap((file) => {
    const label = table.labels.get(file.path);
    return label === undefined ? [] : [{ file, label, role: table.roles.get(file.path) ?? null }];
  });
  const without = files.length - listed.length;
  if (without > 0)
    remarks.push(
      `${without === 1 ? 'One image has' : `${without} images have`} no label in ${table.name} and ${without === 1 ? 'was' : 'were'} left out.`,
    );
  if (table.surplus > 0)
    remarks.push(
      `${table.surplus === 1 ? 'One row' : `${table.surplus} rows`} of ${table.name} ${table.surplus === 1 ? 'fits' : 'fit'} no image.`,
    );
  return listed;
}
