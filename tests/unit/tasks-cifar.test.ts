import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskData } from '../../src/tasks/contract';
import { cifarArchive, cifarFiles, cifarRecords, sourceOf, tar } from '../fixtures/cifar';
import type { TarEntry } from '../fixtures/cifar';
import { digestOf, hashOf, loadCifar as load } from '../fixtures/load';
import type { CifarId } from '../fixtures/load';

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
    const files = digestOf(await load('cifar10', tenSources));
    for (const source of [sourceOf('cifar.tar.gz', archive), sourceOf('cifar.tar', tar(ten))])
      expect(digestOf(await load('cifar10', [source]))).toEqual(files);
  });

  it.each([1, 511, 3074, 10_007])('reads chunks of %i bytes', async (chunk) => {
    const counts = { train: 2, test: 1 };
    const whole = await load('cifar10', [sourceOf('a.tar.gz', cifarArchive('cifar10', counts))]);
    const packed = sourceOf('a.tgz', cifarArchive('cifar10', counts), chunk);
    const plain = sourceOf('a.tar', tar(cifarFiles('cifar10', counts)), chunk);
    expect(digestOf(await load('cifar10', [packed]))).toEqual(digestOf(whole));
    expect(digestOf(await load('cifar10', [plain]))).toEqual(digestOf(whole));
  });

  it('gives only as many training images as are asked for, the first ones', async () => {
    const all = await load('cifar10', tenSources);
    const few = await load('cifar10', tenSources, { trainCount: 20 });
    expect(few.train.count).toBe(20);
    expect(hashOf(few.train.x)).toBe(hashOf(all.train.x.subarray(0, 20 * 3072)));
    expect(digestOf(few)[1]).toEqual(digestOf(all)[1]);
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
    const beside = sourceOf('readme.html', new Uint8Array(Buffer.from('<html>')));
    const [named, plain] = [[beside, ...sources], tenSources];
    expect(digestOf(await load('cifar10', named))).toEqual(digestOf(await load('cifar10', plain)));
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

const dataDir = resolve(process.env.DATA_DIR ?? '../shared/data');
const isReal = existsSync(resolve(dataDir, 'cifar10/train.bin'));
const NAMES = ['train.bin', 'test.bin'];

/** train.bin and test.bin of a set: the real ones where they are, else generated ones of the same form. */
function pairOf(set: CifarId): Uint8Array[] {
  if (isReal) return NAMES.map((name) => readFileSync(resolve(dataDir, set, name)));
  return [cifarRecords(set, 300, 1), cifarRecords(set, 60, 2)];
}

describe(`train.bin and test.bin, ${isReal ? 'real' : 'generated'}`, () => {
  it.each([
    ['cifar10', 1, 0],
    ['cifar100', 2, 1],
  ] as const)('of %s are read record by record', async (set, labelBytes, labelByte) => {
    const pair = pairOf(set);
    const [train, test] = pair as [Uint8Array, Uint8Array];
    const size = 3072 + labelBytes;
    const sources = pair.map((bytes, i) => sourceOf(NAMES[i] ?? '', bytes, 1 << 20));
    const data = await load(set, sources, { trainCount: 45_000 });
    const records = train.length / size;
    const held = data.validation.count;
    expect(data.train.count + held).toBe(records);
    expect(held / records).toBeCloseTo(0.1, 2);
    expect(data.test.count).toBe(test.length / size);
    expectRecords(data.train, train, labelByte, labelBytes);
    expectRecords(data.validation, train.subarray(data.train.count * size), labelByte, labelBytes);
    expectRecords(data.test, test, labelByte, labelBytes);
  });
});

describe.runIf(isReal)('real data', () => {
  it('starts as its index says, and has the task’s mean and deviation', async () => {
    const sources = pairOf('cifar10').map((bytes, i) => sourceOf(NAMES[i] ?? '', bytes, 1 << 20));
    const data = await load('cifar10', sources, { trainCount: 45_000 });
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([
      18_000, 2000, 5000,
    ]);
    expect([...data.train.y.subarray(0, 4)]).toEqual([6, 9, 9, 4]);
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
});
