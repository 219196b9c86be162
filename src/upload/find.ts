import { openGzip } from './archive/gzip';
import { openZip } from './archive/zip';
import { isSystems } from './archive/zip-directory';
import type { Foreign } from './foreign';
import type { Given, Reading } from './given';
import { LIMITS } from './limits';
import { refuse, shown } from './refuse';
import { MODEL_KINDS, sniff } from './sniff';
import type { ModelKind } from './sniff';

/** A file that holds a network. */
export interface Model {
  readonly kind: ModelKind;
  readonly file: Given;
  /** The archive that it lies in, if any. */
  readonly archive: Given | null;
}

/** What was given, looked through. */
export interface Found {
  readonly models: readonly Model[];
  /** All files, those of archives in place of the archives. */
  readonly files: readonly Given[];
  /** What the files that hold no network are; images in large numbers are not looked at. */
  readonly others: readonly { readonly file: Given; readonly kind: Foreign }[];
}

/** Of this many files each is looked at, whatever its name. */
const LOOKED_AT = 200;

/**
 * Looks through files, a folder's files or archives for networks. A gzip file counts as what is in it, and so does a zip
 * archive that is not itself a model's form.
 */
export async function findModels(given: readonly Given[], reading: Reading): Promise<Found> {
  const wanted = given.filter(({ path }) => !isSystems(path));
  checkSizes(wanted);
  const found = {
    models: [] as Model[],
    files: [] as Given[],
    others: [] as { file: Given; kind: Foreign }[],
  };
  await look(wanted, null, found, reading);
  return found;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

async function look(
  files: readonly Given[],
  archive: Given | null,
  found: Mutable<Found>,
  reading: Reading,
): Promise<void> {
  for (const [i, given] of files.entries()) {
    reading.signal?.throwIfAborted();
    if (i % 64 === 0) reading.progress('Looking through the files', i / files.length);
    if (i >= LOOKED_AT && /\.(png|jpe?g|webp|gif|bmp|npy|txt|csv)$/i.test(given.path)) {
      found.files.push(given);
      continue;
    }
    let file = given;
    let kind = await sniff(file);
    if (kind === 'gzip') {
      file = await openGzip(file, reading);
      kind = await sniff(file);
    }
    if (kind === 'zip') {
      await look(await openZip(file, reading), file, found, reading);
      continue;
    }
    found.files.push(file);
    if (isModel(kind)) found.models.push({ kind, file, archive });
    else found.others.push({ file, kind: kind === 'gzip' ? 'archive' : kind });
  }
}

const MODELS: ReadonlySet<string> = new Set(MODEL_KINDS);

const isModel = (kind: string): kind is ModelKind => MODELS.has(kind);

function checkSizes(files: readonly Given[]): void {
  if (files.length > LIMITS.files)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `These are ${files.length.toLocaleString('en')} files; at most ${LIMITS.files.toLocaleString('en')} are read together.`,
      'Choose the files of one network only.',
    );
  let sum = 0;
  for (const { size } of files) sum += size;
  if (!(sum <= LIMITS.fileBytes))
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${files.length === 1 ? shown(files[0]?.path ?? '') : 'The files together'} would be ${mebibytes(sum)}; at most ${mebibytes(LIMITS.fileBytes)} are read.`,
      'Choose a smaller network.',
    );
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / (1024 * 1024)).toLocaleString('en')} MiB`;
