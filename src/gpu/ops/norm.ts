import * as tf from '@tensorflow/tfjs';
import { onesRow } from '../constants';

/** Batch norm's epsilon, as in PyTorch. */
const EPSILON = 1e-5;
/** How much of the moving statistics stays at each training step (PyTorch calls the complement momentum, 0.1). */
const KEEP = 0.9;

/**
 * Sum over all axes but the last: [..., c] -> [c]. A product with a row of ones: no backend has a fast reduction over
 * outer axes (they transpose first), all have a fast product.
 */
function channelSum(x: tf.Tensor, channels: number): tf.Tensor1D {
  const rows = x.size / channels;
  return tf.reshape(tf.matMul(onesRow(rows), tf.reshape(x, [rows, channels])), [channels]);
}

/**
 * Batch norm in training mode over all axes but the last, with its analytic gradient (Ioffe & Szegedy 2015).
 * The batch is normalised by its biased variance; the moving variance takes the unbiased one, as PyTorch does.
 *
 * @param x [..., c] @param gamma [c] @param beta [c]
 * @param mean,variance moving statistics [c], updated in place as a side effect of the forward pass
 */
export function batchNormTrain<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  mean: tf.Variable,
  variance: tf.Variable,
): T {
  const channels = gamma.size;
  const rows = x.size / channels;
  const normalise = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, scale, shift, save] = args as [T, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const batchMean = tf.div(channelSum(input, channels), rows);
    const centred = tf.sub(input, batchMean);
    const batchVariance = tf.div(channelSum(tf.mul(centred, centred), channels), rows);
    const inverse = tf.rsqrt(tf.add(batchVariance, EPSILON));
    move(mean, batchMean, 1);
    move(variance, batchVariance, rows > 1 ? rows / (rows - 1) : 1);
    const value = tf.add(tf.mul(centred, tf.mul(inverse, scale)), shift) as T;
    save([centred, inverse, scale]);
    return {
      value,
      gradFunc: (dy: T, saved: tf.Tensor[]) => {
        const [c, inv, g] = saved as [T, tf.Tensor1D, tf.Tensor1D];
        const dBeta = channelSum(dy, channels);
        const dGamma = tf.mul(channelSum(tf.mul(dy, c), channels), inv);
        const a = tf.mul(g, inv);
        const pull = tf.mul(c, tf.mul(tf.mul(a, inv), tf.div(dGamma, rows)));
        const dx = tf.sub(tf.sub(tf.mul(dy, a), tf.mul(a, tf.div(dBeta, rows))), pull);
        return [dx, dGamma, dBeta];
      },
    };
  });
  return normalise(x, gamma, beta) as T;
}

function move(statistic: tf.Variable, fresh: tf.Tensor, correction: number): void {
  statistic.assign(tf.add(tf.mul(statistic, KEEP), tf.mul(fresh, (1 - KEEP) * correction)));
}

/** The scale and shift [c] that batch norm in inference mode amounts to. */
export function foldNorm(
  gamma: tf.Tensor,
  beta: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
): { scale: tf.Tensor; shift: tf.Tensor } {
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
  return { scale, shift: tf.sub(beta, tf.mul(mean, scale)) };
}
