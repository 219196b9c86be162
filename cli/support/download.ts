import { createHash } from 'node:crypto';
import { createReadStream, existsSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/recipe/errors';

/** A connection on which nothing comes for this many milliseconds counts as cut. */
const SILENCE = 60_000;
/** How often a connection may be cut, with nothing gained in between, before giving up. */
const MOST_FAILURES = 4;
/** Milliseconds before the first new try; each further one waits longer. */
const PAUSE = 1000;

/** Called with the bytes that are there and the bytes of the whole, where the server says. */
type OnBytes = (there: number, whole: number | null) => void;

/** A connection that broke: worth another try, from where it broke. */
class Cut extends Error {}

/**
 * Fetches an address into a file. Bytes that lie in the file already are taken as its beginning, and only the rest is
 * asked for; the same after a cut connection. Throws UserError where the server refuses or stays away; what has come by
 * then stays in the file.
 */
export async function download(url: string, file: string, onBytes: OnBytes): Promise<void> {
  const transfer = new Transfer(url, file, onBytes);
  for (let failures = 0; ;) {
    const before = sizeOf(file);
    try {
      await transfer.attempt();
      return;
    } catch (thrown) {
      if (!(thrown instanceof Cut)) throw thrown;
      failures = sizeOf(file) > before ? 1 : failures + 1;
      if (failures >= MOST_FAILURES) throw unreachable(url, sizeOf(file), thrown);
      await sleep(PAUSE * failures);
    }
  }
}

/** Checks a file's MD5 digest. Throws UserError where it is another one, and deletes the file. */
export async function verify(file: string, md5: string): Promise<void> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  if (found === md5) return;
  rmSync(file);
  throw new UserError(
    'E_DIGEST',
    `The archive has the MD5 digest ${found}, not ${md5}: it is damaged or another file.`,
    'What came has been deleted; run the command again to fetch it afresh.',
  );
}

class Transfer {
  /** What names this version of the file, so that a rest is not put after the beginning of another version. */
  private validator: string | null = null;

  private readonly url: string;
  private readonly file: string;
  private readonly onBytes: OnBytes;

  constructor(url: string, file: string, onBytes: OnBytes) {
    this.url = url;
    this.file = file;
    this.onBytes = onBytes;
  }

  /** One request for what is missing. Throws Cut where it breaks. */
  async attempt(): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE);
    try {
      const response = await this.request(silence.signal);
      if (response) await this.save(response, () => timer.refresh());
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  /** The answer that holds what is missing; null where nothing is. */
  private async request(signal: AbortSignal): Promise<Response | null> {
    const there = sizeOf(this.file);
    // The archive is to come as it is, not unpacked on the way.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (there > 0) headers['range'] = `bytes=${there}-`;
    if (there > 0 && this.validator) headers['if-range'] = this.validator;
    const response = await fetch(this.url, { headers, signal }).catch((cause: unknown) => {
      throw new Cut('no connection', { cause });
    });
    if (response.status === 416 && totalOf(response) === there) return null;
    const isOther = response.status === 206 && startOf(response) !== there;
    if (response.status === 416 || isOther) {
      rmSync(this.file);
      throw new Cut('the server has another file than the one that was begun');
    }
    if (response.status >= 500) throw new Cut(`the server answered ${response.status}`);
    if (!response.ok || !response.body) throw refused(this.url, response);
    return response;
  }

  /** Writes an answer's bytes: after those that are there, or afresh where the server sends the whole. */
  private async save(response: Response, onChunk: () => void): Promise<void> {
    const etag = response.headers.get('etag');
    this.validator = etag && !etag.startsWith('W/') ? etag : response.headers.get('last-modified');
    const isRest = response.status === 206;
    const length = response.headers.get('content-length');
    const whole = isRest ? totalOf(response) : length === null ? null : Number(length);
    const file = await open(this.file, isRest ? 'a' : 'w');
    try {
      let there = isRest ? sizeOf(this.file) : 0;
      for await (const chunk of chunksOf(response)) {
        await file.appendFile(chunk);
        there += chunk.length;
        onChunk();
        this.onBytes(there, whole);
      }
      if (whole !== null && there < whole) throw new Cut('the connection ended early');
    } finally {
      await file.close();
    }
  }
}

/** The chunks of an answer's body; a break of the connection comes as Cut. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read().catch((cause: unknown) => {
      throw new Cut('the connection broke', { cause });
    });
    if (!part || part.done) return;
    yield part.value;
  }
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** Bytes of the whole by a content-range header ("bytes 5-9/10"), or null. */
function totalOf(response: Response): number | null {
  const match = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : null;
}

/** First byte by a content-range header, or null. */
function startOf(response: Response): number | null {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : null;
}

function refused(url: string, response: Response): UserError {
  return new UserError(
    'E_DOWNLOAD',
    `${url} cannot be fetched: the server answered ${response.status} ${response.statusText}.`,
    'Look the address up on the data set\u2019s home page and give it with --from.',
  );
}

function unreachable(url: string, there: number, cause: Error): UserError {
  return new UserError(
    'E_DOWNLOAD',
    `${url} cannot be fetched: ${cause.message}, ${MOST_FAILURES} times in a row.`,
    there > 0
      ? `${(there / 1e6).toFixed(1)} MB have come and are kept: run the command again to go on from there.`
      : 'Check the connection to the internet, and run the command again.',
    { cause },
  );
}
