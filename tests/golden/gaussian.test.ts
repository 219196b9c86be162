import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianKl, mergedGaussian } from '../../src/gpu/ops/gaussian';
import { methods } from '../../src/methods/registry';
import type { ValueFigures } from '../../src/recipe/figures';
import { angleBetween, logLosses, meanSquares, valueFigures } from '../../src/train/gaussian';
import { below, pairedTest } from '../../src/train/statistics';
import { useCpu } from '../support/cpu';
import type { LossCase } from '../support/golden';
import { lossAndGradient } from '../support/methods';
import { expectClose } from '../support/numbers';

interface Golden {
  readonly losses: readonly LossCase[];
  readonly merged: { readonly members: number[][][]; readonly wanted: number[][] };
  readonly figures: {
    readonly student: number[][];
    readonly teacher: number[][];
    readonly values: number[][];
    readonly mean: number[];
    readonly std: number[];
    readonly wanted: ValueFigures;
  };
}

const file = new URL('gaussian.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

beforeAll(useCpu);

const answersOf = (rows: readonly (readonly number[])[]) => ({
  logits: Float32Array.from(rows.flat()),
  classes: rows[0]?.length ?? 0,
});

describe.each(['gaussian-nll', 'mse', 'kd-mean', 'xcl-gaussian'])('%s', (id) => {
  const cases = golden.losses.filter(({ method }) => method === id);

  it('has three settings from PyTorch', () => {
    expect(cases).toHaveLength(3);
  });

  it.each(cases)('with $params', ({ params, rows, loss, gradient }) => {
    const found = lossAndGradient(methods.get(id), params, rows);
    expectClose([found.loss], [loss], 1e-5, 'loss');
    expectClose(found.gradient, gradient, 1e-5, 'gradient');
    expect(gradient.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });
});

/** Heads of one target by mean and variance. */
const heads = (mean: number, variance: number): number[] => [mean, Math.log(variance)];
const kl = (student: readonly number[], teacher: readonly number[]) =>
  lossAndGradient(
    methods.get('xcl-gaussian'),
    { direction: 'forward', labelWeight: 0 },
    { logits: [student], teacher: [teacher] },
  );

describe('KL between Gaussians', () => {
  it.each([
    [heads(0, 1), heads(0, 1), 0],
    [heads(0, 1), heads(1, 1), 0.5],
    [heads(0, 1), heads(0, 4), 0.318147181],
    [heads(0, 4), heads(0, 1), 0.806852819],
    [heads(1, 4), heads(-0.5, 0.25), 10.613705639],
    [heads(-0.5, 0.25), heads(1, 4), 1.198794361],
    [heads(0.3, 0.04), heads(0.25, 0.09), 0.141576219],
  ])('from %j to %j', (teacher, student, wanted) => {
    expectClose([kl(student, teacher).loss], [wanted], 1e-5);
  });

  it('is a sum over targets', () => {
    const student = [0.15, -0.1, Math.log(0.02), Math.log(0.03)];
    const teacher = [0.1, -0.2, Math.log(0.01), Math.log(0.04)];
    expectClose([kl(student, teacher).loss], [0.348565887], 1e-5);
  });

  it('has the gradient that was worked out', () => {
    const { gradient } = kl(heads(0.25, 0.09), heads(0.3, 0.04));
    expectClose(gradient, [-0.55555556, 0.26388889], 1e-5);
  });

  it('is the squared distance over twice the variance where both have the same', () => {
    expectClose([kl(heads(0.3, 0.5), heads(0, 0.5)).loss], [0.09], 1e-6);
  });

  const head = fc.tuple(
    fc.float({ min: -3, max: 3, noNaN: true }),
    fc.float({ min: -7, max: 3, noNaN: true }),
  );

  it.each(['forward', 'reverse', 'symmetric'] as const)(
    'is never negative, and zero without a gradient between equals (%s)',
    (direction) => {
      fc.assert(
        fc.property(head, head, (student, teacher) => {
          const of = (other: readonly number[]) =>
            lossAndGradient(
              methods.get('xcl-gaussian'),
              { direction, labelWeight: 0 },
              { logits: [student], teacher: [other] },
            );
          const apart = of(teacher);
          const same = of(student);
          return (
            // Float32: the terms that cancel are as large as the value itself.
            apart.loss > -1e-5 * Math.max(1, Math.abs(apart.loss)) &&
            Math.abs(same.loss) < 1e-5 &&
            same.gradient.every((value) => Math.abs(value) < 1e-5)
          );
        }),
        { numRuns: 60 },
      );
    },
  );

  it('is above zero between Gaussians that differ', () => {
    expect(kl([0, 0], [0.1, 0]).loss).toBeGreaterThan(1e-3);
    expect(kl([0, 0.2], [0, 0]).loss).toBeGreaterThan(1e-3);
  });

  it.each([
    [-7, 3],
    [3, -7],
    [-7, -7],
    [3, 3],
    [-1e4, 1e4],
    [1e4, -1e4],
  ])('is finite at log-variances %d and %d', (own, other) => {
    for (const direction of ['forward', 'reverse', 'symmetric']) {
      const { loss, gradient } = lossAndGradient(
        methods.get('xcl-gaussian'),
        { direction, labelWeight: 1 },
        { logits: [[1, own]], teacher: [[-1, other]], targets: [[0.5, 1]] },
      );
      expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
    }
  });
});

describe('negative log-likelihood', () => {
  const at = (mean: number, s: number) =>
    lossAndGradient(
      methods.get('gaussian-nll'),
      { meanWarmup: 0 },
      { logits: [[mean, s]], targets: [[1, 1]] },
    );

  it('has the value and the gradient that were worked out', () => {
    const { loss, gradient } = at(0.4, Math.log(0.25));
    expectClose([loss], [0.026852819], 1e-6);
    expectClose(gradient, [-2.4, -0.22], 1e-5);
    const answers = { logits: Float32Array.of(0.4, Math.log(0.25)), classes: 2 };
    const targets = { names: ['y'], unit: '', mean: [0], std: [1] };
    expectClose(logLosses(answers, Float32Array.of(1), targets), [0.945791353], 1e-6);
  });

  it('is least where the variance is the squared error', () => {
    const least = at(0.4, Math.log(0.36));
    expectClose([least.loss, least.gradient[1] ?? NaN], [-0.010825624, 0], 1e-6);
  });

  it('asks nothing of a row without a label', () => {
    const rows = { logits: [[0.4, 1]], targets: [[0, 0]] };
    const { loss, gradient } = lossAndGradient(
      methods.get('gaussian-nll'),
      { meanWarmup: 0 },
      rows,
    );
    expect([loss, ...gradient.map(Math.abs)]).toEqual([0, 0, 0]);
  });

  it('has, over labels that the teacher draws, the gradient of KL', () => {
    // E over N(.3, .04) by Gauss-Hermite quadrature with three nodes, exact for squares.
    const [mean, sd] = [0.3, 0.2];
    const nodes = [-Math.sqrt(3), 0, Math.sqrt(3)];
    const shares = [1 / 6, 2 / 3, 1 / 6];
    const student = heads(0.25, 0.09);
    const found = nodes.map((node) =>
      lossAndGradient(
        methods.get('gaussian-nll'),
        { meanWarmup: 0 },
        { logits: [student], targets: [[mean + sd * node, 1]] },
      ),
    );
    const over = (pick: (one: (typeof found)[number]) => number) =>
      found.reduce((sum, one, i) => sum + (shares[i] ?? 0) * pick(one), 0);
    // With the constant: the entropy of the teacher plus KL.
    const constant = Math.log(2 * Math.PI) / 2;
    expectClose([over(({ loss }) => loss) + constant], [-0.04892316], 1e-5);
    expectClose(
      [over(({ gradient }) => gradient[0] ?? NaN), over(({ gradient }) => gradient[1] ?? NaN)],
      kl(student, heads(mean, sd ** 2)).gradient,
      1e-5,
    );
  });
});

describe('a mixture as one Gaussian', () => {
  it('has the moments that were worked out', () => {
    const members = [
      [0.1, 0.04],
      [0.3, 0.01],
      [0.5, 0.09],
    ].map(([mean = 0, variance = 0]) => tf.tensor2d([heads(mean, variance)]));
    const found = mergedGaussian(members);
    expectClose([...found.dataSync()], [0.3, Math.log(0.073333333)], 1e-6);
    tf.dispose([...members, found]);
  });

  it("has the moments of PyTorch's mixture", () => {
    const members = golden.merged.members.map((rows) => tf.tensor2d(rows));
    const found = mergedGaussian(members);
    expectClose([...found.dataSync()], golden.merged.wanted.flat(), 1e-5);
    tf.dispose([...members, found]);
  });
});

describe('figures', () => {
  const { student, teacher, values, mean, std, wanted } = golden.figures;
  const targets = { names: ['a', 'b'], unit: '', mean, std };

  it('are those of PyTorch', () => {
    const found = valueFigures(
      answersOf(student),
      answersOf(teacher),
      Float32Array.from(values.flat()),
      targets,
    );
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(wanted).toSorted());
    for (const key of Object.keys(wanted) as (keyof ValueFigures)[])
      expectClose([found[key] ?? NaN], [wanted[key] ?? NaN], 1e-5, key);
  });

  it('of a teacher against itself have no KL', () => {
    const own = answersOf(teacher);
    const { kl } = valueFigures(own, own, Float32Array.from(values.flat()), targets);
    expect(Math.abs(kl)).toBeLessThan(1e-12);
  });

  it('of a mean alone use the one variance that it is given', () => {
    const one = { names: ['y'], unit: '', mean: [0], std: [1] };
    // Errors of 1 and 3 with whatever log-variance: the best constant is (1 + 9) / 2.
    const answers = { logits: Float32Array.of(0, -7, 0, 2), classes: 2 };
    const truth = Float32Array.of(1, 3);
    const constant = meanSquares(answers, truth, one);
    expect(constant).toEqual([5]);
    const { rmse, nll, within1 } = valueFigures(answers, answers, truth, one, constant);
    expect(rmse).toBeCloseTo(Math.sqrt(5), 12);
    expect(nll).toBeCloseTo((Math.log(2 * Math.PI * 5) + 1) / 2, 12);
    expect(within1).toBe(0.5);
  });

  it('of right Gaussians are calibrated, of too sure ones are not', () => {
    // Quantiles of the standard normal distribution, evenly spaced, by bisection on its distribution function.
    const count = 400;
    const truth = Float32Array.from({ length: count }, (_, i) => {
      let [low, high] = [-6, 6];
      while (high - low > 1e-6) {
        const middle = (low + high) / 2;
        if (below(middle) < (i + 0.5) / count) low = middle;
        else high = middle;
      }
      return low;
    });
    const one = { names: ['y'], unit: '', mean: [0], std: [1] };
    const at = (s: number) => {
      const logits = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 0 : s));
      const answers = { logits, classes: 2 };
      return valueFigures(answers, answers, truth, one);
    };
    const right = at(0);
    expect(right.calibration).toBeLessThan(0.003);
    expect(right.within1).toBeCloseTo(0.6827, 2);
    expect(right.within90).toBeCloseTo(0.9, 2);
    const sure = at(Math.log(0.25));
    expect(sure.calibration).toBeGreaterThan(0.1);
    expect(sure.within90).toBeCloseTo(2 * below(1.6448536 / 2) - 1, 2);
  });

  const degrees = (radians: number) => (radians * 180) / Math.PI;
  it.each([
    [[0, 0], [0, 0.1], 5.729577951],
    [[0.1, 0.2], [0.15, 0.1], 6.365322807],
    [[0.3, -0.2], [0.3, -0.2], 0],
  ])('angle between pitch and yaw %j and %j', (a, b, wanted) => {
    expect(angleBetween(a.map(degrees), b.map(degrees))).toBeCloseTo(wanted, 5);
  });

  it('count the angle where the targets are a direction', () => {
    const gaze = { names: ['pitch', 'yaw'], unit: '°', mean: [0, 0], std: [1, 1], angular: true };
    const answers = { logits: Float32Array.of(0, degrees(0.1), 0, 0), classes: 4 };
    const { angle } = valueFigures(answers, answers, Float32Array.of(0, 0), {
      ...gaze,
      angular: true,
    });
    expect(angle).toBeCloseTo(5.729577951, 4);
  });
});

