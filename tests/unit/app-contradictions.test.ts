import { describe, expect, test } from 'vitest';
import { extentOf, linearAxis, logAxis } from '../../src/charts/axis';
import { expectation } from '../../src/app/words/results';
import { secondsLeft } from '../../src/app/words/format';
import { menu, presets } from '../../src/recipe/presets';
import { trainsFirst } from '../../src/recipe/before';
import type { Recipe } from '../../src/recipe/recipe';
import { images, spiral } from '../support/page';

describe('what to expect', () => {
  const foreign = {
    source: 'train',
    model: { id: 'mlp', params: { hidden: [4] } },
    augment: 'none',
    pad: 0,
    batch: 30,
    steps: 10,
    optimizer: images.optimizer,
  } as const;

  test.each<[string, Partial<Recipe>]>([
    ['another teacher', { teacher: foreign }],
    ['other steps', { steps: 40 }],
    ['fewer images', { transfer: 100 }],
    ['another rate', { optimizer: { ...images.optimizer, rate: 1 } }],
    ['another preset’s name', { preset: 'custom' }],
  ])('is not said with %s', (_, change) => {
    expect(expectation(images, null)).not.toBeNull();
    expect(expectation({ ...images, ...change }, null)).toBeNull();
  });

  test('stays with another seed, and with a student switched off', () => {
    expect(expectation({ ...images, seed: 7 }, null)).toBe(expectation(images, null));
    const students = images.students.filter(({ name }) => name !== 'ERM');
    expect(expectation({ ...images, students }, null)).toBe(expectation(images, null));
    expect(expectation(spiral, null)).not.toBeNull();
  });
});

test('slow mode takes a second for each step at least', () => {
  const progress = { step: 1944, steps: 2500, secondsLeft: 8 };
  expect(secondsLeft(progress, 'live')).toBe(8);
  expect(secondsLeft(progress, 'slow')).toBe(556);
  expect(secondsLeft({ ...progress, secondsLeft: 900 }, 'slow')).toBe(900);
  expect(secondsLeft({ ...progress, secondsLeft: null }, 'max')).toBeNull();
});

test('the menu begins with the plane and has every preset once', () => {
  expect(menu[0]?.id).toBe('spiral');
  expect(new Set(menu.map(({ id }) => id)).size).toBe(presets.length + 1);
});

test('no preset promises a time', () => {
  for (const { oneLine } of presets) expect(oneLine).not.toMatch(/minute|second/);
});

test('what is trained first is known before the run', () => {
  const known = presets.filter(({ recipe }) => trainsFirst(recipe)).map(({ id }) => id);
  expect(known).toEqual(['cifar100', 'own-images', 'curve', 'eyes']);
  expect(trainsFirst({ ...spiral, generations: 2 })).toBe(true);
});

describe('axes', () => {
  test.each([
    [0, 1.38, [0, 0.5, 1, 1.5]],
    [0, 0.098, [0, 0.02, 0.04, 0.06, 0.08, 0.1]],
    [-0.06, 1, [-0.25, 0, 0.25, 0.5, 0.75, 1]],
    [0.2, 1, [0.2, 0.4, 0.6, 0.8, 1]],
    [3, 3, null],
  ])('from %s to %s', (least, largest, ticks) => {
    const axis = linearAxis(least, largest);
    expect(axis.ticks).toEqual(ticks ?? axis.ticks);
    expect(axis.domain[0]).toBeLessThanOrEqual(least);
    expect(axis.domain[1]).toBeGreaterThanOrEqual(largest);
    expect(axis.ticks.length).toBeLessThanOrEqual(7);
  });

  test.each([
    [0.02, 1.2],
    [0.0001, 900],
    [0.5, 0.5],
  ])('of logarithms hold %s to %s with room for their marks', (least, largest) => {
    const { domain, ticks } = logAxis(least, largest);
    expect(domain[0]).toBeLessThan(least);
    expect(domain[1]).toBeGreaterThan(largest);
    for (const tick of ticks) expect(Number(tick.toPrecision(1))).toBe(tick);
    expect(ticks.length).toBeLessThanOrEqual(7);
  });

  test('are as wide as what is drawn', () => {
    expect(
      extentOf(
        [
          { step: 0, a0: 2, a1: null },
          { step: 1, a0: 0.5, r0: 3 },
        ],
        2,
      ),
    ).toEqual([0.5, 3]);
    expect(extentOf([], 2)).toBeNull();
  });
});
