import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openGzip } from '../../src/upload/archive/gzip';
import { openZip } from '../../src/upload/archive/zip';
import { fromBlob, fromBytes, head, take } from '../../src/upload/bytes';
import type { Given } from '../../src/upload/given';
import { zip } from '../support/files/zip';
import type { ZipFile } from '../support/files/zip';

const reading = { progress: () => undefined };
const text = (said: string) => new TextEncoder().encode(said);
const file = (name: string, said = name, more: Partial<ZipFile> = {}): ZipFile => ({
  name,
  bytes: text(said),
  ...more,
});
const open = (files: readonly ZipFile[], options?: Parameters<typeof zip>[1]) =>
  openZip(fromBytes('a.zip', zip(files, options)), reading);
const all = async (given: Given | undefined) =>
  new TextDecoder().decode(await take(given!, 0, given!.size));

describe('a zip archive', () => {
  it.each([
    ['stored', {}, false],
    ['deflated', { deflate: true }, false],
    ['deflated, with sizes of 64 bits', { deflate: true }, true],
  ])('%s is read whole, by its head and in pieces', async (_, more, wide) => {
    const long = 'abc'.repeat(50_000);
    const files = await open([file('m/x.txt', long, more), file('y', 'why', more)], { wide });
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ['m/x.txt', 150_000],
      ['y', 3],
    ]);
    expect(await all(files[0])).toBe(long);
    expect(new TextDecoder().decode(await head(files[0]!, 4))).toBe('abca');
    expect(new TextDecoder().decode(await take(files[0]!, 140_001, 140_004))).toBe('abc');
    expect(await all(files[1])).toBe('why');
    expect(await all(files[0])).toBe(long);
  });

  it('leaves out folders, links and what systems add, and reads backslashes as folders', async () => {
    const files = await open([
      file('d/', ''),
      file('link', '/etc/passwd', { mode: 0o120777 }),
      file('__MACOSX/._x'),
      file('d/.DS_Store'),
      file('d\\x'),
      file('./e//y'),
    ]);
    expect(files.map(({ path }) => path)).toEqual(['d/x', 'e/y']);
  });

  const zeros = new Uint8Array(20 << 20);
  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a path upwards',
      () => open([file('a/../../x')]),
      'name leads out of the archive: "a/../../x"',
    ],
    ['an absolute path', () => open([file('/etc/x')]), 'name is absolute'],
    ['a drive', () => open([file('C:\\x')]), 'name is absolute: "C:/x"'],
    ['a NUL', () => open([file('a\0b')]), 'name holds a NUL'],
    ['a name of nothing', () => open([file('./')]), 'name is empty'],
    ['a long name', () => open([file('x'.repeat(2000))]), 'name is too long'],
    ['a name twice', () => open([file('x'), file('./x')]), 'it holds x twice'],
    ['a password', () => open([file('x', 'x', { flags: 1 })]), 'x needs a password'],
    ['another method', () => open([file('x', 'x', { method: 12 })]), 'packs x by bzip2'],
    ['files that share bytes', () => open([file('x'), file('y', 'y', { header: 0 })]), 'overlaps'],
    ['more files than records', () => open([file('x')], { count: 9 }), 'claims 9 files'],
    [
      'fewer files than records',
      () => open([file('x'), file('y')], { count: 1 }),
      'is longer than',
    ],
    [
      'too many files',
      () => open([file('x')], { wide: true, count: 2e5 }),
      'more than 100,000 files',
    ],
    ['a bomb', () => open([{ name: 'x', bytes: zeros, deflate: true }]), 'more than 16 MiB'],
    [
      'a huge claim',
      () => open([file('x', 'x', { deflate: true, size: 0xfffffff0 })]),
      'than 16 MiB',
    ],
    ['two sizes', () => open([file('x', 'x', { size: 5 })]), 'with two different sizes'],
  ])('with %s is refused at once', async (_, opened, sentence) => {
    await expect(opened()).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(sentence),
    });
  });

  it.each<[string, Partial<ZipFile>, string]>([
    ['more bytes than said', { size: 3 }, 'another size'],
    ['fewer bytes than said', { size: 9000 }, 'another size'],
    ['another check sum', { crc: 1 }, 'check sum of x'],
  ])('with %s is refused when it is read', async (_, more, sentence) => {
    const [x] = await open([file('x', 'hello', { deflate: true, ...more })]);
    await expect(all(x)).rejects.toThrow(sentence);
  });

  it('cut anywhere, or with any byte changed, is read or refused with a sentence', async () => {
    const good = zip([file('a/x', 'hello '.repeat(9), { deflate: true }), file('y')]);
    const bad = [...good.keys()].flatMap((at) => {
      const changed = Buffer.from(good);
      changed[at] = changed[at]! ^ 0x41;
      return [good.subarray(0, at), changed];
    });
    const outcomes = new Set<string>();
    for (const bytes of bad) {
      const read = openZip(fromBytes('a.zip', bytes), reading).then((files) =>
        Promise.all(files.map(all)),
      );
      outcomes.add(await read.then(() => 'read').catch((thrown: Error) => thrown.name));
    }
    expect([...outcomes].toSorted()).toEqual(['UserError', 'read']);
  });

  it('may lie in another, but no deeper', async () => {
    const inner = zip([file('deepest.txt')]);
    const middle = zip([{ name: 'inner.zip', bytes: inner }]);
    const [first] = await open([{ name: 'middle.zip', bytes: middle }]);
    const [second] = await openZip(first!, reading);
    await expect(openZip(second!, reading)).rejects.toThrow('an archive within an archive');
  });

  it('stops unpacking where it is cancelled', async () => {
    const abort = new AbortController();
    const bytes = zip([{ name: 'x', bytes: zeros.subarray(0, 1 << 22), deflate: true }]);
    const [x] = await openZip(fromBytes('a.zip', bytes), { ...reading, signal: abort.signal });
    abort.abort();
    await expect(all(x)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a gzip file', () => {
  it('is unpacked within the limits, whatever its end says', async () => {
    const packed = gzipSync('hello'.repeat(1000));
    const given = await openGzip(fromBlob('data/x.idx.gz', new Blob([packed])), reading);
    expect(given).toMatchObject({ path: 'data/x.idx', size: 5000 });
    expect((await all(given)).slice(-5)).toBe('hello');
    packed.writeUInt32LE(0xffffffff, packed.length - 4);
    await expect(openGzip(fromBytes('x.gz', packed), reading)).rejects.toThrow('damaged');
  });

  it('that unpacks to too much is refused', async () => {
    const bomb = gzipSync(new Uint8Array(20 << 20));
    await expect(openGzip(fromBytes('x.gz', bomb), reading)).rejects.toThrow('than 16 MiB');
  });
});

it('a file that is gone or too short is refused with a sentence', async () => {
  const gone = { path: 'm.h5', size: 9, read: () => Promise.reject(new Error('NotReadable')) };
  await expect(head(gone, 4)).rejects.toMatchObject({ code: 'E_UPLOAD_READ' });
  const short = { ...fromBytes('m.h5', text('abc')), size: 9 };
  await expect(take(short, 0, 9)).rejects.toThrow('it has 9 bytes where 9 are needed');
});
