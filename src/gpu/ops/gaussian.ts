import * as tf from '@tensorflow/tfjs';
import {
  gaussianLoss,
  LEAST_LOG_VARIANCE,
  mergeGaussians,
  MOST_LOG_VARIANCE,
} from '../kernels/gaussian';
import type { GaussianLoss } from '../kernels/gaussian';
import { hasKernels, launch, output } from '../kernels/launch';
import { withLogitGradient } from './losses';

/**
 * Gaussian heads: a network's output [n, 2d] holds for d targets first the means, then s = ln variance. s is clipped to
 * [-7, 3] wherever it is used; a clipped s gets no gradient. Losses are sums over targets and means over rows.
 */

/** KL between two Gaussians: from the teacher's, from the student's, or half of both. */
export type Direction = Extract<GaussianLoss, 'forward' | 'reverse' | 'symmetric'>;

/**
 * Negative log-likelihood without its constant, 1/2 sum_k (s + (y - mu)^2 e^-s), in nats. Add d/2 ln 2 pi for the whole.
 *
 * @param heads [n, 2d] @param targets [n, 2d]: the values, then 1 where a row has them and 0 where it has no label
 * @returns gradient for mu: (mu - y) e^-s / n; for s: (1 - (y - mu)^2 e^-s) / 2n; none where there is no label
 */
export const gaussianNll = (heads: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar =>
  lossOf('nll', heads, targets);

/** sum_k (mu - y)^2 of rows that have a label. @param targets as for `gaussianNll` */
export const squaredError = (heads: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar =>
  lossOf('error', heads, targets);

/** sum_k (mu_S - mu_T)^2. @param teacher heads [n, 2d], held fixed */
export const meanError = (heads: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar =>
  lossOf('meanError', heads, teacher);

/**
 * Closed-form KL between teacher's and student's Gaussians in nats. Forward, KL(T || S): 1/2 sum_k (s_S - s_T +
 * (e^s_T + (mu_T - mu_S)^2) e^-s_S - 1). Reverse exchanges T and S; symmetric is the mean of both.
 *
 * @param heads the student's, [n, 2d] @param teacher heads [n, 2d], held fixed
 */
export const gaussianKl = (
  heads: tf.Tensor2D,
  teacher: tf.Tensor2D,
  direction: Direction,
): tf.Scalar => lossOf(direction, heads, teacher);

interface Sides {
  readonly m: tf.Tensor;
  /** Clipped. */
  readonly s: tf.Tensor;
  /** The other side's first and second half. */
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
}

interface Parts {
  readonly value: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly spread: tf.Tensor;
}

/** Value of each row and target, with its slope for mean and log-variance; the same formulas as in the kernel. */
const formulas: Record<GaussianLoss, (sides: Sides) => Parts> = {
  nll({ m, s, a, b }) {
    const error = tf.sub(m, a);
    const scaled = tf.mul(error, tf.exp(tf.neg(s)));
    const wide = tf.mul(error, scaled);
    return {
      value: tf.mul(b, tf.mul(0.5, tf.add(s, wide))),
      mean: tf.mul(b, scaled),
      spread: tf.mul(b, tf.mul(0.5, tf.sub(1, wide))),
    };
  },
  error({ m, a, b }) {
    const error = tf.sub(m, a);
    return {
      value: tf.mul(b, tf.square(error)),
      mean: tf.mul(b, tf.mul(2, error)),
      spread: tf.zerosLike(m),
    };
  },
  meanError({ m, a }) {
    const error = tf.sub(m, a);
    return { value: tf.square(error), mean: tf.mul(2, error), spread: tf.zerosLike(m) };
  },
  forward({ m, s, a, b }) {
    const t = clipped(b);
    const error = tf.sub(m, a);
    const narrow = tf.exp(tf.neg(s));
    const wide = tf.mul(tf.add(tf.exp(t), tf.square(error)), narrow);
    return {
      value: tf.mul(0.5, tf.sub(tf.add(tf.sub(s, t), wide), 1)),
      mean: tf.mul(error, narrow),
      spread: tf.mul(0.5, tf.sub(1, wide)),
    };
  },
  reverse({ m, s, a, b }) {
    const t = clipped(b);
    const error = tf.sub(m, a);
    const narrow = tf.exp(tf.neg(t));
    const wide = tf.mul(tf.add(tf.exp(s), tf.square(error)), narrow);
    return {
      value: tf.mul(0.5, tf.sub(tf.add(tf.sub(t, s), wide), 1)),
      mean: tf.mul(error, narrow),
      spread: tf.mul(0.5, tf.sub(tf.exp(tf.sub(s, t)), 1)),
    };
  },
  symmetric(sides) {
    const [one, other] = [formulas.forward(sides), formulas.reverse(sides)];
    const half = (key: keyof Parts) => tf.mul(0.5, tf.add(one[key], other[key]));
    return { value: half('value'), mean: half('mean'), spread: half('spread') };
  },
};

const clipped = (s: tf.Tensor): tf.Tensor =>
  tf.clipByValue(s, LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE);

function lossOf(loss: GaussianLoss, heads: tf.Tensor2D, other: tf.Tensor2D): tf.Scalar {
  const [rows, columns] = heads.shape;
  const targets = columns / 2;
  return withLogitGradient(heads, (z) => {
    if (hasKernels()) {
      const value = output<tf.Rank.R0>([]);
      const gradient = output<tf.Rank.R2>([rows, columns]);
      launch(gaussianLoss(loss, rows, targets), [z, other, value, gradient]);
      return { value, gradient: () => gradient };
    }
    const [m, raw] = tf.split(z, 2, 1) as [tf.Tensor, tf.Tensor];
    const [a, b] = tf.split(other, 2, 1) as [tf.Tensor, tf.Tensor];
    const s = clipped(raw);
    const { value, mean, spread } = formulas[loss]({ m, s, a, b });
    return {
      value: tf.div(tf.sum(value), rows) as tf.Scalar,
      gradient: () => {
        const held = tf.mul(spread, tf.cast(tf.equal(raw, s), 'float32'));
        return tf.div(tf.concat([mean, held], 1), rows) as tf.Tensor2D;
      },
    };
  });
}

/**
 * Several networks' Gaussians as one by moments: the mean of the means, and the mean of the variances plus the
 * population variance of the means.
 *
 * @param members heads [n, 2d] each @returns heads [n, 2d]. The caller disposes of them.
 */
export function mergedGaussian(members: readonly tf.Tensor2D[]): tf.Tensor2D {
  const [first] = members;
  if (!first) throw new Error('there are no Gaussians to merge');
  const [rows, columns] = first.shape;
  if (hasKernels()) {
    const merged = output<tf.Rank.R2>([rows, columns]);
    launch(mergeGaussians(members.length, rows, columns / 2), [...members, merged]);
    return merged as tf.Tensor2D;
  }
  return tf.tidy(() => {
    const halves = members.map((member) => tf.split(member, 2, 1) as [tf.Tensor, tf.Tensor]);
    const means = tf.stack(halves.map(([m]) => m));
    const mean = tf.mean(means, 0);
    const variances = tf.exp(clipped(tf.stack(halves.map(([, s]) => s))));
    const apart = tf.square(tf.sub(means, mean));
    const spread = tf.log(tf.add(tf.mean(variances, 0), tf.mean(apart, 0)));
    return tf.concat([mean, spread], 1) as tf.Tensor2D;
  });
}
