import * as tf from '@tensorflow/tfjs';
import { hasKernels, launch, output } from '../kernels/launch';
import { softmaxLoss } from '../kernels/losses';
import type { Against } from '../kernels/losses';
import { LiveNumber } from './live';

/** A temperature, or one that may change from step to step while steps are replayed. */
export type Temperature = number | LiveNumber;

const valueOf = (temperature: Temperature): number =>
  temperature instanceof LiveNumber ? temperature.value : temperature;

/** log softmax of logits / temperature along the last axis, shifted by the maximum so that +-1e4 stays finite. */
function logSoftmax(logits: tf.Tensor2D, temperature: number): tf.Tensor2D {
  const z = temperature === 1 ? logits : tf.div(logits, temperature);
  const shifted = tf.sub(z, tf.max(z, 1, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true))) as tf.Tensor2D;
}

/** Softmax of logits / temperature, [n, c] -> [n, c]. */
export function softmaxAt(logits: tf.Tensor2D, temperature: Temperature): tf.Tensor2D {
  if (temperature instanceof LiveNumber)
    return tf.softmax(tf.div(logits, temperature.tensor)) as tf.Tensor2D;
  return tf.softmax(temperature === 1 ? logits : tf.div(logits, temperature)) as tf.Tensor2D;
}

/**
 * Cross-entropy of targets against softmax(logits): -sum_c t_c ln p_c, summed over classes, divided by the number of
 * rows. A row of zero targets (a row without a label) adds nothing and gets no gradient.
 *
 * @param logits [n, c] @param targets [n, c], rows summing to 1 or 0
 * @returns nats. Gradient for the logits: (p * rowSum(t) - t) / n; none for the targets.
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  if (hasKernels()) return fusedLoss(logits, targets, 'targets', 1);
  return withLogitGradient(logits, (z) => {
    const logP = logSoftmax(z, 1);
    const rows = z.shape[0];
    return {
      value: tf.div(tf.neg(tf.sum(tf.mul(targets, logP))), rows) as tf.Scalar,
      gradient: () => {
        const mass = tf.sum(targets, 1, true);
        return tf.div(tf.sub(tf.mul(tf.exp(logP), mass), targets), rows) as tf.Tensor2D;
      },
    };
  });
}

/**
 * KL(p || softmax(logits / T)) in nats, mean over rows; T squared is the caller's weight, never part of the term
 * (Hinton, Vinyals, Dean 2015, section 2.1).
 *
 * @param logits the student's, [n, c] @param target probabilities p [n, c], held fixed
 * @returns gradient for the logits: (softmax(logits / T) - p) / (T n)
 */
export function klToTarget(
  logits: tf.Tensor2D,
  target: tf.Tensor2D,
  softness: Temperature,
): tf.Scalar {
  if (hasKernels()) return fusedLoss(logits, target, 'probabilities', softness);
  const temperature = valueOf(softness);
  return withLogitGradient(logits, (z) => {
    const logQ = logSoftmax(z, temperature);
    const rows = z.shape[0];
    // 0 ln 0 = 0: the floor only keeps the logarithm finite where p is zero.
    const logP = tf.log(tf.maximum(target, 1e-37));
    return {
      value: tf.div(tf.sum(tf.mul(target, tf.sub(logP, logQ))), rows) as tf.Scalar,
      gradient: () => tf.div(tf.sub(tf.exp(logQ), target), temperature * rows) as tf.Tensor2D,
    };
  });
}

/**
 * KL(softmax(teacher / T) || softmax(student / T)) in nats, mean over rows, without the T squared.
 *
 * @param student [n, c] @param teacher [n, c], held fixed (no gradient reaches it)
 * @returns gradient for the student's logits: (p_S - p_T) / (T n)
 */
export function distillationKl(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  softness: Temperature,
): tf.Scalar {
  if (hasKernels()) return fusedLoss(student, teacher, 'logits', softness);
  const temperature = valueOf(softness);
  return withLogitGradient(student, (z) => {
    const logQ = logSoftmax(z, temperature);
    const logP = logSoftmax(teacher, temperature);
    const p = tf.exp(logP);
    const rows = z.shape[0];
    return {
      value: tf.div(tf.sum(tf.mul(p, tf.sub(logP, logQ))), rows) as tf.Scalar,
      gradient: () => tf.div(tf.sub(tf.exp(logQ), p), temperature * rows) as tf.Tensor2D,
    };
  });
}

/** The same losses in one kernel of ours. */
function fusedLoss(
  logits: tf.Tensor2D,
  other: tf.Tensor2D,
  against: Against,
  temperature: Temperature,
): tf.Scalar {
  return withLogitGradient(logits, (z) => {
    const [rows, classes] = z.shape;
    const value = output<tf.Rank.R0>([]);
    const gradient = output<tf.Rank.R2>([rows, classes]);
    const bound = temperature instanceof LiveNumber;
    launch(softmaxLoss(against, rows, classes, bound ? 'bound' : temperature), [
      z,
      other,
      ...(bound ? [temperature.tensor] : []),
      value,
      gradient,
    ]);
    return { value, gradient: () => gradient };
  });
}

/** A scalar of the logits alone with a gradient in closed form; everything else in it counts as constant. */
export function withLogitGradient(
  logits: tf.Tensor2D,
  compute: (z: tf.Tensor2D) => { value: tf.Scalar; gradient: () => tf.Tensor2D },
): tf.Scalar {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const { value, gradient } = compute(args[0] as tf.Tensor2D);
    const save = args[1] as tf.GradSaveFunc;
    save([gradient()]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor),
    };
  });
  return op(logits) as tf.Scalar;
}
