import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  cosineDistance,
  denoisingLoss,
  disagreement,
  distanceProduct,
  focalLoss,
  segmentationLoss,
} from '../../src/anomaly/losses';
import { averagePrecision, rocAuc, topMean } from '../../src/anomaly/metrics';
import { resize } from '../../src/anomaly/resize';
import { useCpu } from '../support/cpu';
import type { Wave } from '../support/golden';
import { expectClose, wave } from '../support/numbers';

/** Values that scripts/torch/golden_destseg.py wrote. */
interface Golden {
  readonly features: readonly {
    readonly batch: number;
    readonly side: number;
    readonly levels: readonly (readonly [number, number])[];
    readonly waves: readonly Readonly<Record<'student' | 'teacher', Wave>>[];
    readonly loss: number;
    readonly gradients: readonly (readonly number[])[];
    readonly product: readonly number[];
    readonly disagreement: readonly number[];
  }[];
  readonly segmentation: readonly {
    readonly gamma: number;
    readonly wave: Wave;
    readonly mask: readonly number[];
    readonly focal: number;
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
  readonly resizing: readonly {
    readonly size: number;
    readonly to: number;
    readonly channels: number;
    readonly wave: Wave;
    readonly y: readonly number[];
    readonly dx: readonly number[];
  }[];
  readonly figures: readonly {
    readonly scores: readonly number[];
    readonly truth: readonly number[];
    readonly auc: number;
    readonly precision: number;
    readonly top7: number;
  }[];
}

const golden = JSON.parse(readFileSync(new URL('destseg.json', import.meta.url), 'utf8')) as Golden;

const waves = (shape: readonly number[], numbers: Wave) =>
  tf.tensor<tf.Rank.R4>(wave(shape, numbers), [...shape] as [number, number, number, number]);
const pixel = (...values: number[]) => tf.tensor4d(values, [1, 1, 1, values.length]);

beforeAll(useCpu);

describe.each(golden.features)('features of $levels.length levels', (entry) => {
  const { batch, side, levels } = entry;
  const made = (who: 'student' | 'teacher') =>
    levels.map(([size, channels], i) => waves([batch, size, size, channels], entry.waves[i]![who]));

  it('the loss of step 1 and its gradient', () => {
    const [student, teacher] = [made('student'), made('teacher')];
    const { value, grads } = tf.valueAndGrads((...of: tf.Tensor[]) =>
      denoisingLoss(of as tf.Tensor4D[], teacher),
    )(student);
    expectClose(value.dataSync(), [entry.loss], 1e-5, 'loss');
    grads.forEach((gradient, i) =>
      expectClose(gradient.dataSync(), entry.gradients[i]!, 1e-5, `gradient ${i}`),
    );
    expect(entry.gradients.flat().some((each) => Math.abs(each) > 0.01)).toBe(true);
  });

  it('the student’s score, and what the segmentation network reads', () => {
    const [student, teacher] = [made('student'), made('teacher')];
    expectClose(distanceProduct(student, teacher, side).dataSync(), entry.product, 1e-5);
    expectClose(disagreement(student, teacher).dataSync(), entry.disagreement, 1e-5);
  });
});

it.each(golden.segmentation)('the loss of step 2 with exponent $gamma', (entry) => {
  const logits = waves([2, 4, 4, 1], entry.wave);
  const mask = tf.tensor(Float32Array.from(entry.mask), [2, 4, 4, 1]);
  const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => segmentationLoss(z, mask, entry.gamma))(
    logits,
  );
  expectClose(focalLoss(logits, mask, entry.gamma).dataSync(), [entry.focal], 1e-5, 'focal');
  expectClose(value.dataSync(), [entry.loss], 1e-5, 'loss');
  expectClose(grad.dataSync(), entry.gradient, 1e-5, 'gradient');
  expect(entry.gradient.some((each) => Math.abs(each) > 0.01)).toBe(true);
});

it.each(golden.resizing)('resizing $size to $to and its gradient', (entry) => {
  const x = waves([1, entry.size, entry.size, entry.channels], entry.wave);
  expectClose(resize(x, entry.to).dataSync(), entry.y, 1e-5, 'y');
  const dy = waves([1, entry.to, entry.to, entry.channels], [0.37, 0.1, 1, 0]);
  const dx = tf.grad((of: tf.Tensor) => resize(of as tf.Tensor4D, entry.to))(x, dy);
  expectClose(dx.dataSync(), entry.dx, 1e-5, 'dx');
});

it.each(golden.figures)('figures of $scores.length scores', (entry) => {
  const scores = Float32Array.from(entry.scores);
  const truth = Uint8Array.from(entry.truth);
  expect(rocAuc(scores, truth)).toBeCloseTo(entry.auc, 6);
  expect(averagePrecision(scores, truth)).toBeCloseTo(entry.precision, 6);
  expect(topMean(scores, 7)).toBeCloseTo(entry.top7, 6);
});

describe('values worked by hand', () => {
  it('cosine distance: 0.04, the same direction 0, the opposite one 2', () => {
    const distance = (a: tf.Tensor4D, b: tf.Tensor4D) => cosineDistance(a, b).dataSync()[0];
    expect(distance(pixel(3, 4), pixel(4, 3))).toBeCloseTo(0.04, 5);
    expect(distance(pixel(3, 4), pixel(6, 8))).toBeCloseTo(0, 5);
    expect(distance(pixel(3, 4), pixel(-3, -4))).toBeCloseTo(2, 5);
  });

  it('what the segmentation network reads sums to minus the cosine', () => {
    const read = disagreement([pixel(3, 4)], [pixel(4, 3)]);
    expect(tf.sum(read).dataSync()[0]).toBeCloseTo(-0.96, 5);
  });

  it.each([
    [0.9, 1, 0.000010536],
    [0.5, 1, 0.043321699],
    [0.1, 1, 1.51072608],
    [0.2, 0, 0.00035703],
  ])('focal loss of p = %f, truth %i', (p, truth, wanted) => {
    const logit = pixel(Math.log(p / (1 - p)));
    expect(focalLoss(logit, pixel(truth), 4).dataSync()[0]).toBeCloseTo(wanted, 6);
  });

  it('losses stay finite where a feature is all zero and a logit is extreme', () => {
    const { value, grads } = tf.valueAndGrads((s: tf.Tensor) =>
      denoisingLoss([s as tf.Tensor4D], [pixel(0, 0)]),
    )([pixel(0, 0)]);
    expect(value.dataSync()[0]).toBe(1);
    expect([...grads[0]!.dataSync()].map(Math.abs)).toEqual([0, 0]);
    const far = tf.valueAndGrad((z: tf.Tensor) => segmentationLoss(z, pixel(1, 0), 4))(
      pixel(-1e4, -1e4),
    );
    expect([...far.value.dataSync(), ...far.grad.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('areas: perfect order 1, reversed 0, all equal a half', () => {
    const truth = Uint8Array.of(1, 1, 0, 0);
    expect(rocAuc(Float32Array.of(4, 3, 2, 1), truth)).toBe(1);
    expect(rocAuc(Float32Array.of(1, 2, 3, 4), truth)).toBe(0);
    expect(rocAuc(Float32Array.of(1, 1, 1, 1), truth)).toBe(0.5);
    expect(averagePrecision(Float32Array.of(4, 3, 2, 1), truth)).toBe(1);
    expect(averagePrecision(Float32Array.of(4, 1, 3, 2), truth)).toBe((1 + 2 / 4) / 2);
    expect(averagePrecision(Float32Array.of(1, 1, 1, 1), truth)).toBe(0.5);
    expect(rocAuc(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toBeNaN();
  });
});
