import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import type { Source } from '../../src/tasks/contract';
import { cifarArchive, cifarFiles, cifarRecords, sourceOf, tar } from '../fixtures/cifar';
import { loadCifar } from '../fixtures/load';
import type { CifarId as Id } from '../fixtures/load';

const ten = cifarFiles('cifar10', { train: 12, test: 15 });
const tenSources = ten
  .filter(({ name }) => name.endsWith('.bin'))
  .map(({ name, bytes }) => sourceOf(name, bytes));
const hundred = new Map(
  cifarFiles('cifar100', { train: 40, test: 15 }).map(({ name, bytes }) => [name, bytes]),
);
const hundredTrain = hundred.get('train.bin') ?? new Uint8Array(0);
const hundredTest = hundred.get('test.bin') ?? new Uint8Array(0);
const archive = cifarArchive('cifar10', { train: 12, test: 15 });
const pair = (train: Uint8Array, test: Uint8Array) => [
  sourceOf('train.bin', train),
  sourceOf('test.bin', test),
];
const text = (words: string) => new Uint8Array(Buffer.from(words));

/** The UserError with which loading ends. */
async function refusal(id: Id, sources: readonly Source[]): Promise<UserError> {
  const thrown: unknown = await loadCifar(id, sources).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof UserError)) throw new Error('no UserError', { cause: thrown });
  expect(thrown.hint).not.toBe('');
  expect(thrown.message).toMatch(/\.$/);
  return thrown;
}

