import * as tf from '@tensorflow/tfjs';

/**
 * What each place of a line of `to` pixels takes from one of `from`, [to, from]: linear interpolation between pixel
 * middles, the edge pixels going on outwards (PyTorch's align_corners=False, without smoothing).
 */
function linearWeights(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i += 1) {
    const place = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(place));
    const high = Math.min(from - 1, low + 1);
    const share = place - low;
    weights[i * from + low] = (weights[i * from + low] ?? 0) + 1 - share;
    weights[i * from + high] = (weights[i * from + high] ?? 0) + share;
  }
  return weights;
}

/**
 * Bilinear resizing, [n, h, h, c] -> [n, side, side, c], as two matrix products: those have fast gradients on every
 * backend, which tfjs's own resizing has on few.
 */
export function resize(x: tf.Tensor4D, side: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  if (height === side && width === side) return x;
  const matrix = (from: number) => tf.tensor3d(linearWeights(from, side), [1, side, from]);
  const rows = tf.matMul(matrix(height), tf.reshape(x, [n, height, width * channels]));
  const lines = tf.reshape(rows, [n * side, width, channels]);
  return tf.reshape(tf.matMul(matrix(width), lines), [n, side, side, channels]);
}
