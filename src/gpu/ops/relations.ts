import * as tf from '@tensorflow/tfjs';
import { LiveNumber } from './live';
import type { Temperature } from './losses';

/**
 * Parts of losses that look at logits relative to each other, with gradients in closed form: tfjs's own pass through more
 * launches, and become NaN where nothing varies.
 */

/** A spread below this share of the values' size is rounding: there is nothing to compare. */
const ROUNDING = 1e-6;

/** 1 where a spread is more than rounding, else 0. */
const varies = (spread: tf.Tensor, size: tf.Tensor): tf.Tensor =>
  tf.cast(tf.greater(spread, tf.mul(size, ROUNDING)), 'float32');

const norm = (x: tf.Tensor, axis: number): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), axis, true));

/** A function of one tensor. @param compute the value, what is saved, and the gradient from dy and what was saved */
function withGradient(
  x: tf.Tensor,
  compute: (x: tf.Tensor) => {
    value: tf.Tensor;
    saved: tf.Tensor[];
    gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor;
  },
): tf.Tensor {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const { value, saved, gradient } = compute(args[0] as tf.Tensor);
    (args[1] as tf.GradSaveFunc)(saved);
    return { value, gradFunc: gradient };
  });
  return op(x);
}

/**
 * T ln sum_c exp(z_c / T) for every row: the logit that stands for all of its classes together at temperature T.
 *
 * @param logits [n, c] @returns [n, 1]. Gradient: softmax(z / T)
 */
export function togetherAt(logits: tf.Tensor2D, softness: Temperature): tf.Tensor2D {
  const t = softness instanceof LiveNumber ? softness.tensor : softness;
  return withGradient(logits, (z) => {
    const top = tf.max(z, 1, true);
    const powers = tf.exp(tf.div(tf.sub(z, top), t));
    const total = tf.sum(powers, 1, true);
    return {
      value: tf.add(tf.mul(tf.log(total), t), top),
      saved: [tf.div(powers, total)],
      gradient: (dy, [p]) => tf.mul(dy, p as tf.Tensor),
    };
  }) as tf.Tensor2D;
}

/** What keeps the division finite, as in the method's public code. */
const STANDARD_FLOOR = 1e-7;

/**
 * Every row minus its mean, divided by its standard deviation (n - 1): logits as z-scores (Sun et al. 2024). Unchanged by
 * z -> a z + b with a > 0. A row without spread becomes zeros and gets no gradient.
 *
 * @param logits [n, c] @returns [n, c]
 */
export function standardised(logits: tf.Tensor2D): tf.Tensor2D {
  const degrees = logits.shape[1] - 1;
  return withGradient(logits, (z) => {
    const centred = tf.sub(z, tf.mean(z, 1, true));
    const length = norm(centred, 1);
    const deviation = tf.add(tf.div(length, Math.sqrt(degrees)), STANDARD_FLOOR);
    const scale = tf.div(varies(length, norm(z, 1)), deviation);
    const scores = tf.mul(centred, scale);
    const direction = tf.div(centred, tf.maximum(length, STANDARD_FLOOR));
    return {
      value: scores,
      saved: [scale, direction],
      // Neither the mean nor the length can be changed: both leave the gradient.
      gradient(dy, saved) {
        const [factor, unit] = saved as [tf.Tensor, tf.Tensor];
        const free = tf.sub(dy, tf.mean(dy, 1, true));
        return tf.mul(factor, tf.sub(free, tf.mul(unit, tf.sum(tf.mul(dy, unit), 1, true))));
      },
    };
  }) as tf.Tensor2D;
}

/**
 * Mean over the rows (axis 1) or over the columns (axis 0) of Pearson's correlation of a and b. A row or column in which
 * either does not vary counts as uncorrelated and gets no gradient.
 *
 * @param a [n, c] @param b [n, c], held fixed @param axis along which values are compared
 */
export function meanCorrelation(a: tf.Tensor2D, b: tf.Tensor2D, axis: 0 | 1): tf.Scalar {
  const count = a.shape[1 - axis] as number;
  /** Values of length 1 around their mean, and 1 over the length they had. */
  const unit = (x: tf.Tensor) => {
    const centred = tf.sub(x, tf.mean(x, axis, true));
    const length = norm(centred, axis);
    const inverse = tf.div(varies(length, norm(x, axis)), tf.maximum(length, 1e-30));
    return { inverse, direction: tf.mul(centred, inverse) };
  };
  return withGradient(a, (x) => {
    const [one, other] = [unit(x), unit(b)];
    const r = tf.sum(tf.mul(one.direction, other.direction), axis, true);
    const away = tf.sub(other.direction, tf.mul(r, one.direction));
    return {
      value: tf.div(tf.sum(r), count),
      saved: [tf.mul(away, tf.div(one.inverse, count))],
      gradient: (dy, [slope]) => tf.mul(dy, slope as tf.Tensor),
    };
  }) as tf.Scalar;
}
