import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOf } from '../../src/upload/digest';
import type { Given } from '../../src/upload/given';

const given = (path: string, bytes: Uint8Array): Given => ({
  path,
  size: bytes.length,
  read: (from, to) => Promise.resolve(bytes.slice(from, to)),
});
const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + 7) % 256);

it.each([0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, (1 << 20) + 17])(
  'the digest of a file of %i bytes is its SHA-256',
  async (length) => {
    const bytes = bytesOf(length);
    expect(await digestOf([given('a', bytes)])).toBe(sha(bytes));
  },
);

it('that of several files does not depend on their order', async () => {
  const files = [given('b/c', bytesOf(5)), given('a', bytesOf(9)), given('b/a', bytesOf(1))];
  const lines = [
    [9, 'a'],
    [1, 'b/a'],
    [5, 'b/c'],
  ].map(([length, path]) => `${sha(bytesOf(length as number))}  ${path}\n`);
  expect(await digestOf(files)).toBe(sha(lines.join('')));
  expect(await digestOf(files.toReversed())).toBe(sha(lines.join('')));
});
