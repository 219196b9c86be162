import { UserError } from '../../recipe/errors';
import type { Source } from '../contract';
import { ByteReader } from './reader';

/** No archive of the data sets unpacks to more than 190 MB. */
const MOST_UNPACKED = 400e6;
/** Photographs hardly shrink; more than this is no archive of images. */
const MOST_RATIO = 50;

/** A source being read, unpacked where it is a gzip file. */
export interface Opened {
  readonly reader: ByteReader;
  /** No more bytes than this may come. */
  readonly limit: number;
  /** What to say of an archive whose files would end beyond the limit. */
  beyond(): UserError;
}

/**
 * Opens a source and unpacks gzip on the way, without ever holding the whole of it. `seen` is told how many bytes of
 * the file have been read. Errors of reading and of unpacking come as UserErrors out of the reader.
 */
export async function open(source: Source, seen: (bytes: number) => void): Promise<Opened> {
  const plain = new ByteReader(watched(source, seen));
  const head = await plain.peek(2);
  const { name, size } = source;
  if (!(head[0] === 0x1f && head[1] === 0x8b))
    return { reader: plain, limit: size, beyond: () => damaged(name, size) };
  await plain.cancel();
  const limit = Math.min(MOST_UNPACKED, 1e6 + MOST_RATIO * size);
  const reader = new ByteReader(gunzipped(source, seen, limit));
  return { reader, limit, beyond: () => tooLarge(name, limit) };
}

/** The source's bytes, counted, its errors in words. */
function watched(source: Source, seen: (bytes: number) => void): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let count = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        reader ??= source.stream().getReader();
        const { done, value } = await reader.read();
        if (done) return controller.close();
        count += value.length;
        seen(count);
        controller.enqueue(value);
      } catch (cause) {
        controller.error(unreadable(source, cause));
      }
    },
    cancel: (reason) => reader?.cancel(reason),
  });
}

function unreadable(source: Source, cause: unknown): UserError {
  return new UserError(
    'E_DATA_READ',
    `${source.name} could not be read to its end.`,
    'The file may have been changed, moved or shut off since it was chosen: choose it again.',
    { cause },
  );
}

/** The unpacked bytes of a gzip source, stopped where more than `limit` come out of it. */
function gunzipped(
  source: Source,
  seen: (bytes: number) => void,
  limit: number,
): ReadableStream<Uint8Array> {
  // TypeScript's DecompressionStream takes any BufferSource, which a stream of Uint8Array does not fit by its type.
  const gunzip = new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>;
  const reader = watched(source, seen).pipeThrough(gunzip).getReader();
  let count = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        count += value.length;
        if (count > limit) throw tooLarge(source.name, limit);
        controller.enqueue(value);
      } catch (thrown) {
        controller.error(
          thrown instanceof UserError ? thrown : damaged(source.name, count, thrown),
        );
        await reader.cancel().catch(() => undefined);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function tooLarge(name: string, limit: number): UserError {
  return new UserError(
    'E_DATA_TOO_LARGE',
    `${name} unpacks to more than ${Math.round(limit / 1e6)} MB, which no archive of this data set does.`,
    'Choose the archive from the data set\u2019s home page.',
  );
}

/** For an archive that breaks off or does not fit together. */
export function damaged(name: string, position: number, cause?: unknown): UserError {
  return new UserError(
    'E_DATA_DAMAGED',
    `${name} is incomplete or damaged: it could be unpacked only up to byte ${position.toLocaleString('en')}.`,
    'Download it again; "npm run data" resumes a broken download and checks the result.',
    { cause },
  );
}
