import { take } from '../bytes';
import type { Given } from '../given';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';

/** What an archive's directory says of one of its files. Nothing of it is trusted before it is checked. */
export interface Entry {
  readonly path: string;
  readonly method: 'stored' | 'deflated';
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its own header begins, and before which place its bytes have to end. */
  readonly header: number;
  readonly end: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
export const LOCAL_LENGTH = 30;
const MOST_DIRECTORY = 32 * 1024 * 1024;
const METHODS = new Map([
  [9, 'Deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'XZ'],
  [99, 'AES encryption'],
]);

/** Reads and checks the directory of a zip archive: folders, links and what systems add are left out. */
export async function readDirectory(file: Given): Promise<readonly Entry[]> {
  const { offset, size, count } = await findDirectory(file);
  if (size > MOST_DIRECTORY) throw tooMany(file);
  const bytes = await take(file, offset, offset + size);
  const entries = parseEntries(file, bytes, count);
  return distinct(file, bounded(file, entries, offset));
}

/** Says that a zip archive does not fit together. */
export function broken(file: Given, why: string, cause?: unknown): Error {
  return refuse(
    'E_UPLOAD_ARCHIVE',
    `${shown(file.path)} is a zip archive that is incomplete or damaged: ${why}.`,
    'Download or pack it again.',
    cause,
  );
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/** Looks for the record at the archive's end that says where the directory lies. */
async function findDirectory(file: Given): Promise<Directory> {
  const from = Math.max(0, file.size - END_LENGTH - 0xffff);
  const tail = await take(file, from, file.size);
  const view = viewOf(tail);
  for (let at = tail.length - END_LENGTH; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_LENGTH + view.getUint16(at + 20, true) !== tail.length) continue;
    const found = {
      offset: view.getUint32(at + 16, true),
      size: view.getUint32(at + 12, true),
      count: view.getUint16(at + 10, true),
    };
    const disks = view.getUint16(at + 4, true) + view.getUint16(at + 6, true);
    const is64 = found.offset === 0xffffffff || found.size === 0xffffffff || found.count === 0xffff;
    const locator = at >= 20 && view.getUint32(at - 20, true) === LOCATOR64;
    if (is64 && locator) return directory64(file, number64(view, at - 12));
    if (disks !== 0) throw broken(file, 'it is one part of several');
    return within(file, found, from + at);
  }
  throw broken(file, 'it does not end as such an archive does');
}

async function directory64(file: Given, at: number): Promise<Directory> {
  if (at + 56 > file.size) throw broken(file, 'its directory lies beyond its end');
  const view = viewOf(await take(file, at, at + 56));
  if (view.getUint32(0, true) !== END64)
    throw broken(file, 'its directory is not where it should be');
  const found = {
    offset: number64(view, 48),
    size: number64(view, 40),
    count: number64(view, 32),
  };
  return within(file, found, at);
}

function within(file: Given, found: Directory, end: number): Directory {
  if (found.count > LIMITS.files) throw tooMany(file);
  if (!(found.offset + found.size <= end)) throw broken(file, 'its directory lies beyond its end');
  if (found.count * CENTRAL_LENGTH > found.size)
    throw broken(file, `it claims ${found.count} files, for which its directory is too short`);
  return found;
}

/** An entry before it is known where the next one begins; null for what is left out. */
type Draft = Omit<Entry, 'end'> & { readonly counts: boolean; readonly name: number };

function parseEntries(file: Given, bytes: Uint8Array, count: number): Draft[] {
  const view = viewOf(bytes);
  const entries: Draft[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (at + CENTRAL_LENGTH > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw broken(file, `its directory breaks off at file ${i + 1} of ${count}`);
    const name = view.getUint16(at + 28, true);
    const extra = view.getUint16(at + 30, true);
    const next = at + CENTRAL_LENGTH + name + extra + view.getUint16(at + 32, true);
    if (next > bytes.length)
      throw broken(file, `its directory breaks off at file ${i + 1} of ${count}`);
    entries.push(parseEntry(file, bytes.subarray(at, next), name, extra));
    at = next;
  }
  if (at !== bytes.length) throw broken(file, 'its directory is longer than its files need');
  return entries;
}

function parseEntry(file: Given, record: Uint8Array, name: number, extra: number): Draft {
  const view = viewOf(record);
  const path = pathOf(file, record.subarray(CENTRAL_LENGTH, CENTRAL_LENGTH + name));
  const flags = view.getUint16(8, true);
  const method = view.getUint16(10, true);
  const kind = (view.getUint32(38, true) >>> 28) & 0xf;
  // Unix says in the upper bits what a file is: 8 for a regular one, 0 where nothing is said.
  const regular = view.getUint8(5) !== 3 || kind === 0 || kind === 8;
  const counts = regular && !path.endsWith('/') && !isSystems(path);
  if (counts) {
    if ((flags & 0x2041) !== 0) throw encrypted(file, path);
    if (method !== 0 && method !== 8) throw unknownMethod(file, path, method);
  }
  const extras = record.subarray(CENTRAL_LENGTH + name, CENTRAL_LENGTH + name + extra);
  const sizes = widened(file, extras, [
    view.getUint32(24, true),
    view.getUint32(20, true),
    view.getUint32(42, true),
  ]);
  const [size, packed, header] = sizes;
  if (method === 0 && counts && size !== packed)
    throw broken(file, `${shown(path)} is stored as it is, yet with two different sizes`);
  return {
    path,
    method: method === 0 ? 'stored' : 'deflated',
    crc: view.getUint32(16, true),
    packed,
    size,
    header,
    name,
    counts,
  };
}

/** Puts the 64-bit numbers of the extra field in place of those that did not fit into 32 bits. */
function widened(
  file: Given,
  extras: Uint8Array,
  numbers: readonly [number, number, number],
): [number, number, number] {
  const view = viewOf(extras);
  const wide: [number, number, number] = [...numbers];
  for (let at = 0; at + 4 <= extras.length;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extras.length) break;
    if (view.getUint16(at, true) === 1) {
      let from = at + 4;
      for (const i of [0, 1, 2] as const) {
        if (numbers[i] !== 0xffffffff) continue;
        if (from + 8 > end) throw broken(file, 'a file of it has no size');
        wide[i] = number64(view, from);
        from += 8;
      }
    }
    at = end;
  }
  return wide;
}

/** Gives every entry the place where its bytes have to end; refuses those that share bytes. */
function bounded(file: Given, drafts: readonly Draft[], directory: number): Entry[] {
  const inOrder = drafts.toSorted((a, b) => b.header - a.header);
  let end = directory;
  const kept: Entry[] = [];
  for (const { counts, name, ...entry } of inOrder) {
    if (!(entry.header + LOCAL_LENGTH + name + entry.packed <= end))
      throw broken(file, `${shown(entry.path)} overlaps what comes after it`);
    if (counts) kept.push({ ...entry, end });
    end = entry.header;
  }
  return kept.reverse();
}

function distinct(file: Given, entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<string>();
  for (const { path } of entries) {
    if (seen.has(path)) throw broken(file, `it holds ${shown(path)} twice`);
    seen.add(path);
  }
  return entries;
}

/** An entry's name as a path with / between folders. */
function pathOf(file: Given, bytes: Uint8Array): string {
  const name = decoded(bytes).replaceAll('\\', '/');
  const parts = name.split('/');
  const bad =
    bytes.length > LIMITS.pathLength
      ? 'is too long'
      : name.includes('\0')
        ? 'holds a NUL'
        : name.startsWith('/') || /^[a-z]:/i.test(name)
          ? 'is absolute'
          : parts.includes('..')
            ? 'leads out of the archive'
            : parts.every((part) => part === '' || part === '.')
              ? 'is empty'
              : null;
  if (bad !== null)
    throw refuse(
      'E_UPLOAD_NAME',
      `${shown(file.path)} holds a file whose name ${bad}: "${shown(name)}".`,
      'Archives from trustworthy programs have no such names; pack the files again.',
    );
  const path = parts.filter((part) => part !== '' && part !== '.').join('/');
  return name.endsWith('/') ? `${path}/` : path;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Old archives do not say how names are written. They need only be told apart.
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** What macOS and Windows put beside a person's files. */
export function isSystems(path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  const folder = path.startsWith('__MACOSX/') || path.includes('/__MACOSX/');
  return folder || name.startsWith('._') || /^(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name);
}

function encrypted(file: Given, path: string): Error {
  return refuse(
    'E_UPLOAD_ARCHIVE',
    `${shown(file.path)} is encrypted: ${shown(path)} needs a password.`,
    'Unpack it and choose the files, or pack it without a password.',
  );
}

function unknownMethod(file: Given, path: string, method: number): Error {
  return refuse(
    'E_UPLOAD_ARCHIVE',
    `${shown(file.path)} packs ${shown(path)} by ${METHODS.get(method) ?? `method ${method}`}, which is not read here.`,
    'Pack it as an ordinary zip archive (method "deflate" or "store").',
  );
}

function tooMany(file: Given): Error {
  return refuse(
    'E_UPLOAD_TOO_LARGE',
    `${shown(file.path)} holds more than ${LIMITS.files.toLocaleString('en')} files.`,
    'Choose an archive with fewer files.',
  );
}

/** A number of 64 bits; beyond what is exact it is infinite, which no check lets through. */
function number64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : Infinity;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
