import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossingBelow } from '../../src/charts/crossing';
import { curveRows, lineKey, rawKey } from '../../src/charts/curves';
import { identities } from '../../src/charts/identity';
import { smooth } from '../../src/charts/smooth';
import { thinRows } from '../../src/charts/thin';

const student = (name: string, method: string) => ({ name, method: { id: method } });

describe('thinning', () => {
  test('keeps everything that is short enough', () => {
    expect(thinRows([[3, 1, 2]], 300)).toEqual([0, 1, 2]);
    expect(thinRows([], 300)).toEqual([]);
  });

  test('keeps ends, smallest and largest value of every column, and the limit', () => {
    const column = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 20,
      maxLength: 2000,
    });
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 6 }), (values, count) => {
        const columns = Array.from({ length: count }, (_, at) =>
          values.map((value, row) => value * Math.cos(row * at)),
        );
        const rows = thinRows(columns, 300);
        expect(rows.length).toBeLessThanOrEqual(Math.max(300, 2 + 2 * count));
        expect(rows[0]).toBe(0);
        expect(rows.at(-1)).toBe(values.length - 1);
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
        for (const one of columns) {
          const kept = rows.map((row) => one[row] ?? NaN);
          expect(Math.max(...kept)).toBe(Math.max(...one));
          expect(Math.min(...kept)).toBe(Math.min(...one));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('passes over values that are not numbers', () => {
    const values = Array.from({ length: 1000 }, (_, row) => (row % 2 === 0 ? NaN : row));
    const rows = thinRows([values], 20);
    expect(rows.length).toBeLessThanOrEqual(20);
    expect(rows).toContain(999);
  });
});

describe('smoothing', () => {
  test('a constant stays what it is from the first value on', () => {
    const smoothed = smooth([5, 5, 5, 5], 0.9);
    for (const value of smoothed) expect(value).toBeCloseTo(5, 12);
  });

  test('is the weighted mean of what came so far', () => {
    const [first, second, third] = smooth([1, 2, 4], 0.5);
    expect(first).toBe(1);
    expect(second).toBeCloseTo((1 * 0.5 + 2) / 1.5, 12);
    expect(third).toBeCloseTo((1 * 0.25 + 2 * 0.5 + 4) / 1.75, 12);
  });

  test('lets what is not finite through and goes on as if it had not been there', () => {
    const smoothed = smooth([1, NaN, 1, Infinity, 1], 0.6);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[3]).toBe(Infinity);
    expect(smoothed[4]).toBeCloseTo(1, 12);
  });
});

describe('rows of a chart', () => {
  const columns = { steps: [1, 2, 3], values: [[4, 2, 0]], averaged: [[1, 1, NaN]] };

  test('hold the step, the line and the average; what cannot be drawn is a gap', () => {
    const rows = curveRows(columns, { smoothing: 0, log: true, limit: 300 });
    expect(rows).toEqual([
      { step: 1, a0: 4, v0: 1 },
      { step: 2, a0: 2, v0: 1 },
      { step: 3, a0: null, v0: null },
    ]);
  });

  test('keep the raw values beside smoothed ones', () => {
    const rows = curveRows(columns, { smoothing: 0.5, log: false, limit: 300 });
    expect(rows.map((row) => row[rawKey(0)])).toEqual([4, 2, 0]);
    expect(rows[1]?.[lineKey(0)]).toBeCloseTo(8 / 3, 12);
  });
});

describe('crossing', () => {
  const steps = [10, 20, 30, 40, 50];

  test('is the first step of the stretch that lasts', () => {
    expect(crossingBelow(steps, [5, 3, 3, 2, 1], [4, 4, 4, 4, 4])).toBe(20);
    expect(crossingBelow(steps, [5, 3, 5, 2, 1], [4, 4, 4, 4, 4])).toBeNull();
  });

  test('is none where the line was below all along, or above at the end', () => {
    expect(crossingBelow(steps, [1, 1, 1, 1, 1], [4, 4, 4, 4, 4])).toBeNull();
    expect(crossingBelow(steps, [1, 1, 1, 1, 9], [4, 4, 4, 4, 4])).toBeNull();
    expect(crossingBelow([], [], [])).toBeNull();
  });
});

describe('identities', () => {
  test('ERM, KD and XCL look the same in every run', () => {
    const all = identities([student('a', 'erm'), student('b', 'kd'), student('c', 'xcl')]);
    const some = identities([student('c', 'xcl'), student('b', 'kd')]);
    expect(all.map(({ marker }) => marker)).toEqual(['circle', 'square', 'triangle']);
    expect(some[0]).toEqual(all[2]);
    expect(some[1]).toEqual(all[1]);
  });

  test('eight students differ in colour, dash and marker', () => {
    const methods = ['kd', 'kd', 'xcl', 'erm', 'mixup-erm', 'mixed-teacher', 'xcl', 'erm'];
    const looks = identities(methods.map((method, at) => student(`s${at}`, method)));
    for (const key of ['colour', 'dash', 'marker'] as const)
      expect(new Set(looks.map((look) => look[key])).size).toBe(8);
  });
});