describe('the paired test', () => {
  it('is sure of a steady difference and not of one that changes sides', () => {
    const base = Array.from({ length: 100 }, (_, i) => Math.sin(i));
    const steady = base.map((value, i) => value + 0.5 + 0.1 * Math.cos(3 * i));
    const swaying = base.map((value, i) => value + (i % 2 === 0 ? 1 : -1));
    expect(pairedTest(base, steady)).toBeLessThan(1e-6);
    expect(pairedTest(base, swaying)).toBeCloseTo(1, 6);
    expect(pairedTest(base, base)).toBe(1);
  });

  it('knows the normal distribution', () => {
    expect(below(0)).toBeCloseTo(0.5, 6);
    expect(below(1.959964)).toBeCloseTo(0.975, 6);
    expect(below(-1)).toBeCloseTo(0.158655, 6);
  });
});

it('losses take no gradient through the teacher', () => {
  const grads = tf.tidy(() =>
    tf
      .grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.add(
          gaussianKl(a as tf.Tensor2D, tf.add(b, 0) as tf.Tensor2D, 'forward'),
          tf.mul(tf.sum(b), 0),
        ),
      )([tf.tensor2d([[0.2, 0.1]]), tf.tensor2d([[0.5, 0.3]])])
      .map((g) => [...g.dataSync()]),
  );
  expect(grads[1]).toEqual([0, 0]);
});
