import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { samplers } from '../../src/samplers/registry';
import { poolItem, POOL_ITEMS, poolsOf, poolValues } from '../../src/samplers/parts/pool';
import { render } from '../../src/samplers/parts/render';
import type { RowPlan } from '../../src/samplers/parts/provenance';
import { pixelsOf } from '../../src/train/data';
import { targetsOf } from '../../src/train/rows';
import { parentWords, sourceOf } from '../../src/app/stage/answers';
import { useCpu } from '../support/cpu';
import { drawRows } from '../support/draws';
import { choose, recipeOf, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

/** Inputs that are not of the task. */

const images = imageTask();
const plane = planeTask();
const other = samplers.get('other');
const POOLS = ['uniform', 'gaussian', 'patterns'] as const;
const digest = (values: Float32Array | Uint8Array) =>
  createHash('sha256').update(values).digest('hex');

describe.each(POOLS)('the pool %s', (pool) => {
  it.each([images, plane])('is rebuilt to the bit from its provenance: shape $shape', (data) => {
    const plans = drawRows(other, { pool }, data);
    const again = JSON.parse(JSON.stringify(plans)) as RowPlan[];
    // Another set object: nothing is remembered from the first rendering; and backwards, so that order does not matter.
    const [first, second] = [pixelsOf(data, data.train), pixelsOf(data, data.train)];
    const found = render(first, plans);
    const backwards = render(second, again.toReversed());
    const size = found.length / plans.length;
    const turned = plans.flatMap((_, i) => {
      const at = (plans.length - 1 - i) * size;
      return [...backwards.subarray(at, at + size)];
    });
    expect([...found]).toEqual(turned);
    expect(found.every(Number.isFinite)).toBe(true);
  });

  it('has no label, mixed or not', () => {
    const plans = drawRows(other, { pool, share: 0.5 }, images);
    for (const mixed of [true, false]) {
      const targets = targetsOf(plans, images.train.y, 5, mixed);
      expect([...targets.subarray(8 * 5)]).toEqual(new Array(8 * 5).fill(0));
      expect(targets.reduce((a, b) => a + b)).toBe(8);
    }
  });
});

it('the pools are the same in every version of the program', () => {
  const pixels = pixelsOf(images, images.train);
  const found = POOLS.map((pool) => digest(poolItem(pixels, pool, 7)).slice(0, 12));
  expect(found).toMatchInlineSnapshot(`
    [
      "f0c247eafe58",
      "2d249a525ff4",
      "8d1eaa9ddf6f",
    ]
  `);
});

it('uniform noise has the moments of bytes, Gaussian noise those of the set', () => {
  const pixels = pixelsOf(images, images.train);
  const moments = (pool: (typeof POOLS)[number]) => {
    const values = [...Array(300).keys()].flatMap((item) => [...poolItem(pixels, pool, item)]);
    const red = values.filter((_, i) => i % 3 === 0).map((value) => value / 255);
    const mean = red.reduce((a, b) => a + b) / red.length;
    const spread = Math.sqrt(red.reduce((sum, v) => sum + (v - mean) ** 2, 0) / red.length);
    return [mean, spread] as const;
  };
  const [uniform, gaussian] = [moments('uniform'), moments('gaussian')];
  // 19,200 values: five standard errors.
  expect(Math.abs(uniform[0] - 0.5)).toBeLessThan(0.011);
  expect(Math.abs(uniform[1] - Math.sqrt(1 / 12))).toBeLessThan(0.006);
  // Cut off at black and white, which takes a little of the spread of 0.25 around 0.4.
  expect(Math.abs(gaussian[0] - 0.4)).toBeLessThan(0.015);
  expect(gaussian[1]).toBeGreaterThan(0.22);
  expect(gaussian[1]).toBeLessThan(0.25);
});

it('patterns differ, and most have structure: neighbours are more alike than in noise', () => {
  const pixels = pixelsOf(images, images.train);
  const roughness = (pool: (typeof POOLS)[number]) => {
    let sum = 0;
    for (let item = 0; item < 100; item += 1) {
      const values = poolItem(pixels, pool, item);
      for (let i = 3; i < values.length; i += 1) sum += Math.abs(values[i]! - values[i - 3]!);
    }
    return sum;
  };
  expect(roughness('patterns')).toBeLessThan(0.5 * roughness('uniform'));
  const all = new Set([...Array(100).keys()].map((i) => digest(poolItem(pixels, 'patterns', i))));
  expect(all.size).toBe(100);
});

it('points lie in the square that holds the data', () => {
  const pixels = pixelsOf(plane, plane.train);
  const most = Math.max(...plane.train.x.map(Math.abs));
  const values = poolValues(pixels, 'uniform');
  expect(values.length).toBe(POOL_ITEMS * 2);
  const furthest = Math.max(...values.map(Math.abs));
  expect(furthest).toBeLessThanOrEqual(most);
  expect(furthest).toBeGreaterThan(0.98 * most);
});

it('a run names each of its pools once', () => {
  const pool = (name: string) => choose('sampler', 'other', { pool: name });
  expect(poolsOf([choose('sampler', 'none'), choose('sampler', 'cutmix')])).toEqual([]);
  expect(poolsOf([pool('patterns'), pool('uniform'), pool('patterns')])).toEqual([
    'uniform',
    'patterns',
  ]);
});

describe('in a run', () => {
  beforeAll(useCpu);

  it.each([
    ['images', images, TINY, 'a drawn pattern'],
    ['points', plane, SMALL_MLP, 'a uniform point of the square'],
  ] as const)('the teacher and the stage see the very inputs: %s', async (_, data, model, made) => {
    const teacher = drawnTeacher(data, model);
    const seen: string[] = [];
    const ask = teacher.ask.bind(teacher);
    teacher.ask = (x: tf.Tensor) => {
      seen.push(digest(x.dataSync() as Float32Array));
      return ask(x);
    };
    const xcl = student(choose('method', 'xcl'), choose('sampler', 'other'), model);
    const trainer = trainerOf(recipeOf([xcl]), data, teacher);
    await trainer.prepare();
    seen.length = 0;
    await trainer.takeStep();
    const batch = 8;
    const samples = await trainer.look(batch);
    expect(samples.length).toBe(batch);
    for (const sample of samples) {
      expect(sample.source).toBe('other');
      expect(sample.parents).toEqual([]);
      expect(parentWords(sample, data.classes)).toBe(made);
      expect(sourceOf(sample.source)).toEqual({ letter: 'O', name: 'other' });
    }
    const { plans } = (trainer as unknown as { makers: { plans: readonly RowPlan[] }[] })
      .makers[0]!;
    expect(seen).toEqual([digest(render(pixelsOf(data, data.train), plans))]);
    trainer.dispose();
    teacher.dispose();
  });
});
