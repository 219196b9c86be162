import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../src/recipe/fields';
import type { OwnData } from '../../src/recipe/own-data';
import { firstAlike } from '../../src/tasks/images/copies';
import { splitRows } from '../../src/tasks/images/split';
import { summaryOf } from '../../src/tasks/images/summary';
import { tasks } from '../../src/tasks/registry';
import { labelsInTurn, ownData } from '../support/own-data';

const task = tasks.get('images');
const defaults = defaultsOf(task.params);
const load = (own: OwnData, params = {}) =>
  task.load(
    { ...defaults, size: 8, ...params },
    { trainCount: 10, seed: undefined, sources: [], own, progress: () => undefined },
  );
const view = (own: OwnData, params = {}) => summaryOf(own, { ...defaults, size: 8, ...params });
const shares = { seed: 1, validation: 0.1, test: 0.2 };

describe('splits', () => {
  const rowsOf = (own: OwnData, seed = 1) => splitRows(own, firstAlike(own), { ...shares, seed });

  it('hold every image once and each class by its share, from the seed alone', () => {
    const own = ownData(labelsInTurn(3, 50));
    const rows = rowsOf(own);
    expect([rows.train.length, rows.validation.length, rows.test.length]).toEqual([105, 15, 30]);
    expect([...rows.train, ...rows.validation, ...rows.test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 150 }, (_, i) => i),
    );
    const counts = [0, 1, 2].map(
      (label) => rows.test.filter((row) => own.labels[row] === label).length,
    );
    expect(counts).toEqual([10, 10, 10]);
    expect(rowsOf(own)).toEqual(rows);
    expect(rowsOf(own, 2).test).not.toEqual(rows.test);
  });

  it('begin with every class in its proportion', () => {
    const own = ownData([...Array<number>(80).fill(0), ...Array<number>(20).fill(1)]);
    const first = rowsOf(own).train.slice(0, 20);
    expect(first.filter((row) => own.labels[row] === 1).length).toBeGreaterThanOrEqual(3);
    expect(first.filter((row) => own.labels[row] === 1).length).toBeLessThanOrEqual(5);
  });

  it('stay as the files declare them', () => {
    const roles = Uint8Array.from({ length: 60 }, (_, i) => (i < 40 ? 0 : 2));
    const rows = rowsOf(ownData(labelsInTurn(2, 30), { roles }));
    expect([...rows.test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => 40 + i),
    );
    expect(rows.validation.length).toBe(4);
    expect(Math.max(...rows.validation)).toBeLessThan(40);
  });

  it('never part images that are equal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(9)), { minLength: 12, maxLength: 60 }),
        fc.nat(99),
        (drawn, seed) => {
          const labels = drawn.map(([label]) => label);
          const pixels = Uint8Array.from(drawn.flatMap(([, value]) => [value, 1, 2, 3]));
          const sizes = new Uint16Array(2 * labels.length).fill(2);
          const own = ownData(labels, { pixels, sizes, classes: ['a', 'b', 'c'] });
          const rows = rowsOf(own, seed);
          const splits = [rows.train, rows.validation, rows.test].map(
            (part) => new Set(Array.from(part, (row) => drawn[row]![1])),
          );
          for (const value of splits[0]!) expect(splits[1]!.has(value)).toBe(false);
          for (const other of splits.slice(0, 2))
            for (const value of other) expect(splits[2]!.has(value)).toBe(false);
          expect(rows.train.length + rows.validation.length + rows.test.length).toBe(labels.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the task', () => {
  it('has the classes, the shape and the moments of what it was given', async () => {
    const own = ownData(labelsInTurn(3, 20));
    const data = await load(own);
    expect(data.shape).toEqual([8, 8, 1]);
    expect(data.classes).toEqual(['ant', 'bee', 'cat']);
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([48, 6, 6]);
    const values = Array.from(data.train.x, (value) => value / 255);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(data.normalisation.mean[0]).toBeCloseTo(mean, 10);
    expect(data.normalisation.std[0]).toBeCloseTo(Math.sqrt(variance), 10);
    expect(await load(own)).toBe(data);
    expect((await load(own, { channels: 'rgb', size: 12 })).shape).toEqual([12, 12, 3]);
  });

  it('keeps pixels with their labels', async () => {
    const own = ownData(labelsInTurn(3, 20));
    const { test } = await load(own);
    for (let i = 0; i < test.count; i += 1) {
      const stripe = test.x.subarray(i * 64 + 8 * test.y[i]!, i * 64 + 8 * test.y[i]! + 8);
      expect(Math.min(...stripe)).toBeGreaterThanOrEqual(150);
    }
  });

  it.each([
    [
      'one class',
      ownData(Array<number>(30).fill(0)),
      'All images of insects are of one class, ant',
    ],
    ['too few images', ownData([0, 1, 0, 1, 0, 1, 0, 1]), 'which leaves 4 for the training split'],
    [
      'no third image of any class',
      ownData(labelsInTurn(5, 2)),
      'which leaves 0 for the validation split',
    ],
  ])('refuses %s', async (_, own, sentence) => {
    await expect(load(own)).rejects.toThrow(sentence);
  });

  it('needs images', async () => {
    const context = { trainCount: 10, seed: undefined, sources: [], progress: () => undefined };
    await expect(task.load(defaults, context)).rejects.toThrow('No images were given yet.');
  });
});

describe('the summary', () => {
  it('counts classes, names the splits and draws a contact sheet', () => {
    const own = ownData(labelsInTurn(2, 30), { remarks: ['One file was no image.'] });
    const summary = view(own);
    expect(summary).toMatchObject({
      title: 'insects',
      count: 60,
      shape: [8, 8, 1],
      sides: { smallest: [8, 8], largest: [8, 8] },
      classes: [
        { name: 'ant', train: 24, validation: 3, test: 3 },
        { name: 'bee', train: 24, validation: 3, test: 3 },
      ],
      declared: { validation: false, test: false },
      seed: 1,
      remarks: ['One file was no image.'],
      warnings: [],
    });
    const { rgba, width, height, tile } = summary.sheet;
    expect([width, height, tile, rgba.length]).toEqual([80, 16, 8, 4 * 80 * 16]);
    // The stripe of class 1 in its first tile: row 1 of the tile, in the second row of tiles.
    const at = 4 * ((8 + 1) * 80 + 3);
    expect([...rgba.subarray(at, at + 4)]).toEqual([rgba[at], rgba[at], rgba[at], 255]);
    expect(rgba[at]).toBeGreaterThanOrEqual(150);
  });

  const copied = (label: number, roles: Uint8Array | null = null) => {
    const own = ownData(labelsInTurn(2, 20));
    own.pixels.copyWithin(64 * 39, 0, 64);
    own.labels[39] = label;
    return { ...own, roles };
  };
  const declared = Uint8Array.from({ length: 40 }, (_, i) => (i < 30 ? 0 : 2));
  const mixed = ownData(labelsInTurn(2, 20));
  mixed.sizes.set([4, 16]);

  it.each([
    [
      'uneven classes',
      ownData([...Array<number>(110).fill(0), ...Array<number>(10).fill(1)]),
      'The classes are uneven: 110 images of ant, 10 of bee.',
    ],
    [
      'small classes',
      ownData([...Array<number>(20).fill(0), ...Array<number>(5).fill(1)]),
      '1 class with fewer than 10 images: bee.',
    ],
    [
      'an empty class',
      ownData(labelsInTurn(2, 20), { classes: ['a', 'b', 'c'] }),
      'There is no image of c.',
    ],
    [
      'a class without test images',
      ownData(labelsInTurn(2, 20), {
        roles: Uint8Array.from({ length: 40 }, (_, i) => (i % 2 === 0 && i > 20 ? 2 : 0)),
      }),
      'No test image shows bee',
    ],
    [
      'copies',
      copied(0),
      '1 image is an exact copy of another; copies were kept within one split.',
    ],
    [
      'copies across splits',
      copied(0, declared),
      '1 test image of 10 can also be found among the training images',
    ],
    [
      'copies with other labels',
      copied(1),
      '1 copy of an image has another label than the image, such as bee and ant.',
    ],
    ['different sizes', mixed, 'The images have different sizes'],
  ])('warns of %s', (_, own, sentence) => {
    expect(view(own).warnings.join('\n')).toContain(sentence);
  });
});
