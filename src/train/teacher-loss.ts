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

/** Takes the label's logit out of a softmax: below every other by more than float32 tells from nothing. */
const OUT = 1e4;

/**
 * How far the answers over the wrong classes are from evenly spread, mean over rows: ln(classes - 1) less
 * the entropy of softmax(z) without the label's class, which is its KL from the uniform distribution.
 *
 * @param logits [n, classes] @param targets one-hot; a row of zeros counts nothing
 * @returns nats; 0 for two classes
 */
export function nonTargetGap(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const others = tf.sub(logits, tf.mul(targets, OUT));
  const logP = tf.logSoftmax(others, 1);
  const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), 1));
  const most = Math.log(Math.max(1, logits.shape[1] - 1));
  return tf.mean(tf.mul(tf.sub(most, entropy), tf.sum(targets, 1))) as tf.Scalar;
}

/**
 * Cross-entropy plus `weight` times that gap, so that the teacher's answers over the wrong classes do not collapse onto
 * one. Our reading of "expressive teacher" (Tan, Liu, Zhang 2021), whose formula could not
 * be read.
 */
export function spreadLoss(weight: number): TeacherLoss {
  return {
    ...classLoss,
    of: (logits, targets) =>
      tf.add(crossEntropy(logits, targets), tf.mul(nonTargetGap(logits, targets), weight)),
  };
}

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
