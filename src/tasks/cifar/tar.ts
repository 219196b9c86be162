import { UserError } from '../../recipe/errors';
import { damaged } from './open';
import type { Opened } from './open';

const BLOCK = 512;
const MOST_ENTRIES = 1000;

/** A regular file in an archive. Its bytes are next in the reader and need not be read. */
export interface Entry {
  /** Name without its folders. */
  readonly name: string;
  readonly size: number;
}

/** Text of a header's field, up to its first NUL. */
function field(header: Uint8Array, from: number, length: number): string {
  const bytes = header.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? length : end));
}

/** An octal number, or NaN. */
function octal(text: string): number {
  return /^ *[0-7]+ *$/.test(text) ? Number.parseInt(text, 8) : NaN;
}

/** True for a block of 512 bytes whose checksum says that it is the header of a tar entry. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK) return false;
  let sum = 0;
  // The checksum counts its own eight bytes as spaces.
  for (let i = 0; i < BLOCK; i += 1) sum += i >= 148 && i < 156 ? 32 : (block[i] ?? 0);
  return octal(field(block, 148, 8)) === sum;
}

/**
 * Calls `visit` for every regular file of the tar archive that comes out of a reader, in the archive's order, and goes
 * on to the next when it is done. Throws UserError where the archive breaks off, or a header's checksum is wrong.
 */
export async function readTar(
  archive: string,
  { reader, limit, beyond }: Opened,
  visit: (entry: Entry) => Promise<void>,
): Promise<void> {
  for (let entries = 0; ; entries += 1) {
    const at = reader.position;
    const header = await reader.take(BLOCK);
    if (header.length === BLOCK && header.every((byte) => byte === 0)) break;
    const size = octal(field(header, 124, 12));
    if (!isTarHeader(header) || Number.isNaN(size)) throw damaged(archive, at);
    if (size > limit - reader.position) throw beyond();
    if (entries >= MOST_ENTRIES) throw tooMany(archive);
    const name = field(header, 0, 100).split('/').at(-1) ?? '';
    const type = header[156];
    const body = reader.position;
    // Type 0 (or NUL, in old archives) is a regular file; ._ files hold what macOS adds to one.
    if ((type === 0 || type === 0x30) && !name.startsWith('._')) await visit({ name, size });
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (!(await reader.skip(body + padded - reader.position)))
      throw damaged(archive, reader.position);
  }
  // To the end, so that gzip's checksum is verified.
  while ((await reader.take(1 << 16)).length > 0);
}

function tooMany(archive: string): UserError {
  return new UserError(
    'E_DATA_TOO_LARGE',
    `${archive} holds more than ${MOST_ENTRIES} files, which no archive of this data set does.`,
    'Choose the archive from the data set\u2019s home page.',
  );
}
