import * as tf from '@tensorflow/tfjs';

const kept = new Map<string, tf.Tensor>();

/** One kept tensor per backend and key: made once, so that no step pays for making or uploading a constant. */
export function constant<T extends tf.Tensor>(key: string, make: () => T): T {
  const full = `${tf.getBackend()}/${key}`;
  const found = kept.get(full);
  if (found) return found as T;
  const made = tf.tidy(() => tf.keep(make()));
  kept.set(full, made);
  return made;
}

/** Ones of shape [1, n], kept for the life of the backend. */
export function onesRow(n: number): tf.Tensor2D {
  return constant(`row/${n}`, () => tf.ones([1, n]) as tf.Tensor2D);
}

/** Ones of shape [1, height, width, 1], kept for the life of the backend. */
export function onesImage(height: number, width: number): tf.Tensor4D {
  return constant(`image/${height}x${width}`, () => tf.ones([1, height, width, 1]) as tf.Tensor4D);
}

/** Forgets and frees the constants of a backend; call before the backend is given up. */
export function disposeConstants(backend = tf.getBackend()): void {
  const prefix = `${backend}/`;
  for (const [key, tensor] of kept) {
    if (!key.startsWith(prefix)) continue;
    tensor.dispose();
    kept.delete(key);
  }
}