describe('a file that does not fit is refused in words', () => {
  const records = cifarRecords('cifar10', 20, 1);
  const test = cifarRecords('cifar10', 5, 2);
  const spoilt = records.slice();
  spoilt[17 * 3073] = 200;
  const spoiltHundred = hundredTrain.slice();
  spoiltHundred[3 * 3074 + 1] = 100;

  const cases: [string, Id, Source[], string, string][] = [
    ['no file', 'cifar10', [], 'E_DATA_NOTHING', 'CIFAR-10 needs its files.'],
    [
      'other files',
      'cifar10',
      ['a.txt', 'b.csv', 'c.md', 'd.md'].map((name) => sourceOf(name, text('hello'))),
      'E_DATA_NOTHING',
      'There is no CIFAR-10 data in its binary version among the files given: a.txt, b.csv, c.md and 1 more.',
    ],
    [
      'a web page',
      'cifar10',
      [sourceOf('cifar.html', text('\n<!DOCTYPE html><title>Login</title>'))],
      'E_DATA_NOTHING',
      'cifar.html is a web page, not CIFAR-10 data.',
    ],
    [
      'a web page under the archive\u2019s name',
      'cifar10',
      [sourceOf('cifar-10-binary.tar.gz', text('<html><body>404</body></html>'))],
      'E_DATA_FORMAT',
      'cifar-10-binary.tar.gz is a web page, not CIFAR-10 data.',
    ],
    [
      'a Git LFS pointer',
      'cifar10',
      [sourceOf('train.bin', text('version https://git-lfs.github.com/spec/v1\noid sha256:0'))],
      'E_DATA_FORMAT',
      'train.bin is a Git LFS pointer, not CIFAR-10 data.',
    ],
    [
      'a gzip file that holds no archive',
      'cifar10',
      [sourceOf('train.gz', gzipSync(records))],
      'E_DATA_FORMAT',
      'train.gz is no tar archive, packed or not.',
    ],
    [
      'an empty file',
      'cifar10',
      pair(new Uint8Array(0), test),
      'E_DATA_EMPTY',
      'train.bin is empty.',
    ],
    [
      'a wrong size',
      'cifar10',
      pair(records.subarray(0, 10_000), test),
      'E_DATA_SIZE',
      'train.bin has 10,000 bytes, which is no whole number of CIFAR-10 records: 3 records of 3,073 bytes, and 781 bytes over.',
    ],
    [
      'a label out of range',
      'cifar10',
      pair(spoilt, test),
      'E_DATA_LABEL',
      'train.bin: record 17 (counted from 0) has the label 200; CIFAR-10 has labels from 0 to 9 there.',
    ],
    [
      'a fine label out of range',
      'cifar100',
      pair(spoiltHundred, hundredTest),
      'E_DATA_LABEL',
      'train.bin: record 3 (counted from 0) has the label 100; CIFAR-100 has labels from 0 to 99 there.',
    ],
    [
      'CIFAR-100 for CIFAR-10',
      'cifar10',
      pair(hundredTrain, hundredTest),
      'E_DATA_OTHER_SET',
      'train.bin holds CIFAR-100 records, not CIFAR-10.',
    ],
    [
      'CIFAR-10 for CIFAR-100',
      'cifar100',
      [sourceOf('cifar-10-binary.tar.gz', archive)],
      'E_DATA_OTHER_SET',
      'data_batch_1.bin holds CIFAR-10 records, not CIFAR-100.',
    ],
    [
      'training images alone',
      'cifar10',
      [sourceOf('data_batch_2.bin', records)],
      'E_DATA_NO_TEST',
      'data_batch_2.bin: training images came, but no test images.',
    ],
    [
      'test images alone',
      'cifar10',
      [sourceOf('test_batch.bin', test)],
      'E_DATA_NO_TRAIN',
      'test_batch.bin: test images came, but no training images of CIFAR-10.',
    ],
    [
      'the same file twice',
      'cifar10',
      [...tenSources, sourceOf('data_batch_3 (1).bin', records)],
      'E_DATA_TWICE',
      'data_batch_3.bin and data_batch_3 (1).bin both hold the same training images.',
    ],
    [
      'both forms of the training set',
      'cifar10',
      [sourceOf('data_batch_1.bin', records), ...pair(records, test)],
      'E_DATA_TWICE',
      'data_batch_1.bin and train.bin both hold the same training images.',
    ],
    [
      'two test files',
      'cifar10',
      [sourceOf('test_batch.bin', test), ...pair(records, test)],
      'E_DATA_TWICE',
      'test_batch.bin and test.bin both hold the same test images.',
    ],
    [
      'an unknown name',
      'cifar10',
      [sourceOf('images.bin', records)],
      'E_DATA_NAME',
      'images.bin: the name does not say whether this is training or test data of CIFAR-10.',
    ],
    [
      'too few images',
      'cifar10',
      pair(records.subarray(0, 9 * 3073), test),
      'E_DATA_TOO_FEW',
      'The training files hold 9 images; at least 10 are needed.',
    ],
    [
      'the Python version',
      'cifar10',
      [
        sourceOf(
          'cifar-10-python.tar.gz',
          gzipSync(tar([{ name: 'c/data_batch_1', bytes: test }])),
        ),
      ],
      'E_DATA_VERSION',
      'cifar-10-python.tar.gz holds the Python version of CIFAR-10; what is read here is the binary version.',
    ],
    [
      'an archive of something else',
      'cifar10',
      [sourceOf('notes.tar', tar([{ name: 'notes.txt', bytes: test }]))],
      'E_DATA_VERSION',
      'notes.tar holds no .bin file; what is read here is the binary version.',
    ],
    [
      'a gzip bomb',
      'cifar10',
      [sourceOf('bomb.tar.gz', gzipSync(tar([{ name: 'zeros', bytes: new Uint8Array(8e6) }])))],
      'E_DATA_TOO_LARGE',
      'bomb.tar.gz unpacks to more than 1 MB, which no archive of this data set does.',
    ],
    [
      'an archive of very many files',
      'cifar10',
      [
        sourceOf(
          'many.tar',
          tar(Array.from({ length: 1001 }, (_, i) => ({ name: `${i}`, bytes: new Uint8Array(0) }))),
        ),
      ],
      'E_DATA_TOO_LARGE',
      'many.tar holds more than 1000 files, which no archive of this data set does.',
    ],
  ];

  it.each(cases)('%s', async (_, id, sources, code, sentence) => {
    const error = await refusal(id, sources);
    expect([error.code, error.message]).toEqual([code, sentence]);
  });

  it('an archive that breaks off, wherever it does', async () => {
    const plain = tar(ten);
    const cuts = [600, 3000, 40_000, 100_000];
    for (const cut of cuts) {
      for (const bytes of [archive.subarray(0, cut), plain.subarray(0, cut)]) {
        const error = await refusal('cifar10', [sourceOf('c.tar.gz', bytes)]);
        expect(error.code).toBe('E_DATA_DAMAGED');
        expect(error.message).toMatch(
          /^(c\.tar\.gz|\w+\.bin) is incomplete or damaged: it could be unpacked only up to byte [\d,]+\.$/,
        );
      }
    }
    // Complete but for the last block, and but for gzip's checksum.
    const short = plain.subarray(0, plain.length - 1024);
    expect((await refusal('cifar10', [sourceOf('c.tar', short)])).code).toBe('E_DATA_DAMAGED');
    const unsigned = archive.subarray(0, archive.length - 6);
    expect((await refusal('cifar10', [sourceOf('c.tar.gz', unsigned)])).code).toBe(
      'E_DATA_DAMAGED',
    );
  });

  it('an archive with a flipped byte', async () => {
    const flipped = archive.slice();
    const at = Math.floor(flipped.length / 2);
    flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    const { code } = await refusal('cifar10', [sourceOf('c.tar.gz', flipped)]);
    expect(['E_DATA_DAMAGED', 'E_DATA_LABEL']).toContain(code);
    const header = tar(ten);
    const second = 512 + Math.ceil((12 * 3073) / 512) * 512;
    header[second] = (header[second] ?? 0) ^ 1;
    expect((await refusal('cifar10', [sourceOf('c.tar', header)])).code).toBe('E_DATA_DAMAGED');
  });

  it('a file that can no longer be read', async () => {
    for (const good of [
      sourceOf('train.bin', records, 1000),
      sourceOf('c.tar.gz', archive, 1000),
    ]) {
      let left = 3;
      const stream = () =>
        good.stream().pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              left -= 1;
              if (left < 0) throw new Error('the disk is gone');
              controller.enqueue(chunk);
            },
          }),
        );
      const error = await refusal('cifar10', [{ ...good, stream }]);
      expect(error.code).toBe('E_DATA_READ');
      expect(error.message).toBe(`${good.name} could not be read to its end.`);
    }
  });

  it('anything at all, with a UserError', async () => {
    const names = ['train.bin', 'test.bin', 'data_batch_1.bin', 'c.tar.gz', 'c.tar', 'x.txt', ''];
    const start = fc.constantFrom(
      new Uint8Array(0),
      archive.subarray(0, 500),
      tar(ten).subarray(0, 700),
      Uint8Array.of(0x1f, 0x8b, 8, 0),
    );
    const file = fc
      .tuple(
        fc.constantFrom(...names),
        start,
        fc.uint8Array({ maxLength: 4000 }),
        fc.integer({ min: 1, max: 2000 }),
      )
      .map(([name, head, tail, chunk]) => sourceOf(name, Buffer.concat([head, tail]), chunk));
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 3 }),
        fc.constantFrom<Id>('cifar10', 'cifar100'),
        async (sources, id) => {
          expect((await refusal(id, sources)).code).toMatch(/^E_DATA_/);
        },
      ),
      { numRuns: 150 },
    );
  });
});
