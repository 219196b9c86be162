import type { AnyValues } from '../recipe/fields';
import type { OwnData } from '../recipe/own-data';
import type { TaskEntry } from '../recipe/recipe';

/** Examples in memory: `count` inputs of the task's shape, row-major, with class labels or real-valued targets. */
export interface Split {
  /** uint8 pixels 0..255 in height, width, channel order, or float32 coordinates. */
  readonly x: Uint8Array | Float32Array;
  /** Class labels; empty where the targets are real values. */
  readonly y: Uint8Array;
  /** Real-valued targets in their own unit, row-major [count, targets]; there where the task has `targets`. */
  readonly values?: Float32Array;
  /** Where it is known, a number for each example that rises with how uncertain its targets truly are. */
  readonly doubt?: Float32Array;
  readonly count: number;
}

/** Real-valued targets. A network answers with a Gaussian for each: all means first, then all log-variances. */
export interface Targets {
  readonly names: readonly string[];
  /** The unit that all of them share, such as "°"; empty where they have none. */
  readonly unit: string;
  /** Networks learn (value - mean) / std; figures are in the unit. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** True where they are pitch and yaw of a direction in degrees: the angle between directions is then a figure. */
  readonly angular?: true;
}

/** A task's data. `train` may hold more than the transfer set; the students see its first rows. */
export interface TaskData {
  /** [height, width, channels] for images, [2] for the plane. */
  readonly shape: readonly number[];
  /** Names of the classes; empty where the targets are real values. */
  readonly classes: readonly string[];
  readonly targets?: Targets;
  readonly train: Split;
  readonly validation: Split;
  readonly test: Split;
  /** Network input = (value * scale - mean[channel]) / std[channel]; scale is 1/255 for uint8, 1 for float32. */
  readonly normalisation: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
}

/** How many numbers a network for the task puts out: one logit a class, or mean and log-variance of every target. */
export function outputsOf({ classes, targets }: Pick<TaskData, 'classes' | 'targets'>): number {
  return targets ? 2 * targets.names.length : classes.length;
}

/** A file or stream that a task reads: in the page a dropped File, under Node a file on disk. */
export interface Source {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

export interface LoadContext {
  /** How many training examples are needed (the transfer set, or all of them for a teacher). */
  readonly trainCount: number;
  /** Seed of generated data: a constant of the task, or the run's seed where the recipe says `redraw`. */
  readonly seed: number | undefined;
  readonly sources: readonly Source[];
  /** Images that a person brought and a reader has read; for the task "images" alone. */
  readonly own?: OwnData | null;
  /** Called with a plain sentence and a share from 0 to 1. */
  progress(what: string, share: number): void;
  readonly signal?: AbortSignal;
}

/** A task: where its examples come from. Throws UserError for files that cannot be used. */
export interface Task extends TaskEntry {
  load(params: AnyValues, context: LoadContext): Promise<TaskData>;
}

/** Keeps a task's entry typed while it is written down. */
export function defineTask(task: Task): Task {
  return task;
}
