import { UserError } from '../recipe/errors';
import type { Given } from './given';
import { refuse, shown } from './refuse';

/** A file that lies in memory. */
export function fromBytes(path: string, bytes: Uint8Array): Given {
  // A Buffer of Node would share its bytes with its slices.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (from: number, to: number) => Promise.resolve(plain.slice(from, to));
  return { path, size: plain.length, read };
}

/** A file that the browser or Node reads piece by piece. */
export function fromBlob(path: string, blob: Blob): Given {
  const read = async (from: number, to: number) =>
    new Uint8Array(await blob.slice(from, to).arrayBuffer());
  return { path, size: blob.size, read };
}

/**
 * The bytes of a file from `from` to before `to`, all of them.
 *
 * @throws UserError where the file ends before or cannot be read
 */
export async function take(file: Given, from: number, to: number): Promise<Uint8Array> {
  if (!(from >= 0 && to >= from && to <= file.size)) throw cut(file, to);
  const bytes = await read(file, from, to);
  if (bytes.length !== to - from) throw cut(file, to);
  return bytes;
}

/** The first bytes of a file, at most `count`. */
export function head(file: Given, count: number): Promise<Uint8Array> {
  return take(file, 0, Math.min(count, file.size));
}

/** @throws UserError where the system does not let the file be read */
async function read(file: Given, from: number, to: number): Promise<Uint8Array> {
  try {
    return await file.read(from, to);
  } catch (cause) {
    const cancelled = cause instanceof Error && cause.name === 'AbortError';
    if (cancelled || cause instanceof UserError) throw cause;
    throw refuse(
      'E_UPLOAD_READ',
      `${shown(file.path)} could not be read.`,
      'The file may have been changed, moved or shut off since it was chosen: choose it again.',
      cause,
    );
  }
}

function cut(file: Given, to: number): UserError {
  const needed = Number.isSafeInteger(to) ? to.toLocaleString('en') : 'far more';
  return refuse(
    'E_UPLOAD_TRUNCATED',
    `${shown(file.path)} breaks off: it has ${file.size.toLocaleString('en')} bytes where ${needed} are needed.`,
    'Download or copy it again; it is not whole.',
  );
}
