import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { distillationKl, softmaxAt } from '../../src/gpu/ops/losses';
import { methods } from '../../src/methods/registry';
import { useCpu } from '../support/cpu';
import { lossAndGradient, stepTensors } from '../support/methods';
import type { Rows } from '../support/methods';
import { expectClose } from '../support/numbers';

/** Values computed in float64: student [2, 1, -1], teacher [3, 1, 0.2], label 0. */
const STUDENT = [2, 1, -1];
const TEACHER = [3, 1, 0.2];
const rows: Rows = { logits: [STUDENT], teacher: [TEACHER], targets: [[1, 0, 0]] };

const kd = methods.get('kd');
const xcl = methods.get('xcl');
const erm = methods.get('erm');
const pure = (temperature: number) => ({ temperature, labelWeight: 0 });

beforeAll(useCpu);

describe('softmax', () => {
  it.each([
    [STUDENT, 1, [0.70538451, 0.25949646, 0.03511903]],
    [TEACHER, 1, [0.8360188, 0.11314284, 0.05083836]],
    [STUDENT, 4, [0.44421398, 0.34595419, 0.20983183]],
    [TEACHER, 4, [0.47548496, 0.2883962, 0.23611884]],
  ])('of %j at temperature %d', (logits, temperature, wanted) => {
    const found = tf.tidy(() => softmaxAt(tf.tensor2d([logits]), temperature).dataSync());
    expectClose(found, wanted, 1e-6);
  });
});

describe('distillation loss', () => {
  // Float32 leaves an error of 1e-7 in the raw term, which T squared enlarges.
  it.each([
    [1, 0.066932872, 1e-6],
    [2, 0.105850085, 1e-6],
    [4, 0.123772025, 2e-6],
    [20, 0.135395458, 4e-5],
  ])('at temperature %d', (temperature, wanted, tolerance) => {
    expectClose([lossAndGradient(xcl, pure(temperature), rows).loss], [wanted], tolerance);
    expectClose([lossAndGradient(kd, { temperature, alpha: 1 }, rows).loss], [wanted], tolerance);
  });

  it('keeps its raw term free of T squared', () => {
    const raw = tf.tidy(() => {
      const { kl } = kd.terms(stepTensors(rows), { temperature: 4, alpha: 0.9 });
      return kl?.dataSync()[0];
    });
    expectClose([raw ?? NaN], [0.007735752], 1e-6);
  });

  it.each([
    [1, [-0.13063429, 0.14635362, -0.01571933]],
    [4, [-0.1250839, 0.23023196, -0.10514806]],
  ])('has at temperature %d the gradient T (p_S - p_T)', (temperature, wanted) => {
    const { gradient } = lossAndGradient(xcl, pure(temperature), rows);
    expectClose(gradient, wanted, 1e-6);
    expectClose([gradient.reduce((a, b) => a + b)], [0], 1e-6);
  });

  it('tends to the squared distance of centred logits for high temperatures', () => {
    const { loss, gradient } = lossAndGradient(xcl, pure(100), rows);
    expectClose([loss], [0.137320504], 1e-3);
    expectClose(gradient, [-0.08888889, 0.24444444, -0.15555556], 3e-3);
  });

  it('adds up over rows and divides by their number, never by the classes', () => {
    const once = lossAndGradient(xcl, pure(1), rows).loss;
    // A mean over classes as well would show this value.
    expect(Math.abs(once - 0.022310957)).toBeGreaterThan(0.04);
    const other = lossAndGradient(xcl, pure(1), { logits: [TEACHER], teacher: [STUDENT] }).loss;
    expectClose([other], [0.082564613], 1e-5);
    const both = { logits: [STUDENT, TEACHER], teacher: [TEACHER, STUDENT] };
    expectClose([lossAndGradient(xcl, pure(1), both).loss], [(once + other) / 2], 1e-6);
  });

  it('is zero, with a zero gradient, where the logits differ by a constant', () => {
    for (const shift of [0, -7, 40]) {
      const equal = { logits: [TEACHER.map((z) => z + shift)], teacher: [TEACHER] };
      const { loss, gradient } = lossAndGradient(xcl, pure(2), equal);
      expectClose([loss, ...gradient], [0, 0, 0, 0], 2e-6);
    }
  });

  it('holds the teacher fixed: no gradient reaches its logits', () => {
    tf.tidy(() => {
      const student = tf.tensor2d([STUDENT]);
      const through = tf.grad((z: tf.Tensor) => distillationKl(student, z as tf.Tensor2D, 2));
      expect(() => through(tf.tensor2d([TEACHER]))).toThrow('Cannot compute gradient');
    });
  });

  it('is finite for logits of ten thousand', () => {
    const huge = { logits: [[1e4, -1e4, 0]], teacher: [[-1e4, 1e4, 0]], targets: [[0, 1, 0]] };
    const { loss, gradient } = lossAndGradient(kd, { temperature: 1, alpha: 0.5 }, huge);
    expectClose([loss], [20000], 1e-6);
    expectClose(gradient, [1, -1, 0], 1e-6);
  });
});

describe('cross-entropy', () => {
  it('with a label', () => {
    const { loss, gradient } = lossAndGradient(erm, {}, rows);
    expectClose([loss], [0.349012217], 1e-6);
    expectClose(gradient, [-0.29461549, 0.25949646, 0.03511903], 1e-6);
  });

  it('with the teacher as target is its entropy plus the distillation loss', () => {
    const target = [0.8360188, 0.11314284, 0.05083836];
    const { loss, gradient } = lossAndGradient(erm, {}, { logits: [STUDENT], targets: [target] });
    expectClose([loss], [0.614670125], 1e-6);
    expectClose([loss - lossAndGradient(xcl, pure(1), rows).loss], [0.547737254], 1e-6);
    expectClose(gradient, lossAndGradient(xcl, pure(1), rows).gradient, 1e-6);
  });

  it('counts a row without a label in the mean and gives it no gradient', () => {
    const half = {
      logits: [STUDENT, STUDENT],
      targets: [
        [1, 0, 0],
        [0, 0, 0],
      ],
    };
    const { loss, gradient } = lossAndGradient(erm, {}, half);
    expectClose([loss], [0.349012217 / 2], 1e-6);
    expect(gradient.slice(3)).toEqual([0, 0, 0]);
  });
});

it.each([
  [0.9, 4, 0.146296045],
  [0.5, 2, 0.227431151],
])('KD with alpha %d at temperature %d', (alpha, temperature, wanted) => {
  expectClose([lossAndGradient(kd, { temperature, alpha }, rows).loss], [wanted], 1e-5);
});
