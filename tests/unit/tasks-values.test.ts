import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/recipe/random';
import { defaultsOf } from '../../src/recipe/fields';
import type { LoadContext, Source } from '../../src/tasks/contract';
import { drawEye, SIDE } from '../../src/tasks/eyes/draw';
import { tasks } from '../../src/tasks/registry';

const context = (more: Partial<LoadContext> = {}): LoadContext => ({
  trainCount: 60,
  seed: undefined,
  sources: [],
  progress: () => undefined,
  ...more,
});

const load = async (id: string, params: object = {}, more: Partial<LoadContext> = {}) => {
  const task = tasks.get(id);
  return task.load({ ...defaultsOf(task.params), ...params }, context(more));
};

describe('curve', () => {
  it('is the same for a seed, another for another, with noise that grows as its known uncertainty', async () => {
    const [one, again, other] = [
      await load('curve'),
      await load('curve'),
      await load('curve', {}, { seed: 9 }),
    ];
    expect([...one.train.x]).toEqual([...again.train.x]);
    expect([...one.train.x]).not.toEqual([...other.train.x]);
    const { x, values, doubt, count } = one.test;
    expect([count, values?.length, doubt?.length]).toEqual([4000, 4000, 4000]);
    const spread = (from: number, to: number) => {
      const errors = Array.from(x.keys()).flatMap((i) => {
        const at = x[i] ?? 0;
        return at >= from && at < to ? [(values?.[i] ?? 0) - Math.sin(1.5 * at) - 0.2 * at] : [];
      });
      return Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    };
    // Noise 0.4: a fifth of it at the left end, all of it at the right end.
    expect(spread(-3, -2.5)).toBeCloseTo(0.4 * 0.267, 1);
    expect(spread(2.5, 3)).toBeCloseTo(0.4 * 0.933, 1);
    expect(spread(2.5, 3)).toBeGreaterThan(2.5 * spread(-3, -2.5));
  });
});

describe('eyes', () => {
  /** Where the dark pixels lie, from the middle, weighted by how dark they are. */
  const iris = (pixels: Uint8Array): [number, number] => {
    let [x, y, sum] = [0, 0, 0];
    for (let i = 0; i < pixels.length; i++) {
      const dark = Math.max(0, 60 - (pixels[i] ?? 0));
      x += dark * ((i % SIDE) - (SIDE - 1) / 2);
      y += dark * (Math.floor(i / SIDE) - (SIDE - 1) / 2);
      sum += dark;
    }
    return sum === 0 ? [NaN, NaN] : [x / sum, y / sum];
  };

  it('look where their pupils are, as far as the lid lets one see', () => {
    const open: { yaw: number; pitch: number; x: number; y: number }[] = [];
    let [seen, shut] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const pixels = new Uint8Array(SIDE * SIDE);
      const { pitch, yaw, closure } = drawEye(Random.from(1, `eye/${i}`), pixels, 0);
      expect([Math.abs(pitch) <= 20, Math.abs(yaw) <= 30, closure >= 0 && closure <= 1]).toEqual([
        true,
        true,
        true,
      ]);
      const [x, y] = iris(pixels);
      if (closure < 0.2 && Number.isFinite(x)) open.push({ yaw, pitch, x, y });
      if (closure > 0.97) {
        shut += 1;
        const darkest = Math.min(...pixels);
        if (darkest < 20) seen += 1;
      }
    }
    expect(open.length).toBeGreaterThan(50);
    expect(shut).toBeGreaterThan(2);
    // A lid that is down hides the pupil, which is all but black.
    expect(seen).toBe(0);
    // To the left and up in the image is a positive angle.
    const correlation = (a: readonly number[], b: readonly number[]) => {
      const mean = (v: readonly number[]) => v.reduce((s, z) => s + z, 0) / v.length;
      const [ma, mb] = [mean(a), mean(b)];
      const dot = (u: readonly number[], mu: number, v: readonly number[], mv: number) =>
        u.reduce((s, z, i) => s + (z - mu) * ((v[i] ?? 0) - mv), 0);
      return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb));
    };
    const column = (key: 'yaw' | 'pitch' | 'x' | 'y') => open.map((eye) => eye[key]);
    expect(correlation(column('yaw'), column('x'))).toBeLessThan(-0.85);
    expect(correlation(column('pitch'), column('y'))).toBeLessThan(-0.75);
  });

  it('are the first of any longer generation', async () => {
    const short = await load('eyes', { images: 50 }, { trainCount: 50 });
    const long = await load('eyes', { images: 60 }, { trainCount: 50 });
    expect([short.train.count, long.train.count]).toEqual([50, 60]);
    expect([...(long.train.values?.subarray(0, 100) ?? [])]).toEqual([
      ...(short.train.values ?? []),
    ]);
    expect(long.train.x.slice(0, 5 * SIDE * SIDE)).toEqual(short.train.x.slice(0, 5 * SIDE * SIDE));
    expect(short.targets).toMatchObject({ names: ['pitch', 'yaw'], unit: '°', angular: true });
  }, 20_000);
});

