import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapClosed, mcNemar, meanAndError } from '../../src/train/statistics';
import { compare } from '../../src/train/verdicts';

/** Two classifiers' hits: `both` rows right in both, then rows that only one or the other gets right. */
function hits(onlyFirst: number, onlySecond: number, both = 5): [Uint8Array, Uint8Array] {
  const first = [...Array(both).fill(1), ...Array(onlyFirst).fill(1), ...Array(onlySecond).fill(0)];
  const second = [
    ...Array(both).fill(1),
    ...Array(onlyFirst).fill(0),
    ...Array(onlySecond).fill(1),
  ];
  return [Uint8Array.from(first as number[]), Uint8Array.from(second as number[])];
}

describe('exact McNemar test', () => {
  it.each([
    [1, 9, 0.021484375],
    [9, 1, 0.021484375],
    [0, 5, 0.0625],
    [2, 8, 0.109375],
    [0, 8, 0.0078125],
    [5, 5, 1],
    [0, 0, 1],
    [0, 1, 1],
  ])('%d against %d rows: p = %d', (first, second, p) => {
    expect(mcNemar(...hits(first, second))).toBeCloseTo(p, 12);
  });

  it('sums the binomial exactly, up to thousands of rows', () => {
    const exact = (a: number, b: number): number => {
      const n = BigInt(a + b);
      let term = 1n;
      let tail = 0n;
      for (let i = 0n; i <= BigInt(Math.min(a, b)); i += 1n) {
        tail += term;
        term = (term * (n - i)) / (i + 1n);
      }
      return Math.min(1, Number((2n * tail * 10n ** 15n) / 2n ** n) / 1e15);
    };
    fc.assert(
      fc.property(fc.nat(1500), fc.nat(200), (a, more) => {
        expect(mcNemar(...hits(a, a + more))).toBeCloseTo(exact(a, a + more), 9);
      }),
      { numRuns: 30 },
    );
  });
});

describe('mean and standard error', () => {
  it('over seeds', () => {
    // Squared deviations 1, 1, 4, 4: variance 10 / 3 over four seeds.
    expect(meanAndError([2, 4, 5, 1])).toEqual({ mean: 3, se: Math.sqrt(10 / 3 / 4) });
    expect(meanAndError([7, 7])).toEqual({ mean: 7, se: 0 });
  });

  it('knows none from a single seed', () => {
    expect(meanAndError([0.9])).toEqual({ mean: 0.9, se: null });
  });
});

describe('gap closed', () => {
  const teacher = [0.98, 0.97, 0.99, 0.98];
  const kd = [0.9, 0.91, 0.89, 0.9];
  const xcl = [0.95, 0.94, 0.96, 0.93];

  it('is a ratio of means, with the interval of Fieller’s theorem', () => {
    const found = gapClosed(xcl, kd, teacher);
    expect(found.value).toBeCloseTo((0.945 - 0.9) / (0.98 - 0.9), 12);
    expect(found.interval).toEqual([
      expect.closeTo(0.2473362512546339, 10),
      expect.closeTo(0.774464041504015, 10),
    ]);
  });

  it('has no bounds where the gap is not told from zero at 95 %, though it is two standard errors wide', () => {
    // Gaps 0.02, 0.04, 0.06: mean 0.04, standard error 0.0115, but t is 4.3 at three seeds.
    const found = gapClosed([0.93, 0.94, 0.95], [0.9, 0.9, 0.9], [0.92, 0.94, 0.96]);
    expect(found).toEqual({ value: expect.closeTo(1), interval: 'unbounded' });
  });

  it('is negative for a method behind the reference, and over 1 for one ahead of the teacher', () => {
    expect(gapClosed([0.88], [0.9], [1]).value).toBeCloseTo(-0.2, 12);
    expect(gapClosed([1.1], [0.9], [1]).value).toBeCloseTo(2, 12);
  });

  it('has no interval from one seed', () => {
    expect(gapClosed([0.95], [0.9], [1])).toEqual({ value: expect.closeTo(0.5), interval: null });
  });

  it.each([
    // Gaps 0.07, -0.01, 0.06, 0: mean 0.03, standard error 0.0204.
    ['the gap is under two standard errors', [0.97, 0.9, 0.95, 0.9]],
    ['the teacher is behind', kd.map((a) => a - 0.01)],
    ['there is no gap', kd],
  ])('is not given where %s', (_, above) => {
    expect(gapClosed(xcl, kd, above)).toEqual({ value: null, interval: null });
  });
});

it('gap closed is given from two standard errors on', () => {
  // Gaps 0.05, 0.01, 0.04, 0.02: mean 0.03, standard error 0.0091.
  const kd = [0.9, 0.91, 0.89, 0.9];
  expect(gapClosed(kd, kd, [0.95, 0.92, 0.93, 0.92]).value).toBe(0);
});

describe('verdicts', () => {
  const clear = hits(0, 12);

  it('name who is ahead, by how much, and how likely that is by the choice of examples', () => {
    expect(compare(hits(1, 9))).toEqual([
      {
        ahead: 1,
        behind: 0,
        difference: expect.closeTo(8 / 15),
        p: expect.closeTo(0.021484375),
      },
    ]);
  });

  it('are given for every pair of students', () => {
    const [a, b] = clear;
    const pairs = compare([a, b, a]).map(({ ahead, behind }) => [ahead, behind]);
    expect(pairs).toEqual([
      [1, 0],
      [0, 2],
      [1, 2],
    ]);
  });
});
