import type { OwnData } from '../../recipe/own-data';
import type { Given, Reading } from '../given';
import { LIMITS } from '../limits';
import { openZip } from '../archive/zip';
import { head, take } from '../bytes';
import { refuse, shown } from '../refuse';
import type { Decode } from './decode';
import { idxFiles, readIdxSet } from './idx-set';
import { readImageSet } from './image-set';
import { insteadOf } from './foreign-data';
import { listOf } from './names';
import { readNumpy } from './npz';
import { pixelTables, readPixelTables } from './pixel-table';
import { readTable } from './table';
import type { Table } from './table';

const WHAT =
  'Give image folders or a zip with a folder for each class, an .npz file, IDX files, images with a CSV table of labels, or a CSV table with a label and the pixels of one image in each row.';

/**
 * Reads labelled images from whatever a person gave. @throws UserError that names the file and what to do
 *
 * @param decode null where image files cannot be decoded
 */
export async function readData(
  files: readonly Given[],
  decode: Decode | null,
  reading: Reading,
): Promise<OwnData> {
  const seen = await unpacked(files, reading);
  if (seen.length === 0)
    throw refuse('E_UPLOAD_NOTHING', 'There is no file in what was given.', WHAT);
  if (seen.length > LIMITS.files)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `There are ${seen.length.toLocaleString('en')} files; at most ${LIMITS.files.toLocaleString('en')} are read.`,
      'Give fewer images.',
    );
  const title = titleOf(files.length === 1 ? files : seen);
  const is = (pattern: RegExp) => seen.filter(({ path }) => pattern.test(path));
  const images = is(/\.(png|jpe?g|webp)$/i);
  if (images.length > 0) {
    if (!decode) throw noDecoder(images);
    const table = await tableOf(is(/\.(csv|tsv)$/i), images);
    const others = seen.filter(({ path }) => !IMAGE_OR_TEXT.test(path));
    return readImageSet(title, images, others, table, decode, reading);
  }
  const names = await classNames(seen);
  const arrays = is(/\.np[yz]$/i);
  if (arrays.length > 0) return readNumpy(title, arrays, names, reading);
  const idx = await idxFiles(
    seen.filter(({ path }) => !IMAGE_OR_TEXT.test(path) && !ARCHIVE.test(path)),
    reading,
  );
  if (idx.length > 0) return readIdxSet(title, idx, names, reading);
  const tables = await pixelTables(seen, reading);
  if (tables.length > 0) return readPixelTables(title, tables, names, reading);
  throw await nothing(seen);
}

const IMAGE_OR_TEXT = /\.(png|jpe?g|webp|csv|tsv|txt|md|json)$/i;

/** Of another kind than zip; a gzip file may hold an IDX file, a packed tar archive does not. */
const ARCHIVE = /\.(tar\.gz|tgz)$/i;

/** The files, with what zips among them hold in their place. */
async function unpacked(files: readonly Given[], reading: Reading): Promise<readonly Given[]> {
  const out: Given[] = [];
  for (const file of files) {
    if (isHidden(file.path)) continue;
    const zip = /\.zip$/i.test(file.path) && startsWith(await head(file, 4), ZIP);
    const inside = zip ? await openZip(file, reading) : [file];
    for (const entry of inside) if (!isHidden(entry.path)) out.push(entry);
  }
  return out;
}

const ZIP = [0x50, 0x4b];
const startsWith = (bytes: Uint8Array, wanted: readonly number[]) =>
  wanted.every((byte, i) => bytes[i] === byte);

/** The table that names most of the images; null where none does. */
async function tableOf(tables: readonly Given[], images: readonly Given[]): Promise<Table | null> {
  const paths = images.map(({ path }) => path);
  let best: Table | null = null;
  for (const file of tables) {
    const table = await readTable(file, paths);
    if (table && table.labels.size > (best?.labels.size ?? 0)) best = table;
  }
  return best;
}

function noDecoder(images: readonly Given[]) {
  return refuse(
    'E_UPLOAD_DECODER',
    `${shown(images[0]?.path ?? '')} is an image file, and there is nothing here that could decode it.`,
    'Open the page in a browser for that, or give .npz or IDX files.',
  );
}

/** What the files are instead of labelled images, and how what they hold can be brought. */
async function nothing(files: readonly Given[]): Promise<Error> {
  const list = listOf(files.map(({ path }) => shown(path)));
  for (const file of files.slice(0, LOOKED_AT)) {
    const instead = await insteadOf(file);
    if (instead)
      return refuse(
        'E_UPLOAD_NOTHING',
        `There are no labelled images in what was given: ${files.length === 1 ? instead.is : `${list}; ${instead.is}`}.`,
        instead.hint,
      );
  }
  return refuse(
    'E_UPLOAD_NOTHING',
    `There are no labelled images in what was given: ${list}.`,
    WHAT,
  );
}

/** Of files without images so many are looked at for what they are. */
const LOOKED_AT = 20;

/** Files that systems leave in folders and archives. */
function isHidden(path: string): boolean {
  return path.split('/').some((part) => /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(part));
}

/** The name of the folder or file that all lie in. */
function titleOf(files: readonly Given[]): string {
  const [first = ''] = files.map(({ path }) => path);
  const [top = ''] = first.split('/');
  const shared = files.every(({ path }) => path.startsWith(`${top}/`));
  if (shared) return shown(top);
  return files.length === 1
    ? shown(first.slice(first.lastIndexOf('/') + 1).replace(/\.[A-Za-z0-9]{1,5}$/, ''))
    : 'Your images';
}

const MOST_NAMES_BYTES = 64 * 1024;

/** The classes' names, where a text file holds them, one in each line. */
async function classNames(files: readonly Given[]): Promise<readonly string[] | null> {
  const file = files.find(({ path }) =>
    /(^|[/_-])(class(es)?[_-]?names?|classes|labels?[_-]?names?|labels|batches\.meta)\.txt$/i.test(
      path,
    ),
  );
  if (!file || file.size > MOST_NAMES_BYTES) return null;
  const text = new TextDecoder().decode(await take(file, 0, file.size));
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return names.length >= 2 && new Set(names).size === names.length ? names : null;
}
