import { describe, expect, it } from 'vitest';
import { entropy, figures } from '../../src/train/metrics';
import type { Answers } from '../../src/train/metrics';
import { gapClosed } from '../../src/train/statistics';

/** Logits that answer with given probabilities. */
const answering = (rows: number[][]): Answers => ({
  logits: Float32Array.from(rows.flat(), Math.log),
  classes: rows[0]?.length ?? 0,
});

describe('entropy', () => {
  it.each<readonly [number[], number]>([
    ...[2, 3, 10, 100].map((n) => [new Array<number>(n).fill(1 / n), Math.log(n)] as const),
    [[0.7, 0.2, 0.1], 0.801818553],
    [[1, 0, 0], 0],
  ])('of %j', (p, wanted) => {
    expect(entropy(p)).toBeCloseTo(wanted, 8);
  });

  it('is 0.7298 of its bound for [0.7, 0.2, 0.1]', () => {
    expect(entropy([0.7, 0.2, 0.1]) / Math.log(3)).toBeCloseTo(0.729846699, 8);
  });
});

describe('gap closed', () => {
  it.each([
    ['against KD', 77, 73, 80, 0.571428571],
    ['against ERM', 77, 70, 80, 0.7],
    ['by KD itself', 73, 70, 80, 0.3],
    ['at the lower end of the published band', 76.22, 73, 80, 0.46],
    ['at its upper end', 77.76, 73, 80, 0.68],
  ])('%s', (_, method, reference, teacher, wanted) => {
    expect(gapClosed([method], [reference], [teacher]).value).toBeCloseTo(wanted, 8);
  });

  it.each([
    ['as good as the reference', 73],
    ['worse than the reference', 72],
  ])('is not given where the teacher is %s', (_, teacher) => {
    expect(gapClosed([77], [73], [teacher])).toEqual({ value: null, interval: null });
  });
});

describe('calibration error', () => {
  it('takes 15 equal bins', () => {
    const student = answering([
      [0.9, 0.1],
      [0.82, 0.18],
      [0.59, 0.41],
      [0.55, 0.45],
      [0.52, 0.48],
    ]);
    // 0.59 and 0.55 share (8/15, 9/15], one of them right: |1 - 1.14|. Ten bins would put 0.52 with them.
    const found = figures(student, student, Uint8Array.of(0, 1, 0, 1, 0));
    expect(found.accuracy).toBe(0.6);
    expect(found.ece).toBeCloseTo((0.1 + 0.82 + 0.14 + 0.48) / 5, 6);
  });

  it('counts a confidence on the edge to the bin below it', () => {
    // Exactly 1/5, an upper edge, and right; 0.24 in (3/15, 4/15], and wrong.
    const student = answering([
      [0.2, 0.2, 0.2, 0.2, 0.2],
      [0.24, 0.19, 0.19, 0.19, 0.19],
    ]);
    const found = figures(student, student, Uint8Array.of(0, 1));
    expect(found.ece).toBeCloseTo((0.8 + 0.24) / 2, 6);
  });

  it('is 0 for sure and right answers, 1 for sure and wrong ones', () => {
    const sure: Answers = { logits: Float32Array.of(200, 0), classes: 2 };
    expect(figures(sure, sure, Uint8Array.of(0)).ece).toBe(0);
    expect(figures(sure, sure, Uint8Array.of(1)).ece).toBe(1);
  });
});

it('a student like its teacher agrees with it and has no divergence', () => {
  const student = answering([
    [0.5, 0.3, 0.2],
    [0.1, 0.1, 0.8],
  ]);
  expect(figures(student, student, Uint8Array.of(0, 2))).toMatchObject({ agreement: 1, kl: 0 });
});
