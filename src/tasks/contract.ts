import type { AnyValues } from '../recipe/fields';
import type { TaskEntry } from '../recipe/recipe';

/** Examples in memory: `count` inputs of the task's shape, row-major, and their class labels. */
export interface Split {
  /** uint8 pixels 0..255 in height, width, channel order, or float32 coordinates. */
  readonly x: Uint8Array | Float32Array;
  readonly y: Uint8Array;
  readonly count: number;
}

/** A task's data. `train` may hold more than the transfer set; the students see its first rows. */
export interface TaskData {
  /** [height, width, channels] for images, [2] for the plane. */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
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
