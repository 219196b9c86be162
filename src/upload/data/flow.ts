import { UserError } from '../../recipe/errors';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import type { Given, Reading } from '../given';

const CHUNK = 1 << 20;
/** Small files may unpack to so much, whatever their ratio. */
const FREE_BYTES = 1 << 20;

/**
 * A file's bytes, taken in order: unpacked where it is a gzip file, and never more of them in memory than were asked
 * for. Stops with a refusal where more come out of it than is allowed.
 */
export class Flow {
  readonly name: string;
  readonly packed: boolean;
  /** No more bytes than this can come. */
  readonly limit: number;
  private readonly source: ReadableStreamDefaultReader<Uint8Array>;
  private rest = new Uint8Array(0);
  private count = 0;

  private constructor(
    name: string,
    packed: boolean,
    limit: number,
    source: ReadableStreamDefaultReader<Uint8Array>,
  ) {
    this.name = name;
    this.packed = packed;
    this.limit = limit;
    this.source = source;
  }

  /** @param share of the whole work that this file is, and where it begins */
  static async open(
    file: Given,
    reading: Reading,
    { from = 0, share = 1 }: { readonly from?: number; readonly share?: number } = {},
  ): Promise<Flow> {
    const name = shown(file.path);
    if (file.size > LIMITS.fileBytes) throw tooLarge(name, LIMITS.fileBytes);
    const head = await file.read(0, 2);
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    const plain = streamOf(file, (done) => {
      reading.progress(`Reading ${name}`, from + (share * done) / Math.max(1, file.size));
      reading.signal?.throwIfAborted();
    });
    if (!packed) return new Flow(name, packed, file.size, plain.getReader());
    // TypeScript's DecompressionStream takes any BufferSource, which a stream of Uint8Array does not fit by its type.
    const gunzip = new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>;
    const most = FREE_BYTES + LIMITS.unpackedRatio * file.size;
    return new Flow(
      name,
      packed,
      Math.min(LIMITS.unpackedBytes, most),
      plain.pipeThrough(gunzip).getReader(),
    );
  }

  /** Fills an array with the next bytes; how many there were. */
  async take(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      if (this.rest.length === 0 && !(await this.more())) break;
      const part = this.rest.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    return filled;
  }

  /** True where nothing is left. */
  async ended(): Promise<boolean> {
    return this.rest.length === 0 && !(await this.more());
  }

  /** Ends reading; never throws. */
  async close(): Promise<void> {
    await this.source.cancel().catch(() => undefined);
  }

  private async more(): Promise<boolean> {
    const { done, value } = await this.source.read().catch((cause: unknown) => {
      throw this.packed && !isOurs(cause)
        ? refuse(
            'E_UPLOAD_DAMAGED',
            `${this.name} is damaged: it could be unpacked only up to byte ${this.count}.`,
            'Copy or download it again.',
            cause,
          )
        : cause;
    });
    if (done) return false;
    this.count += value.length;
    if (this.count > this.limit) throw tooLarge(this.name, this.limit);
    this.rest = value as Uint8Array<ArrayBuffer>;
    return value.length > 0 || this.more();
  }
}

/** Refusals and aborts pass as they are; what else comes out of a packed stream is damage. */
function isOurs(thrown: unknown): boolean {
  return thrown instanceof UserError || (thrown as Error | null)?.name === 'AbortError';
}

function tooLarge(name: string, limit: number) {
  return refuse(
    'E_UPLOAD_TOO_LARGE',
    `${name} holds more than ${Math.floor(limit / 2 ** 20)} MB once unpacked, which is more than is allowed.`,
    'Give fewer or smaller images.',
  );
}

/** A file as a stream. */
function streamOf(file: Given, seen: (bytes: number) => void): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (at >= file.size) return controller.close();
      const part = await file.read(at, Math.min(file.size, at + CHUNK));
      if (part.length === 0) return controller.close();
      at += part.length;
      seen(at);
      controller.enqueue(part);
    },
  });
}
