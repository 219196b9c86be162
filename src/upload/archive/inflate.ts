import { UserError } from '../../recipe/errors';
import { take } from '../bytes';
import type { Given, Reading } from '../given';
import { shown } from '../refuse';

const CHUNK = 1 << 18;

export interface Packed {
  readonly file: Given;
  /** Where the packed bytes lie in the file. */
  readonly from: number;
  readonly to: number;
  readonly method: 'deflate-raw' | 'deflate' | 'gzip';
}

/**
 * Unpacks up to `limit` bytes. Stops at once where there are more; `whole` is then false.
 *
 * @param guess how many bytes to expect; only the first guess at the room that is needed
 * @throws what `damaged` makes of an error in the packed bytes
 */
export async function inflate(
  packed: Packed,
  limit: number,
  guess: number,
  reading: Reading,
  damaged: (cause: unknown) => Error,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  const reader = unpacked(packed, reading).getReader();
  let bytes = new Uint8Array(Math.min(limit, Math.max(guess, 1024)));
  let count = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { bytes: bytes.subarray(0, count), whole: true };
      const fits = Math.min(value.length, limit - count);
      if (count + fits > bytes.length) bytes = grown(bytes, count + fits, limit);
      bytes.set(fits < value.length ? value.subarray(0, fits) : value, count);
      count += fits;
      if (fits < value.length) return { bytes, whole: false };
    }
  } catch (cause) {
    reading.signal?.throwIfAborted();
    throw cause instanceof UserError ? cause : damaged(cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function grown(bytes: Uint8Array, needed: number, limit: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.min(limit, Math.max(needed, bytes.length * 2)));
  more.set(bytes);
  return more;
}

/** The unpacked bytes, read from the file as they are wanted. */
function unpacked(
  { file, from, to, method }: Packed,
  reading: Reading,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const what = `Unpacking ${shown(file.path)}`;
  let at = from;
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      reading.signal?.throwIfAborted();
      if (at >= to) return controller.close();
      const next = Math.min(at + CHUNK, to);
      controller.enqueue(await take(file, at, next));
      at = next;
      reading.progress(what, (at - from) / (to - from));
    },
  });
  // TypeScript's DecompressionStream takes any BufferSource, which a stream of Uint8Array does not fit by its type.
  const through = new DecompressionStream(method) as ReadableWritablePair<
    Uint8Array<ArrayBuffer>,
    Uint8Array
  >;
  return source.pipeThrough(through);
}
