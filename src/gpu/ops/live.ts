import * as tf from '@tensorflow/tfjs';
import { hasKernels, launch, overwrite } from '../kernels/launch';
import { placeNumbers } from '../kernels/place';

/**
 * Rows of numbers that a step reads and that are other ones at the next step, as LiveNumber is for one.
 */
export class LiveRows {
  private kept: tf.Tensor2D | null = null;

  /** The tensor that holds them; valid until the next `set`. */
  get tensor(): tf.Tensor2D {
    if (!this.kept) throw new Error('rows of numbers were read before they were set');
    return this.kept;
  }

  /** @param values [rows, columns] */
  set(values: Float32Array<ArrayBuffer>, columns: number): void {
    const rows = values.length / columns;
    if (hasKernels() && this.kept?.shape[0] === rows && this.kept.shape[1] === columns) {
      overwrite(this.kept, values);
      return;
    }
    this.kept?.dispose();
    this.kept = tf.keep(tf.tensor2d(values, [rows, columns]));
  }

  dispose(): void {
    this.kept?.dispose();
    this.kept = null;
  }
}

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

/**
 * A tensor that a step reads and writes for the next one: written over in place where steps are replayed, and made anew
 * elsewhere.
 */
export class LiveTensor {
  private kept: tf.Tensor;

  constructor(values: Float32Array, shape: readonly number[]) {
    this.kept = tf.keep(tf.tensor(values, [...shape]));
  }

  /** The tensor that holds it; valid until the next `write`. */
  get tensor(): tf.Tensor {
    return this.kept;
  }

  /** Takes over the numbers of another tensor of its size. */
  write(next: tf.Tensor): void {
    if (hasKernels()) {
      launch(placeNumbers(next.size, 0), [next, this.kept]);
      return;
    }
    const { shape } = this.kept;
    this.kept.dispose();
    this.kept = tf.tidy(() => tf.keep(tf.clone(tf.reshape(next, shape))));
  }

  dispose(): void {
    this.kept.dispose();
  }
}
