import type * as tf from '@tensorflow/tfjs';
import type { LiveNumber } from '../gpu/ops/live';
import type { AnyValues } from '../recipe/fields';
import type { MethodEntry } from '../recipe/recipe';

/** Inner outputs of a network by their public names, [n, ...]. */
export type Taps = Readonly<Record<string, tf.Tensor>>;

/** A teacher's answer on the rows of a step, held fixed. */
export interface TeacherAnswer {
  /** [n, classes] */
  readonly logits: tf.Tensor2D;
  /** Empty unless `needs.taps`. */
  readonly taps: Taps;
}

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
  /** The student's inner outputs; there where `needs.taps`. */
  readonly taps?: Taps;
  /** Every teacher's answer on the same inputs, the first teacher's first; there where the method needs a teacher. */
  readonly teachers?: readonly TeacherAnswer[];
  /**
   * Runs an auxiliary network of the method on x, [n, ...input]. Its weights learn with the student's. Each may see one
   * input in a step (rows for several uses are concatenated): its gradient is not added up over calls.
   */
  auxiliary?(name: string, x: tf.Tensor): tf.Tensor;
  /** What the method remembers; there where it has a memory. */
  readonly memory?: {
    /** [rows of the transfer set, columns] */
    readonly all: tf.Tensor2D;
    /** The lines of this step's rows (of the first parent where two rows were mixed), [n, columns]. */
    readonly rows: tf.Tensor2D;
    /** The labels of all rows of the transfer set, one-hot, [rows, classes]; there where the memory asks for them. */
    readonly labels?: tf.Tensor2D;
  };
}

/** Sizes that auxiliary networks and memories are made for; shapes are those of one row. */
export interface Sizes {
  readonly classes: number;
  /** Rows of the transfer set. */
  readonly rows: number;
  readonly student: Readonly<Record<string, readonly number[]>>;
  readonly teachers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** A chain of layers over inputs of a shape (without the batch); convolutions keep the size and have no bias. */
export interface AuxiliaryNetwork {
  readonly input: readonly number[];
  readonly layers: readonly AuxiliaryLayer[];
}

export type AuxiliaryLayer =
  | { readonly op: 'conv'; readonly filters: number; readonly kernel: number }
  | { readonly op: 'dense'; readonly units: number }
  | { readonly op: 'norm' | 'relu' | 'tanh' };

/** A table with one line for each row of the transfer set, kept from step to step beside the network. */
export interface MemorySpec {
  readonly columns: number;
  /** What stands in it at first: one-hot labels, or rows of length 1 in drawn directions. */
  readonly start: 'labels' | 'directions';
  /** How many such rows stand side by side in a line; 1 where it says nothing. */
  readonly parts?: number;
  /** True where the method compares the labels of the lines too. */
  readonly labels?: boolean;
}

/** How far the run is. */
export interface MethodProgress {
  /** Counted from 0. */
  readonly step: number;
  readonly steps: number;
  /** Steps in which every row of the transfer set is seen once; absent where nobody counts. */
  readonly stepsPerEpoch?: number;
}

/** A distillation method: what it needs, its raw terms, and what multiplies them. */
export interface Method extends MethodEntry {
  /** Raw terms in natural units (nats), means over the batch. Pure; called inside the gradient tape. */
  terms(batch: StepTensors, params: AnyValues): Readonly<Record<string, tf.Scalar>>;
  /** What multiplies each term: T squared, mixing weights, schedules. A term without a weight counts once. */
  weights(params: AnyValues, progress: MethodProgress): Readonly<Record<string, number>>;
  /** Networks that learn beside the student and are dropped after training, by name. */
  auxiliary?(sizes: Sizes, params: AnyValues): Readonly<Record<string, AuxiliaryNetwork>>;
  memory?(sizes: Sizes, params: AnyValues): MemorySpec;
  /** What the memory's lines of this step's rows become, [n, columns]; only those that keep their label are kept. Called after `terms` on the same tensors. */
  remember?(batch: StepTensors, params: AnyValues): tf.Tensor2D;
}
