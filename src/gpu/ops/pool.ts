import * as tf from '@tensorflow/tfjs';
import { onesImage } from '../constants';

/**
 * Global average pooling [n, h, w, c] -> [n, c]. Its own gradient spreads dy by a broadcast product: the stock gradient
 * of Mean builds a full-size array of ones in JavaScript and uploads it at every step.
 */
export const globalAveragePool = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const x = args[0] as tf.Tensor4D;
  const [n, h, w, c] = x.shape;
  return {
    value: tf.mean(x, [1, 2]),
    gradFunc: (dy: tf.Tensor) =>
      tf.mul(tf.reshape(tf.div(dy, h * w), [n, 1, 1, c]), onesImage(h, w)),
  };
});
