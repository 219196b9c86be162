import { describe, expect, it } from 'vitest';
import { shortfall } from '../../src/recipe/learnt';
import { constantValues, klAt, logLosses } from '../../src/train/gaussian';
import { constantClasses, figures } from '../../src/train/metrics';
import type { Answers } from '../../src/train/metrics';
import { Random } from '../../src/recipe/random';

const random = Random.from(7, 'learnt');
const normals = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => scale * random.normal());

describe('a constant answer', () => {
  const count = 400;
  const labels = Uint8Array.from({ length: count }, (_, row) => (row % 4 === 0 ? 2 : row % 3));
  const teacher: Answers = { logits: normals(3 * count, 2), classes: 3 };
  /** The same distribution for every row. */
  const always = (p: readonly number[]): Answers => ({
    logits: Float32Array.from({ length: 3 * count }, (_, i) => Math.log(p[i % 3]!)),
    classes: 3,
  });
  const constant = constantClasses(teacher, labels);

  it('to classes is as good as the best that is given as a network’s', () => {
    const shares = [0, 1, 2].map((label) => labels.filter((y) => y === label).length / count);
    const best = figures(always(shares), teacher, labels);
    expect(constant.nll).toBeCloseTo(best.nll, 5);
    expect(constant.accuracy).toBeCloseTo(best.accuracy, 12);
    const mean = [0, 1, 2].map((c) => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        const exps = [0, 1, 2].map((k) => Math.exp(teacher.logits[3 * row + k]!));
        sum += exps[c]! / exps.reduce((a, b) => a + b, 0);
      }
      return sum / count;
    });
    expect(constant.kl).toBeCloseTo(figures(always(mean), teacher, labels).kl, 5);
    // No other one comes nearer.
    for (const other of [shares, [0.2, 0.3, 0.5], [1 / 3, 1 / 3, 1 / 3]])
      expect(figures(always(other), teacher, labels).kl).toBeGreaterThanOrEqual(constant.kl - 1e-6);
  });

  it('to real values is as good as the best that is given as a network’s', () => {
    const targets = { names: ['a', 'b'], unit: '', mean: [1, -2], std: [0.5, 3] };
    const values = Float32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? 1 + 0.5 * random.normal() : -2 + 3 * random.normal(),
    );
    const heads: Answers = {
      logits: Float32Array.from({ length: 4 * count }, (_, i) =>
        i % 4 < 2 ? random.normal() : -1 + 0.3 * random.normal(),
      ),
      classes: 4,
    };
    const found = constantValues(heads, values, targets);
    /** The same Gaussian for every row, in standardised units. */
    const always_ = (mean: readonly number[], variance: readonly number[]): Answers => ({
      logits: Float32Array.from({ length: 4 * count }, (_, i) =>
        i % 4 < 2 ? mean[i % 4]! : Math.log(variance[(i % 4) - 2]!),
      ),
      classes: 4,
    });
    const column = (k: number) =>
      Array.from(
        { length: count },
        (_, row) => (values[2 * row + k]! - targets.mean[k]!) / targets.std[k]!,
      );
    const moments = (list: readonly number[]) => {
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      return [mean, list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length] as const;
    };
    const [a, b] = [moments(column(0)), moments(column(1))];
    const losses = logLosses(always_([a[0], b[0]], [a[1], b[1]]), values, targets);
    expect(found.nll).toBeCloseTo(losses.reduce((x, y) => x + y, 0) / count, 4);
    const taught = [0, 1].map((k) => {
      const [mean, spread] = moments(
        Array.from({ length: count }, (_, row) => heads.logits[4 * row + k]!),
      );
      const inner = Array.from({ length: count }, (_, row) =>
        Math.exp(heads.logits[4 * row + 2 + k]!),
      );
      return [mean, spread + inner.reduce((x, y) => x + y, 0) / count] as const;
    });
    const best = always_([taught[0]![0], taught[1]![0]], [taught[0]![1], taught[1]![1]]);
    let kl = 0;
    for (let row = 0; row < count; row++) kl += klAt(heads, best, null, row) / count;
    expect(found.kl).toBeCloseTo(kl, 4);
  });
});

describe('a student has learnt', () => {
  const constant = { accuracy: 1 / 3, kl: 1, nll: 1.1 };
  const learnt = { accuracy: 0.9, agreement: 0.9, kl: 0.2, nll: 0.3, ece: 0 };

  it('where it is better than a constant answer in accuracy, KL and NLL', () => {
    expect(shortfall(learnt, constant, 1000)).toBeNull();
  });

  it.each<[string, object, string]>([
    ['accuracy by chance', { accuracy: 0.36 }, 'accuracy'],
    ['a KL above', { kl: 13.7 }, 'kl'],
    ['an NLL above', { nll: 8.8 }, 'nll'],
    ['a KL that is no number', { kl: NaN }, 'kl'],
  ])('not with %s', (_, worse, figure) => {
    expect(shortfall({ ...learnt, ...worse }, constant, 1000)?.figure).toBe(figure);
  });

  it('of real values by NLL and KL alone, where figures may be negative', () => {
    const bar = { rmse: 0.8, kl: 1.9, nll: 1.2 };
    expect(shortfall({ rmse: 0.26, kl: 0.1, nll: -0.08 }, bar, 1000)).toBeNull();
    expect(shortfall({ rmse: 0.37, kl: 28, nll: 29 }, bar, 1000)?.figure).toBe('kl');
  });

  it('is not denied where no constant answer is known, as in older recordings', () => {
    expect(shortfall(learnt, {}, 1000)).toBeNull();
  });
});
