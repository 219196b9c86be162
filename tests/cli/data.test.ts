import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cifarArchive, cifarFiles } from '../fixtures/cifar';

const COUNTS = { train: 20, test: 20 };
const archive = cifarArchive('cifar10', COUNTS);
const md5 = createHash('md5').update(archive).digest('hex');
const NAMES = ['1', '2', '3', '4', '5'].map((k) => `data_batch_${k}.bin`).concat('test_batch.bin');
const PART = 'cifar-10-binary.tar.gz.part';

let server: Server;
let answer: RequestListener;
let requests: IncomingMessage['headers'][] = [];
let url = '';
let out = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.headers);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  answer = whole;
  out = mkdtempSync(path.join(tmpdir(), 'cifar-'));
});
afterEach(() => rmSync(out, { recursive: true }));

/** Answers with the archive, or with the rest that a range header asks for. */
const whole: RequestListener = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const asked =
    request.headers.range !== undefined && (request.headers['if-range'] ?? ETAG) === ETAG;
  if (asked && start >= archive.length) {
    response.writeHead(416, { 'content-range': `bytes */${archive.length}` }).end();
    return;
  }
  const body = asked ? archive.subarray(start) : archive;
  const range = `bytes ${start}-${archive.length - 1}/${archive.length}`;
  response.writeHead(asked ? 206 : 200, {
    'content-length': body.length,
    etag: ETAG,
    ...(asked ? { 'content-range': range } : {}),
  });
  response.end(body);
};
const ETAG = '"v1"';

/** Sends half of the archive, and cuts the connection as soon as the command has written it down. */
const cutHalfway: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': archive.length, etag: ETAG });
  const half = archive.subarray(0, archive.length / 2);
  const part = path.join(out, PART);
  const watch = setInterval(() => {
    if (!existsSync(part) || statSync(part).size < half.length) return;
    clearInterval(watch);
    response.destroy();
  }, 10);
  response.write(half);
};

/** The command's exit code and all that it says. */
async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['scripts/cli.mjs', 'data', ...args]);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said };
}
const fetchTen = (digest = md5) => run('cifar10', '--out', out, '--from', url, '--md5', digest);

function expectUnpacked() {
  expect(readdirSync(out).toSorted()).toEqual(NAMES.toSorted());
  const files = cifarFiles('cifar10', COUNTS).filter(({ name }) => name.endsWith('.bin'));
  for (const { name, bytes } of files)
    expect(Buffer.compare(readFileSync(path.join(out, name)), bytes), name).toBe(0);
}

describe('npm run data', () => {
  it('fetches, checks and unpacks, and does not fetch twice', async () => {
    const { code, said } = await fetchTen();
    expect(said).toContain(`The archive is complete: MD5 ${md5}.`);
    expect(said).toContain('100 %');
    expect(code).toBe(0);
    expectUnpacked();
    const again = await fetchTen();
    expect(again.code).toBe(0);
    expect(again.said).toContain('already; delete them to fetch them again.');
    expect(requests).toHaveLength(1);
  });

  it('goes on from where the connection was cut', async () => {
    answer = (request, response) => {
      const cut = requests.length === 1;
      (cut ? cutHalfway : whole)(request, response);
    };
    const { code, said } = await fetchTen();
    expect(code, said).toBe(0);
    expectUnpacked();
    expect(requests).toHaveLength(2);
    expect(requests[0]?.range).toBeUndefined();
    expect(requests[1]?.range).toBe(`bytes=${Math.floor(archive.length / 2)}-`);
    expect(requests[1]?.['if-range']).toBe(ETAG);
  });

  it('goes on from what an earlier command left, and takes a complete one as it is', async () => {
    for (const size of [1000, archive.length]) {
      for (const name of readdirSync(out)) rmSync(path.join(out, name));
      writeFileSync(path.join(out, PART), archive);
      truncateSync(path.join(out, PART), size);
      requests = [];
      const { code, said } = await fetchTen();
      expect(code, said).toBe(0);
      expectUnpacked();
      expect(requests.map((headers) => headers.range)).toEqual([`bytes=${size}-`]);
    }
  });

  it('begins afresh where the server sends the whole', async () => {
    writeFileSync(path.join(out, PART), 'something else');
    answer = (request, response) => {
      delete request.headers.range;
      whole(request, response);
    };
    expect((await fetchTen()).code).toBe(0);
    expectUnpacked();
  });

  it('refuses a wrong digest and deletes what came, so that the next try begins afresh', async () => {
    const wrong = '0'.repeat(32);
    const { code, said } = await fetchTen(wrong);
    expect(code).toBe(1);
    expect(said).toContain(`The archive has the MD5 digest ${md5}, not ${wrong}`);
    expect(readdirSync(out)).toEqual([]);
    expect((await fetchTen()).code).toBe(0);
    expect(requests.map((headers) => headers.range)).toEqual([undefined, undefined]);
  });

  it('gives up in words where the server refuses or stays away', async () => {
    answer = (_, response) => response.writeHead(404).end();
    const refused = await fetchTen();
    expect(refused.code).toBe(1);
    expect(refused.said).toContain(`${url} cannot be fetched: the server answered 404 Not Found.`);
    answer = (_, response) => response.destroy();
    const away = await fetchTen();
    expect(away.code).toBe(1);
    expect(away.said).toContain(`${url} cannot be fetched: no connection, 4 times in a row.`);
    expect(existsSync(path.join(out, PART))).toBe(false);
  });

  it('explains wrong usage', async () => {
    const wrong: [string[], string][] = [
      [[], 'Give one data set: cifar10 or cifar100.'],
      [['mnist'], 'Give one data set: cifar10 or cifar100.'],
      [['cifar10', '--from', 'file:///x'], '--from is "file:///x", which is no web address.'],
      [['cifar10', '--md5', 'abc'], '--md5 is "abc", but an MD5 digest is 32 hex digits.'],
      [['cifar10', '--force'], '--force'],
    ];
    for (const [args, sentence] of wrong) {
      const { code, said } = await run(...args);
      expect(said).toContain(sentence);
      expect(code).toBe(2);
    }
  });

  it('says where it cannot write', async () => {
    writeFileSync(path.join(out, 'file'), '');
    const { code, said } = await run('cifar10', '--out', path.join(out, 'file/in'), '--from', url);
    expect(code).toBe(1);
    expect(said).toContain('The data cannot be written to');
  });
});
