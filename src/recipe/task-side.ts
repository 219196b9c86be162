/** What networks that come from files or go into them have to know of a task: part of its data (tasks/contract.ts). */
export interface TaskSide {
  /** [height, width, channels], or [features] for points. */
  readonly shape: readonly number[];
  /** Empty where the targets are real values. */
  readonly classes: readonly string[];
  readonly targets?: {
    readonly names: readonly string[];
    readonly unit: string;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
  /** Network input = (value scale - mean[channel]) / std[channel]. */
  readonly normalisation: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
}
