import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { defaultsOf } from '../../src/recipe/fields';
import { Random } from '../../src/recipe/random';
import type { LoadContext, Split, TaskData } from '../../src/tasks/contract';
import { tasks } from '../../src/tasks/registry';
import { drawImage } from '../../src/tasks/shapes/draw';
import { SHAPES } from '../../src/tasks/shapes/fields';
import { LOOKS } from '../../src/tasks/shapes/looks';
import { hashOf } from '../fixtures/load';

const context = (trainCount: number, more: Partial<LoadContext> = {}): LoadContext => ({
  trainCount,
  seed: undefined,
  sources: [],
  progress: () => undefined,
  ...more,
});

const spiral = (params: { points?: number; noise?: number } = {}, seed?: number) =>
  tasks.get('spiral').load({ points: 90, noise: 0.16, ...params }, context(90, { seed }));

/** Progress of the last set that was made. */
let shares: number[] = [];
/** Drawing the held-out splits takes a second: every set of shapes is made once. */
const drawn = new Map<string, Promise<TaskData>>();
function shapes(preset: string, trainCount: number, seed?: number): Promise<TaskData> {
  const key = `${preset} ${trainCount} ${seed}`;
  const known = drawn.get(key);
  if (known) return known;
  shares = [];
  const progress = (_: string, share: number) => shares.push(share);
  const data = tasks.get('shapes').load({ preset }, context(trainCount, { seed, progress }));
  drawn.set(key, data);
  return data;
}

function perClass({ y }: Split, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of y) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

describe('task registry', () => {
  it('finds every task by its file', () => {
    const ids = tasks.all().map((task) => task.id);
    expect(ids).toEqual(expect.arrayContaining(['cifar10', 'cifar100', 'shapes', 'spiral']));
    for (const task of tasks.all()) {
      expect(tasks.get(task.id)).toBe(task);
      expect(task.transfer.default).toBeGreaterThanOrEqual(task.transfer.min);
      expect(task.transfer.default).toBeLessThanOrEqual(task.transfer.max);
      expect(task.licence).not.toBe('');
      expect(task.source).not.toBe('');
      expect(Object.keys(defaultsOf(task.params))).toEqual(Object.keys(task.params));
    }
  });

  it('names the known tasks for an unknown one', () => {
    expect(() => tasks.get('noses')).toThrow(UserError);
    expect(() => tasks.get('noses')).toThrow('There is no task named "noses".');
  });
});

describe('spiral', () => {
  it('has the splits that it promises, balanced in every prefix', async () => {
    const data = await spiral();
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([90, 1000, 6000]);
    expect(perClass(data.train, 3)).toEqual([30, 30, 30]);
    expect(perClass(data.test, 3)).toEqual([2000, 2000, 2000]);
    expect([...data.train.y.subarray(0, 6)]).toEqual([0, 1, 2, 0, 1, 2]);
    for (const split of [data.train, data.validation, data.test]) {
      expect(split.x).toBeInstanceOf(Float32Array);
      expect(split.x).toHaveLength(2 * split.count);
    }
  });

  it('is the same for ever', async () => {
    const data = await spiral();
    expect([hashOf(data.train.x), hashOf(data.validation.x), hashOf(data.test.x)]).toEqual([
      '1969d8211f0ae5e9',
      '0cc453ebd3448133',
      '4d73b5d201a90667',
    ]);
  });

  it('begins alike whatever its length, and changes with the seed', async () => {
    const [few, many, other] = [await spiral({ points: 30 }), await spiral(), await spiral({}, 2)];
    expect(many.train.x.subarray(0, 60)).toEqual(few.train.x);
    expect(other.train.x).not.toEqual(many.train.x);
    expect(await spiral({}, 2)).toEqual(other);
  });

  it('lies on its arms without noise, uniformly by area', async () => {
    const { test } = await spiral({ noise: 0 });
    let sum = 0;
    for (let i = 0; i < test.count; i += 1) {
      const x = test.x[2 * i] ?? 0;
      const y = test.x[2 * i + 1] ?? 0;
      const r = Math.hypot(x, y) / 2;
      const angle = 4.2 * r + (2 * Math.PI * (test.y[i] ?? 0)) / 3;
      expect(x).toBeCloseTo(2 * r * Math.cos(angle), 5);
      expect(y).toBeCloseTo(2 * r * Math.sin(angle), 5);
      expect(r * r).toBeGreaterThan(0.0199);
      expect(r * r).toBeLessThan(1.0001);
      sum += r * r;
    }
    // r^2 is uniform on [0.02, 1]: mean 0.51, standard deviation 0.283.
    expect(Math.abs(sum / test.count - 0.51)).toBeLessThan(0.015);
  });

  it('adds noise of the asked size', async () => {
    const [clean, noisy] = [await spiral({ noise: 0 }), await spiral({ noise: 0.16 })];
    const noise = noisy.test.x.map((value, i) => value - (clean.test.x[i] ?? 0));
    let variance = 0;
    for (const value of noise) variance += value ** 2 / noise.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.16, 2);
  });
});

