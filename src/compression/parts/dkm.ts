import * as tf from '@tensorflow/tfjs';

/** No share of a vector in a point is smaller: a point that nobody wants is drawn to the mean of all. */
const LEAST_SHARE = 1e-7;

/** Squared distances of every vector to every point, [n, k]. @param w [n, dim] @param centroids [k, dim] */
export function distances(w: tf.Tensor2D, centroids: tf.Tensor2D): tf.Tensor2D {
  const [n, dim] = w.shape;
  const k = centroids.shape[0];
  // Differences first: the expanded square loses the digits that tell near points apart.
  // (tfjs's own squaredDifference has no gradient where it broadcasts.)
  if (dim === 1) return tf.square(tf.sub(w, tf.reshape(centroids, [1, k])));
  const apart = tf.sub(tf.reshape(w, [n, 1, dim]), tf.reshape(centroids, [1, k, dim]));
  return tf.sum(tf.square(apart), 2);
}

/** How much of every vector each point gets, [n, k]: rows sum to 1. */
export function attention(
  w: tf.Tensor2D,
  centroids: tf.Tensor2D,
  temperature: tf.Scalar,
): tf.Tensor2D {
  const scores = tf.neg(tf.div(distances(w, centroids), temperature));
  return tf.clipByValue(tf.softmax(scores as tf.Tensor2D), LEAST_SHARE, 1);
}

/**
 * Some iterations of soft k-means: points become the means of the vectors by their shares; in the end every vector becomes
 * the mean of the points by its last shares. Differentiable in w through all iterations.
 *
 * @returns vectors [n, dim] and points [k, dim]
 */
export function softClusters(
  w: tf.Tensor2D,
  start: tf.Tensor2D,
  temperature: tf.Scalar,
  iterations: number,
): { readonly used: tf.Tensor2D; readonly centroids: tf.Tensor2D } {
  const k = start.shape[0];
  let centroids = start;
  let shares = attention(w, centroids, temperature);
  for (let i = 0; i < iterations; i++) {
    if (i > 0) shares = attention(w, centroids, temperature);
    centroids = tf.div(tf.matMul(shares, w, true), tf.reshape(tf.sum(shares, 0), [k, 1]));
  }
  return { used: tf.matMul(shares, centroids), centroids };
}

/** Every vector's nearest point, [n, dim]. */
export function snapped(w: tf.Tensor2D, centroids: tf.Tensor2D): tf.Tensor2D {
  const nearest = tf.argMax(tf.neg(distances(w, centroids)), 1) as tf.Tensor1D;
  return tf.gather(centroids, nearest);
}
