import * as tf from '@tensorflow/tfjs';

/** Groups as a table of zeros and ones, row-major [n, k]: 1 where a vector belongs to a group. */
export function memberTable(members: Uint8Array, k: number): Float32Array {
  const out = new Float32Array(members.length * k);
  members.forEach((group, i) => (out[i * k + group] = 1));
  return out;
}

/**
 * Every vector replaced by the mean of its group. Differentiable in w: a vector's gradient is the mean over its group.
 *
 * @param w [n, dim] @param members zeros and ones [n, k], one 1 in each row @returns [n, dim]
 */
export function shared(w: tf.Tensor2D, members: tf.Tensor2D): tf.Tensor2D {
  const k = members.shape[1];
  // A group without vectors is nobody's: its mean is 0 and is read nowhere.
  const counts = tf.maximum(tf.reshape(tf.sum(members, 0), [k, 1]), 1);
  return tf.matMul(members, tf.div(tf.matMul(members, w, true), counts));
}