describe('shapes', () => {
  it('has the splits that it promises', async () => {
    const data = await shapes('B', 300);
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([300, 1000, 3000]);
    expect(data.classes).toHaveLength(10);
    expect(data.train.x).toHaveLength(300 * 3072);
    // 300 of each class expected among 3,000, standard deviation 16.
    for (const count of perClass(data.test, 10)) expect(Math.abs(count - 300)).toBeLessThan(66);
    expect(hashOf(data.test.x.subarray(0, 300 * 3072))).not.toBe(hashOf(data.train.x));
  });

  it('is the same for ever', async () => {
    const hashes: Record<string, string> = {};
    for (const [preset, look] of Object.entries(LOOKS)) {
      const pixels = new Uint8Array(32 * 3072);
      for (let i = 0; i < 32; i += 1)
        drawImage(look, Random.from(1, `shapes/train/${i}`), pixels, i * 3072);
      hashes[preset] = hashOf(pixels);
    }
    expect(hashes).toEqual({
      A: 'ca99848f87b3a3e6',
      B: '69c4d8f091a71ad1',
      C: '1a356a716ff1cc61',
    });
    const { train } = await shapes('B', 300);
    expect(hashOf(train.x.subarray(0, 32 * 3072))).toBe(hashes['B']);
    expect([...train.y.subarray(0, 12)]).toEqual([6, 1, 8, 2, 5, 4, 6, 4, 8, 8, 7, 5]);
  });

  it('begins alike whatever its length, and changes with the seed', async () => {
    const [few, many, other] = [
      await shapes('B', 20),
      await shapes('B', 300),
      await shapes('B', 20, 2),
    ];
    expect(hashOf(many.train.x.subarray(0, few.train.x.length))).toBe(hashOf(few.train.x));
    expect(many.train.y.subarray(0, 20)).toEqual(few.train.y);
    expect(hashOf(many.test.x)).toBe(hashOf(few.test.x));
    expect(hashOf(other.train.x)).not.toBe(hashOf(few.train.x));
    expect(hashOf(other.test.x)).not.toBe(hashOf(few.test.x));
  });

  it('shows a lighter shape on B, and uses most of the range', async () => {
    const { train } = await shapes('B', 300);
    let middle = 0;
    let corner = 0;
    let discs = 0;
    for (let i = 0; i < train.count; i += 1) {
      if (train.y[i] !== SHAPES.findIndex((shape) => shape.name === 'disc')) continue;
      discs += 1;
      for (let c = 0; c < 3; c += 1) {
        middle += train.x[i * 3072 + (16 * 32 + 16) * 3 + c] ?? 0;
        corner += train.x[i * 3072 + c] ?? 0;
      }
    }
    expect((middle - corner) / (3 * discs)).toBeGreaterThan(40);
    let values = 0;
    for (const value of train.x) values += value / train.x.length;
    expect(values).toBeGreaterThan(90);
    expect(values).toBeLessThan(130);
  });

  it('reports its progress', async () => {
    await shapes('B', 300);
    expect(shares[0]).toBe(0);
    expect(Math.max(...shares)).toBeGreaterThan(0.99);
    expect(shares).toEqual(shares.toSorted((x, y) => x - y));
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const progress = (_: string, share: number) => {
      if (share > 0.02) stop.abort();
    };
    const loading = tasks
      .get('shapes')
      .load({ preset: 'B' }, context(12_000, { progress, signal: stop.signal }));
    await expect(loading).rejects.toThrow(/abort/i);
  });

  it('has fields that are negative inside their outlines only', () => {
    const inside: Record<string, [number, number]> = {
      disc: [0, 0],
      square: [0.7, 0.7],
      triangle: [0, -1.1],
      star: [0, -1.05],
      cross: [0.9, 0.1],
      ring: [0.75, 0],
      'half-disc': [0.5, 0.5],
      ellipse: [1.1, 0],
      crescent: [-0.8, 0],
      'two dots': [0.62, 0],
    };
    const outside: Record<string, [number, number]> = {
      disc: [0.7, 0.7],
      square: [0, 0.8],
      triangle: [0, 0.6],
      star: [0, 0.6],
      cross: [0.5, 0.5],
      ring: [0, 0],
      'half-disc': [0, -0.1],
      ellipse: [0, 0.6],
      crescent: [0.5, 0],
      'two dots': [0, 0],
    };
    for (const { name, field } of SHAPES) {
      expect(field(...(inside[name] ?? [9, 9])), name).toBeLessThan(0);
      expect(field(...(outside[name] ?? [0, 0])), name).toBeGreaterThan(0);
      fc.assert(
        fc.property(
          fc.double({ min: 1.2, max: 4, noNaN: true }),
          fc.double({ min: 0, max: 7, noNaN: true }),
          (r, a) => field(r * Math.cos(a), r * Math.sin(a)) > 0,
        ),
      );
    }
  });
});
