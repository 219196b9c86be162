import type { OwnData } from '../../recipe/own-data';
import type { Given, Reading } from '../given';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import { idxFiles, readIdxSet } from './idx-set';
import { listOf } from './names';

/** Kinds of image files that are decoded. */
export type ImageKind = 'png' | 'jpeg' | 'webp';

/** Pixels of one image file, [height, width, 4], colours not multiplied by alpha. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** Decodes an image file: by the browser, or under Node by what there is. Throws where the file is damaged. */
export type Decode = (bytes: Uint8Array, kind: ImageKind) => Promise<Decoded>;

const WHAT =
  'Give image folders or a zip with a folder for each class, an .npz file, IDX files, or images with a CSV table of labels.';

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
  const seen = files.filter(({ path }) => !isHidden(path));
  if (seen.length === 0) throw refuse('E_UPLOAD_NOTHING', 'No file was given.', WHAT);
  if (seen.length > LIMITS.files)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `There are ${seen.length.toLocaleString('en')} files; at most ${LIMITS.files.toLocaleString('en')} are read.`,
      'Give fewer images.',
    );
  const title = titleOf(seen);
  const names = await classNames(seen);
  const idx = await idxFiles(
    seen.filter(({ path }) => !/\.(png|jpe?g|webp|csv|txt|json|npz|npy|zip)$/i.test(path)),
    reading,
  );
  void decode;
  if (idx.length > 0) return readIdxSet(title, idx, names, reading);
  throw refuse(
    'E_UPLOAD_NOTHING',
    `There are no labelled images in what was given: ${listOf(seen.map(({ path }) => shown(path)))}.`,
    WHAT,
  );
}

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
  const text = new TextDecoder().decode(await file.read(0, file.size));
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return names.length >= 2 && new Set(names).size === names.length ? names : null;
}
