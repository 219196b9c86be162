import * as tf from '@tensorflow/tfjs';
import { hasKernels, overwrite } from '../kernels/launch';

/**
 * A number that a step reads and that may be another one at the next step: a scalar tensor that is written over in place
 * where steps are replayed, and made anew elsewhere.
 */
export class LiveNumber {
  value = NaN;
  private kept: tf.Scalar | null = null;

  /** The tensor that holds it; valid until the next `set`. */
  get tensor(): tf.Scalar {
    if (!this.kept) throw new Error('a number was read before it was set');
    return this.kept;
  }

  set(value: number): void {
    if (this.kept && value === this.value) return;
    this.value = value;
    if (this.kept && hasKernels()) {
      overwrite(this.kept, Float32Array.of(value));
      return;
    }
    this.kept?.dispose();
    this.kept = tf.keep(tf.scalar(value));
  }

  dispose(): void {
    this.kept?.dispose();
    this.kept = null;
  }
}
