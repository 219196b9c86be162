import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import type { LoadContext, Source, TaskData } from '../../src/tasks/contract';
import { tasks } from '../../src/tasks/registry';
import { cifarArchive, cifarFiles, cifarRecords, sourceOf, tar } from '../fixtures/cifar';
import type { TarEntry } from '../fixtures/cifar';

type Id = 'cifar10' | 'cifar100';

function load(
  id: Id,
  sources: readonly Source[],
  { labels = 'fine', ...more }: Partial<LoadContext> & { labels?: string } = {},
): Promise<TaskData> {
  const context = {
    trainCount: 1000,
    seed: undefined,
    sources,
    progress: () => undefined,
    ...more,
  };
  return tasks.get(id).load(id === 'cifar10' ? {} : { labels }, context);
}

/** The UserError with which loading ends. */
async function refusal(id: Id, sources: readonly Source[]): Promise<UserError> {
  const thrown: unknown = await load(id, sources).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof UserError)) throw new Error('no UserError', { cause: thrown });
  expect(thrown.hint).not.toBe('');
  expect(thrown.message).toMatch(/\.$/);
  return thrown;
}

const binary = (entries: readonly TarEntry[]) =>
  entries.filter(({ name }) => name.endsWith('.bin'));
const ten = cifarFiles('cifar10', { train: 12, test: 15 });
const tenSources = binary(ten).map(({ name, bytes }) => sourceOf(name, bytes));
const hundred = cifarFiles('cifar100', { train: 40, test: 15 });
const archive = cifarArchive('cifar10', { train: 12, test: 15 });
const bytesOf = (files: readonly TarEntry[], name: string) => {
  const found = files.find((file) => file.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found.bytes;
};
const pair = (train: Uint8Array, test: Uint8Array) => [
  sourceOf('train.bin', train),
  sourceOf('test.bin', test),
];
const text = (words: string) => new Uint8Array(Buffer.from(words));

/** Checks rows of a split against the records that they came from. */
function expectRecords(
  split: TaskData['train'],
  records: Uint8Array,
  labelByte: 0 | 1 = 0,
  labelBytes = 1,
) {
  for (let i = 0; i < split.count; i += 1) {
    const record = records.subarray(i * (3072 + labelBytes), (i + 1) * (3072 + labelBytes));
    expect(split.y[i]).toBe(record[labelByte]);
    for (const [row, column, channel] of [
      [0, 0, 0],
      [0, 1, 2],
      [31, 31, 1],
      [7, 20, 2],
    ] as const)
      expect(split.x[i * 3072 + (row * 32 + column) * 3 + channel]).toBe(
        record[labelBytes + channel * 1024 + row * 32 + column],
      );
  }
}

describe('CIFAR-10', () => {
  it('reads the five batches in the order of their numbers and splits them', async () => {
    const data = await load('cifar10', tenSources.toReversed());
    expect(data.shape).toEqual([32, 32, 3]);
    expect(data.classes).toHaveLength(10);
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([54, 6, 15]);
    const all = Buffer.concat([1, 2, 3, 4, 5].map((k) => bytesOf(ten, `data_batch_${k}.bin`)));
    expectRecords(data.train, all);
    expectRecords(data.validation, all.subarray(54 * 3073));
    expectRecords(data.test, bytesOf(ten, 'test_batch.bin'));
  });

  it('reads the archive, packed or not, like the files', async () => {
    const files = await load('cifar10', tenSources);
    expect(await load('cifar10', [sourceOf('cifar-10-binary.tar.gz', archive)])).toEqual(files);
    expect(await load('cifar10', [sourceOf('cifar-10-binary.tar', tar(ten))])).toEqual(files);
  });

  it.each([1, 511, 3074, 10_007])('reads chunks of %i bytes', async (chunk) => {
    const counts = { train: 3, test: 3 };
    const whole = await load('cifar10', [sourceOf('a.tar.gz', cifarArchive('cifar10', counts))]);
    const packed = sourceOf('a.tgz', cifarArchive('cifar10', counts), chunk);
    const plain = sourceOf('a.tar', tar(cifarFiles('cifar10', counts)), chunk);
    expect(await load('cifar10', [packed])).toEqual(whole);
    expect(await load('cifar10', [plain])).toEqual(whole);
  });

  it('gives only as many training images as are asked for, the first ones', async () => {
    const all = await load('cifar10', tenSources);
    const few = await load('cifar10', tenSources, { trainCount: 20 });
    expect(few.train.count).toBe(20);
    expect(few.train.x).toEqual(all.train.x.subarray(0, 20 * 3072));
    expect(few.validation).toEqual(all.validation);
  });

  it('reports its progress up to the end', async () => {
    const said: [string, number][] = [];
    await load('cifar10', tenSources, { progress: (what, share) => said.push([what, share]) });
    expect(said[0]?.[0]).toBe('Reading data_batch_1.bin');
    expect(said.at(-1)?.[1]).toBe(1);
    const shares = said.map(([, share]) => share);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it('takes a second download\u2019s names, and passes over what lies beside the data', async () => {
    const sources = tenSources.map((source) => ({
      ...source,
      name: source.name.replace('.bin', ' (1).bin'),
    }));
    const beside = sourceOf('readme.html', text('<html>'));
    expect(await load('cifar10', [beside, ...sources])).toEqual(await load('cifar10', tenSources));
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const loading = load('cifar10', tenSources, {
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    await expect(loading).rejects.toThrow(/abort/i);
  });
});

describe('CIFAR-100', () => {
  it.each(['fine', 'coarse'])('reads %s labels', async (labels) => {
    const sources = [
      sourceOf('cifar-100-binary.tar.gz', cifarArchive('cifar100', { train: 40, test: 15 })),
    ];
    const data = await load('cifar100', sources, { labels });
    expect(data.classes).toHaveLength(labels === 'fine' ? 100 : 20);
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([36, 4, 15]);
    const byte = labels === 'fine' ? 1 : 0;
    expectRecords(data.train, bytesOf(hundred, 'train.bin'), byte, 2);
    expectRecords(data.test, bytesOf(hundred, 'test.bin'), byte, 2);
  });
});

describe('a file that does not fit is refused in words', () => {
  const records = cifarRecords('cifar10', 20, 1);
  const test = cifarRecords('cifar10', 5, 2);
  const spoilt = records.slice();
  spoilt[17 * 3073] = 200;
  const spoiltHundred = bytesOf(hundred, 'train.bin').slice();
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
      pair(spoiltHundred, bytesOf(hundred, 'test.bin')),
      'E_DATA_LABEL',
      'train.bin: record 3 (counted from 0) has the label 100; CIFAR-100 has labels from 0 to 99 there.',
    ],
    [
      'CIFAR-100 for CIFAR-10',
      'cifar10',
      pair(bytesOf(hundred, 'train.bin'), bytesOf(hundred, 'test.bin')),
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

const dataDir = resolve(process.env.DATA_DIR ?? '../shared/data');
describe.runIf(existsSync(resolve(dataDir, 'cifar10/train.bin')))('real data', () => {
  const read = (set: Id) =>
    ['train.bin', 'test.bin'].map((name) =>
      sourceOf(name, readFileSync(resolve(dataDir, set, name)), 1 << 20),
    );

  it('is read as its index says', async () => {
    const data = await load('cifar10', read('cifar10'), { trainCount: 45_000 });
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([
      18_000, 2000, 5000,
    ]);
    expect([...data.train.y.subarray(0, 4)]).toEqual([6, 9, 9, 4]);
    const index = readFileSync(resolve(dataDir, 'cifar10/train_index.csv'), 'utf8')
      .trim()
      .split('\n');
    const { y } = data.validation;
    expect([...y]).toEqual(index.slice(1 + 18_000).map((line) => Number(line.split(',')[3])));
    // The constants of the task are those of all the training images.
    const { mean, std } = data.normalisation;
    for (let c = 0; c < 3; c += 1) {
      let sum = 0;
      let squares = 0;
      for (const { x } of [data.train, data.validation])
        for (let i = c; i < x.length; i += 3) {
          const value = (x[i] ?? 0) / 255;
          sum += value;
          squares += value * value;
        }
      const n = 20_000 * 1024;
      expect(sum / n).toBeCloseTo(mean[c] ?? 0, 5);
      expect(Math.sqrt(squares / n - (sum / n) ** 2)).toBeCloseTo(std[c] ?? 0, 5);
    }
  });

  it('is read for CIFAR-100 too', async () => {
    const data = await load('cifar100', read('cifar100'));
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([1000, 111, 458]);
    expect(data.classes[data.train.y[0] ?? 0]).toBe('cattle');
  });
});
