import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gapClosed } from '../../src/train/statistics';
import { meanInterval, ratioInterval, studentT } from '../../src/train/intervals';

/** Values of `scipy.stats` 1.17: t.ppf(0.975, df), and the ends where ttest_1samp(a - r b) has p = 0.05. */

describe('Student’s t at 95 %', () => {
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [7, 2.364624251592784],
    [8, 2.306004135204166],
    [29, 2.045229642132703],
    [100, 1.9839715185235518],
    [999, 1.9623414611334493],
  ])('with %d degrees of freedom', (df, t) => {
    expect(studentT(df)).toBeCloseTo(t, 10);
  });
});

it('the interval of a mean', () => {
  // Differences 0.05, 0.03, 0.07, 0.03.
  expect(meanInterval([0.05, 0.03, 0.07, 0.03])).toEqual([
    expect.closeTo(0.014530396383423731, 10),
    expect.closeTo(0.07546960361657618, 10),
  ]);
  expect(meanInterval([0.5])).toBeNull();
  expect(meanInterval([2, 2, 2])).toEqual([2, 2]);
});

interface Committed {
  readonly teacher: { readonly accuracySeeds: readonly number[] };
  readonly arms: readonly {
    readonly name: string;
    readonly accuracy: { readonly seeds: readonly number[] };
  }[];
}

describe('Fieller’s set', () => {
  it.each([
    ['shapes-b', 'Extracurricular', 'KD', 0.5056177948331485, 0.7222742403776018],
    ['shapes-c', 'Extracurricular', 'KD', 0.6589284090499219, 0.8820975676219578],
    ['shapes-c', 'KD', 'ERM', 0.2724582592984297, 0.8921814503368556],
    ['cifar10', 'Extracurricular', 'KD', 0.2706797807310643, 0.31850057500688206],
    ['cifar10', 'Extracurricular, blends', 'KD', 0.0039055522383550697, 0.20418286221705514],
  ])('of %s: what %s closes of %s’s gap', (name, method, reference, low, high) => {
    const text = readFileSync(`bench/results/evidence-${name}.json`, 'utf8');
    const { teacher, arms } = JSON.parse(text) as Committed;
    // Of the first three seeds: more may have been added since.
    const first = (arm: string) =>
      (arms.find((one) => one.name === arm)?.accuracy.seeds ?? []).slice(0, 3);
    const left = first(reference);
    const less = (values: readonly number[]) => values.map((value, i) => value - (left[i] ?? NaN));
    expect(ratioInterval(less(first(method)), less(teacher.accuracySeeds.slice(0, 3)))).toEqual([
      expect.closeTo(low, 9),
      expect.closeTo(high, 9),
    ]);
  });

  it('of a ratio of differences that have no spread is the ratio', () => {
    const [low, high] = ratioInterval([1, 1, 1], [4, 4, 4]) as readonly [number, number];
    expect(low).toBeCloseTo(0.25, 7);
    expect(high).toBeCloseTo(0.25, 7);
  });

  it('is unbounded where what is divided by is not told from zero', () => {
    expect(ratioInterval([1, 1.1, 0.9], [1, 2, 0.1])).toBe('unbounded');
    expect(ratioInterval([1], [2])).toBeNull();
  });
});

interface Gaps {
  readonly teacher?: {
    readonly accuracySeeds?: readonly number[];
    readonly figures?: { readonly rmse?: { readonly seeds: readonly number[] } };
  };
  readonly arms: readonly {
    readonly method: string;
    readonly accuracy?: { readonly seeds: readonly number[] };
    readonly rmse?: { readonly seeds: readonly number[] };
    readonly gapClosedVsKd: unknown;
    readonly gapClosedVsKdInterval: unknown;
  }[];
}

it('every committed result has Fieller’s interval beside its share of KD’s gap', () => {
  const files = [
    ...readdirSync('bench/results/methods').map((file) => `bench/results/methods/${file}`),
    ...['shapes-b', 'shapes-c', 'cifar10'].map((name) => `bench/results/evidence-${name}.json`),
  ];
  for (const file of files) {
    const { teacher, arms } = JSON.parse(readFileSync(file, 'utf8')) as Gaps;
    const better = (of: Gaps['arms'][number] | undefined) =>
      of?.accuracy?.seeds ?? of?.rmse?.seeds.map((error) => -error) ?? [];
    const above =
      teacher?.accuracySeeds ?? teacher?.figures?.rmse?.seeds.map((error) => -error) ?? [];
    const kd = arms.find(({ method }) => method === 'kd' || method === 'kd-mean');
    for (const arm of arms.filter((one) => kd && one !== kd && one.gapClosedVsKd !== null)) {
      const { value, interval } = gapClosed(better(arm), better(kd), above);
      expect(arm.gapClosedVsKd, file).toBeCloseTo(value ?? NaN, 9);
      expect(arm.gapClosedVsKdInterval, file).toEqual(interval);
    }
  }
});