describe('turned digits', () => {
  const source = (name: string, bytes: Uint8Array): Source => ({
    name,
    size: bytes.length,
    stream: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
  });
  const idx = (type: number, dims: readonly number[], body: Uint8Array): Uint8Array => {
    const head = new DataView(new ArrayBuffer(4 + 4 * dims.length));
    head.setUint8(2, type);
    head.setUint8(3, dims.length);
    dims.forEach((size, i) => head.setUint32(4 + 4 * i, size));
    return Uint8Array.from([...new Uint8Array(head.buffer), ...body]);
  };
  const images = (count: number) =>
    idx(
      8,
      [count, 28, 28],
      new Uint8Array(count * 784).map((_, i) => i % 251),
    );
  const angles = (count: number, at = (i: number) => i - 10) => {
    const view = new DataView(new ArrayBuffer(4 * count));
    for (let i = 0; i < count; i++) view.setFloat32(4 * i, at(i));
    return idx(13, [count], new Uint8Array(view.buffer));
  };
  const files = (change: Readonly<Record<string, Uint8Array | null>> = {}): Source[] =>
    Object.entries({
      'train-images-idx3-ubyte': images(30),
      'train-angles-idx1-float': angles(30),
      'test-images-idx3-ubyte': images(5),
      'test-angles-idx1-float': angles(5),
      ...change,
    }).flatMap(([name, bytes]) => (bytes ? [source(name, bytes)] : []));

  it('are read from four files, packed or not, and split', async () => {
    const packed = {
      'train-images-idx3-ubyte': null,
      'train-images-idx3-ubyte.gz': gzipSync(images(30)),
    };
    const data = await load('angles', {}, { sources: files(packed), trainCount: 20 });
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([20, 3, 5]);
    expect([...(data.train.values ?? [])].slice(0, 3)).toEqual([-10, -9, -8]);
    expect([...(data.validation.values ?? [])]).toEqual([17, 18, 19]);
    expect(data.train.x[1000]).toBe(1000 % 251);
    expect(data.validation.x[0]).toBe((27 * 784) % 251);
    expect(data.targets?.mean[0]).toBeCloseTo(4.5, 6);
    expect(data.targets?.std[0]).toBeCloseTo(Math.sqrt((30 * 30 - 1) / 12), 5);
  });

  it.each([
    [
      'one is missing',
      { 'test-angles-idx1-float': null },
      'The file of the test angles is missing.',
    ],
    [
      'one is given twice',
      { 'train-angles-idx1-float (1)': angles(30) },
      'both hold the train angles',
    ],
    [
      'numbers do not match',
      { 'train-angles-idx1-float': angles(29) },
      '30 train images and 29 angles',
    ],
    [
      'a type is wrong',
      { 'train-angles-idx1-float': images(30) },
      'is no IDX file of N float32 numbers',
    ],
    [
      'a size is wrong',
      { 'test-images-idx3-ubyte': idx(8, [1, 2, 2], new Uint8Array(4)) },
      'holds values of 1 x 2 x 2',
    ],
    [
      'a file breaks off',
      { 'test-images-idx3-ubyte': images(5).subarray(0, 900) },
      'ends after 884 of 3920 bytes',
    ],
    ['a file is empty', { 'test-images-idx3-ubyte': new Uint8Array() }, 'is no IDX file'],
    [
      'a count is absurd',
      { 'test-images-idx3-ubyte': idx(8, [4e9, 28, 28], new Uint8Array(9)) },
      'says it holds 4000000000',
    ],
    ['an angle is none', { 'test-angles-idx1-float': angles(5, () => NaN) }, 'no angle in degrees'],
    [
      'there are too few',
      { 'train-images-idx3-ubyte': images(9), 'train-angles-idx1-float': angles(9) },
      'at least 20 are needed',
    ],
  ])('%s: it is said', async (_, change, sentence) => {
    await expect(load('angles', {}, { sources: files(change) })).rejects.toThrow(sentence);
  });

  const folder = path.join(process.env['DATA_DIR'] ?? '', 'rotated_digits');
  it.runIf(existsSync(path.join(folder, 'train-images-idx3-ubyte')))('real ones', async () => {
    const names = [
      'train-images-idx3-ubyte',
      'train-angles-idx1-float',
      'test-images-idx3-ubyte',
      'test-angles-idx1-float',
    ];
    const sources = names.map((name) =>
      source(name, new Uint8Array(readFileSync(path.join(folder, name)))),
    );
    const data = await load('angles', {}, { sources, trainCount: 100 });
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([100, 600, 1000]);
    // The first line of train.csv.
    expect(data.train.values?.[0]).toBeCloseTo(-38.0887, 3);
    expect(data.test.values?.[1]).toBeCloseTo(-9.6248, 3);
    expect(data.targets?.std[0]).toBeCloseTo(45 / Math.sqrt(3), 0);
  });
});
