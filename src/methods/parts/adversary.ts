import * as tf from '@tensorflow/tfjs';

/**
 * The same tensor, through which a gradient goes back with its sign turned: what learns behind it descends a loss that
 * what lies before it climbs (Ganin and Lempitsky 2015), both in one pass.
 */
export function reversed<T extends tf.Tensor>(x: T): T {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.clone(args[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.neg(dy),
  }));
  return op(x) as T;
}

/**
 * Binary cross-entropy of logits [n, 1] against 0 or 1, a mean over the rows, in nats: ln 2 where a logit is 0.
 *
 * @param truth [n, 1], held fixed
 * @returns gradient for the logits: (sigmoid(logits) - truth) / n
 */
export function binaryCrossEntropy(logits: tf.Tensor2D, truth: tf.Tensor2D): tf.Scalar {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const z = args[0] as tf.Tensor2D;
    const save = args[1] as tf.GradSaveFunc;
    const rows = z.shape[0];
    // max(z, 0) - z t + ln(1 + e^-|z|) stays finite for any z.
    const tail = tf.log(tf.add(tf.exp(tf.neg(tf.abs(z))), 1));
    const each = tf.add(tf.sub(tf.maximum(z, 0), tf.mul(z, truth)), tail);
    save([tf.div(tf.sub(tf.sigmoid(z), truth), rows)]);
    return {
      value: tf.div(tf.sum(each), rows),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor),
    };
  });
  return op(logits) as tf.Scalar;
}
