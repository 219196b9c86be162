import type * as tf from '@tensorflow/tfjs';
import type { LiveNumber } from '../gpu/ops/live';
import type { AnyValues } from '../recipe/fields';
import type { MethodEntry } from '../recipe/recipe';

/** What a method may look at in one step. The engine has run teacher and student; nothing here runs a model. */
export interface StepTensors {
  /** The student's logits, [n, classes]. */
  readonly logits: tf.Tensor2D;
  /** The teacher's logits on the same inputs, [n, classes], held fixed; null where `needs.teacher` is not 'logits'. */
  readonly teacher: tf.Tensor2D | null;
  /** The teacher's logits on the parents of each row, and the first parent's share [n, 1]; null unless needed. */
  readonly parents: {
    readonly first: tf.Tensor2D;
    readonly second: tf.Tensor2D;
    readonly share: tf.Tensor2D;
  } | null;
  /**
   * Targets from labels, [n, classes]: one-hot where the row's label is true, a mixture where `needs.labels` is 'mixed'
   * and two rows were mixed, all zero where there is none.
   */
  readonly targets: tf.Tensor2D;
  /** Numbers of the method's parameters that may change from step to step; a method prefers them to `params`. */
  readonly live?: Readonly<Record<string, LiveNumber>>;
}

/** How far the run is, from 0 to 1. */
export interface MethodProgress {
  readonly step: number;
  readonly steps: number;
}

/** A distillation method: what it needs, its raw terms, and what multiplies them. */
export interface Method extends MethodEntry {
  /** Raw terms in natural units (nats), means over the batch. Pure; called inside the gradient tape. */
  terms(batch: StepTensors, params: AnyValues): Readonly<Record<string, tf.Scalar>>;
  /** What multiplies each term: T squared, mixing weights, schedules. A term without a weight counts once. */
  weights(params: AnyValues, progress: MethodProgress): Readonly<Record<string, number>>;
}
