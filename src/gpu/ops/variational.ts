import * as tf from '@tensorflow/tfjs';

/**
 * The parts of a variational autoencoder (Kingma & Welling 2014) with their gradients in closed form. An encoder's `head`
 * is [n, 2 d]: the means of a diagonal Gaussian over d latents, then the logarithms of its variances.
 */

type Args = (tf.Tensor | tf.GradSaveFunc)[];

const halves = (head: tf.Tensor): [tf.Tensor2D, tf.Tensor2D] => {
  const [rows, columns] = head.shape as [number, number];
  const d = columns / 2;
  const table = head as tf.Tensor2D;
  return [tf.slice(table, [0, 0], [rows, d]), tf.slice(table, [0, d], [rows, d])];
};

/**
 * Latents mean + exp(logVariance / 2) * noise, [n, d] (section 2.4, the reparametrisation).
 *
 * @param noise standard normal, [n, d]; no gradient reaches it
 */
export function drawLatents(head: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args: Args) => {
    const [mean, logVariance] = halves(args[0] as tf.Tensor);
    const spread = tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise);
    (args[1] as tf.GradSaveFunc)([spread]);
    return {
      value: tf.add(mean, spread),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.concat([dy, tf.mul(tf.mul(dy, saved[0] as tf.Tensor), 0.5)], 1),
    };
  });
  return op(head) as tf.Tensor2D;
}

/**
 * KL(N(mean, variance) || N(0, 1)) = 1/2 sum (mean^2 + variance - 1 - ln variance), in nats, mean over rows (appendix B).
 *
 * @returns gradients mean / n and (variance - 1) / 2n
 */
export function latentKl(head: tf.Tensor2D): tf.Scalar {
  const op = tf.customGrad((...args: Args) => {
    const z = args[0] as tf.Tensor2D;
    const [mean, logVariance] = halves(z);
    const rows = z.shape[0];
    const variance = tf.exp(logVariance);
    const sum = tf.sum(tf.sub(tf.add(tf.square(mean), variance), tf.add(logVariance, 1)));
    (args[1] as tf.GradSaveFunc)([
      tf.concat([tf.div(mean, rows), tf.div(tf.sub(variance, 1), 2 * rows)], 1),
    ]);
    return {
      value: tf.div(sum, 2 * rows),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor),
    };
  });
  return op(head) as tf.Scalar;
}

/**
 * -ln N(x; decoded, spread^2) without its constant: sum (x - decoded)^2 / 2 spread^2, in nats, mean over rows.
 *
 * @param x held fixed @returns gradient for `decoded`: (decoded - x) / (spread^2 n)
 */
export function reconstruction(decoded: tf.Tensor, x: tf.Tensor, spread: number): tf.Scalar {
  const rows = x.shape[0] as number;
  const scale = 1 / (spread * spread * rows);
  const op = tf.customGrad((...args: Args) => {
    const off = tf.sub(args[0] as tf.Tensor, x);
    (args[1] as tf.GradSaveFunc)([off]);
    return {
      value: tf.mul(tf.sum(tf.square(off)), scale / 2),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.mul(saved[0] as tf.Tensor, tf.mul(dy, scale)),
    };
  });
  return op(decoded) as tf.Scalar;
}
