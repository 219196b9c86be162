import { take } from '../bytes';
import type { Given, Reading } from '../given';
import { shown } from '../refuse';
import { crc32 } from './crc32';
import { tooMuch, unpackLimit, within } from './depth';
import { inflate } from './inflate';
import { LOCAL_LENGTH, broken, readDirectory } from './zip-directory';
import type { Entry } from './zip-directory';

const LOCAL = 0x04034b50;
/** Reading no further than this into a file unpacks only that much of it: enough to tell what it is. */
const HEAD = 1 << 16;

/**
 * The files of a zip archive, each unpacked when it is first read. A file that is read whole is handed over; of those
 * read in pieces the archive keeps the last one.
 *
 * @throws UserError where the archive is damaged, encrypted or packed in another way, or would unpack to too much
 */
export async function openZip(given: Given, reading: Reading): Promise<readonly Given[]> {
  const limit = unpackLimit(given);
  const entries = await readDirectory(given);
  let total = 0;
  for (const { size } of entries) total += size;
  // Every file is held to its size below, so that the sum of the sizes is what there can be.
  if (!(total <= limit)) throw tooMuch(given, limit);
  const kept: Kept = { entry: null, bytes: new Uint8Array() };
  return entries.map((entry) =>
    within(given, {
      path: entry.path,
      size: entry.size,
      read: (from, to) => readEntry(given, entry, from, Math.min(to, entry.size), kept, reading),
    }),
  );
}

/** The file that was unpacked last. */
interface Kept {
  entry: Entry | null;
  bytes: Uint8Array;
}

async function readEntry(
  zip: Given,
  entry: Entry,
  from: number,
  to: number,
  kept: Kept,
  reading: Reading,
): Promise<Uint8Array> {
  if (!(from >= 0 && from < to)) return new Uint8Array();
  const whole = from === 0 && to === entry.size;
  if (entry.method === 'stored') {
    const start = await startOf(zip, entry);
    const bytes = await take(zip, start + from, start + to);
    return whole ? checked(zip, entry, bytes) : bytes;
  }
  if (kept.entry !== entry) {
    const start = await startOf(zip, entry);
    if (to <= HEAD && !whole) return (await unpack(zip, entry, start, to, reading)).slice(from);
    const bytes = checked(zip, entry, await unpack(zip, entry, start, entry.size, reading));
    kept.entry = entry;
    kept.bytes = bytes;
  }
  const bytes = kept.bytes;
  if (!whole) return bytes.slice(from, to);
  kept.entry = null;
  kept.bytes = new Uint8Array();
  return bytes;
}

/** Where an entry's bytes begin: behind its own header, which has to fit the directory. */
async function startOf(zip: Given, entry: Entry): Promise<number> {
  const header = await take(zip, entry.header, entry.header + LOCAL_LENGTH);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const method = view.getUint16(8, true);
  if (view.getUint32(0, true) !== LOCAL || (method === 0) !== (entry.method === 'stored'))
    throw broken(zip, `${shown(entry.path)} is not where the directory says`);
  const start = entry.header + LOCAL_LENGTH + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.packed > entry.end)
    throw broken(zip, `${shown(entry.path)} overlaps what comes after it`);
  return start;
}

/** The first `count` bytes of a deflated entry; of a whole one, exactly as many as the directory says. */
async function unpack(
  zip: Given,
  entry: Entry,
  start: number,
  count: number,
  reading: Reading,
): Promise<Uint8Array> {
  const packed = {
    file: zip,
    from: start,
    to: start + entry.packed,
    method: 'deflate-raw',
  } as const;
  const { bytes, whole } = await inflate(packed, count, count, reading, (cause) =>
    broken(zip, `${shown(entry.path)} cannot be unpacked`, cause),
  );
  if (bytes.length < count || (count === entry.size && !whole))
    throw broken(zip, `${shown(entry.path)} has another size than the directory says`);
  return bytes;
}

function checked(zip: Given, entry: Entry, bytes: Uint8Array): Uint8Array {
  if (crc32(bytes) !== entry.crc)
    throw broken(zip, `the check sum of ${shown(entry.path)} does not fit`);
  return bytes;
}
