import * as tf from '@tensorflow/tfjs';

/** Squared lengths below this count as zero: what has no direction gets none, and no gradient. */
const LEAST = 1e-20;

/**
 * Lengths of vectors and their inverses from squared lengths; both zero, with zero gradients, where the length is zero.
 * A plain square root would have an infinite slope there.
 */
export function lengthsOf(squared: tf.Tensor): {
  readonly length: tf.Tensor;
  readonly inverse: tf.Tensor;
} {
  const there = tf.step(tf.sub(squared, LEAST));
  const root = tf.sqrt(tf.maximum(squared, LEAST));
  return { length: tf.mul(there, root), inverse: tf.div(there, root) };
}

/** Vectors along the last axis at length 1; zero stays zero. */
export function unit<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, lengthsOf(tf.sum(tf.square(x), -1, true)).inverse);
}
