import * as tf from '@tensorflow/tfjs';

/** Every pixel twice along both sides, [n, h, w, c] -> [n, 2h, 2w, c]. Its gradient sums over each two by two pixels. */
export function upsample(x: tf.Tensor4D): tf.Tensor4D {
  const [, h, w] = x.shape;
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.image.resizeNearestNeighbor(args[0] as tf.Tensor4D, [2 * h, 2 * w]),
    // tfjs has no gradient of its own for this on WebGPU.
    gradFunc: (dy: tf.Tensor) => tf.mul(tf.avgPool(dy as tf.Tensor4D, 2, 2, 'valid'), 4),
  }));
  return op(x) as tf.Tensor4D;
}

/** [n, ...] -> [n, ...shape], row by row. */
export function reshapeRows(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.reshape(x, [x.shape[0] as number, ...shape]);
}
