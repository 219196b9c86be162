import { fromBytes, take } from '../bytes';
import type { Given, Reading } from '../given';
import { refuse, shown } from '../refuse';
import { tooMuch, unpackLimit, within } from './depth';
import { inflate } from './inflate';

/** Unpacks a gzip file in memory, within the limits. Its path loses ".gz". */
export async function openGzip(given: Given, reading: Reading): Promise<Given> {
  const limit = unpackLimit(given);
  const packed = { file: given, from: 0, to: given.size, method: 'gzip' } as const;
  // The last four bytes say how much there is. They may lie, and are only the first guess at the room.
  const tail = given.size >= 18 ? await take(given, given.size - 4, given.size) : new Uint8Array(4);
  const guess = new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
  const room = Math.min(guess, 4 * given.size);
  const { bytes, whole } = await inflate(packed, limit, room, reading, (cause) =>
    refuse(
      'E_UPLOAD_ARCHIVE',
      `${shown(given.path)} is a gzip file that is incomplete or damaged.`,
      'Download or copy it again.',
      cause,
    ),
  );
  if (!whole) throw tooMuch(given, limit);
  return within(given, fromBytes(given.path.replace(/\.(gz|gzip)$/i, ''), bytes));
}
