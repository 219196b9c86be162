import * as tf from '@tensorflow/tfjs';
import { gaussianNll, squaredError } from '../gpu/ops/gaussian';
import { LiveNumber } from '../gpu/ops/live';
import { crossEntropy } from '../gpu/ops/losses';

/** What a teacher learns by: cross-entropy, or a Gaussian's likelihood after a warm-up of the mean. */
export interface TeacherLoss {
  /** Sets what differs from step to step. @param step counted from 0 */
  begin(step: number): void;
  of(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

const NOTHING = () => undefined;

export const classLoss: TeacherLoss = { begin: NOTHING, of: crossEntropy, dispose: NOTHING };

/** Half the squared error for the first steps, which is the likelihood at a variance of 1; then NLL. */
export class GaussianTeacherLoss implements TeacherLoss {
  private readonly warmup: number;
  private readonly nll = new LiveNumber();
  private readonly error = new LiveNumber();

  /** @param warmup steps in which the mean alone is learnt */
  constructor(warmup: number) {
    this.warmup = warmup;
  }

  begin(step: number): void {
    const warm = step < this.warmup;
    this.nll.set(warm ? 0 : 1);
    this.error.set(warm ? 0.5 : 0);
  }

  of(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
    return tf.add(
      tf.mul(gaussianNll(logits, targets), this.nll.tensor),
      tf.mul(squaredError(logits, targets), this.error.tensor),
    ) as tf.Scalar;
  }

  dispose(): void {
    this.nll.dispose();
    this.error.dispose();
  }
}
