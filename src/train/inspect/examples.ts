import type * as tf from '@tensorflow/tfjs';
import { Random } from '../../recipe/random';
import type { Split, TaskData } from '../../tasks/contract';
import { pixelsOf, realRow, renderTensor } from '../data';

/** Most labelled examples on which a network is tried, and most others on which it is judged. */
const MOST = 200;
/** Fewer than this many are not parted: each part would say nothing. */
const LEAST = 24;

/** Labelled examples of a task. */
export class Examples {
  readonly count: number;
  readonly labels: Uint8Array;
  /** Real-valued targets in their unit, [count, targets]; empty for classes. */
  readonly values: Float32Array;
  private readonly data: TaskData;
  private readonly split: Split;
  private readonly rows: readonly number[];

  /** @param rows which rows of the split */
  constructor(data: TaskData, split: Split, rows: readonly number[]) {
    this.data = data;
    this.split = split;
    this.rows = rows;
    const { y, values } = split;
    this.count = rows.length;
    this.labels = Uint8Array.from(data.targets ? [] : rows, (row) => y[row] ?? 0);
    const d = data.targets?.names.length ?? 0;
    this.values = Float32Array.from({ length: this.count * d }, (_, i) => {
      const row = rows[Math.floor(i / d)] as number;
      return values?.[row * d + (i % d)] ?? 0;
    });
  }

  /** A split's first rows. */
  static first(data: TaskData, split: Split, count: number): Examples {
    const rows = Array.from({ length: Math.min(count, split.count) }, (_, i) => i);
    return new Examples(data, split, rows);
  }

  /** Inputs as the task gives them to networks; places beyond the last begin anew. */
  inputs(from: number, count: number): tf.Tensor {
    const plans = Array.from({ length: count }, (_, i) =>
      realRow(this.rows[(from + i) % this.count] as number),
    );
    return renderTensor(pixelsOf(this.data, this.split), plans);
  }
}

/** Labelled examples to choose by, and others to judge the choice on. */
export interface TwoParts {
  readonly tried: Examples;
  readonly judged: Examples;
  /** False where there are so few that one part serves for both. */
  readonly apart: boolean;
}

/** Examples that serve for both: where a choice was made by others. */
export const onePart = (all: Examples): TwoParts => ({ tried: all, judged: all, apart: false });

/**
 * Rows drawn by chance from the validation split, or from the training split without one, in two parts that have no row
 * in common and as many examples of every class. Not in even strides: rows of a file often come class after class in
 * turn, and a stride that the number of classes divides would meet the same few classes again and again.
 */
export function twoParts(data: TaskData): TwoParts {
  const split = data.validation.count > 0 ? data.validation : data.train;
  const count = Math.min(2 * MOST, split.count);
  const rows = [...Random.from(0, 'two parts').permutation(split.count).subarray(0, count)];
  const seen = new Map<number, number>();
  const parts: [number[], number[]] = [[], []];
  for (const row of rows) {
    const label = data.targets ? 0 : (split.y[row] ?? 0);
    // Classes begin in turn with one part and the other, so that the parts are as large.
    const part = seen.get(label) ?? label % 2;
    seen.set(label, 1 - part);
    parts[part]?.push(row);
  }
  const [first, second] = parts;
  if (count < LEAST || first.length === 0 || second.length === 0) {
    return onePart(new Examples(data, split, rows));
  }
  return {
    tried: new Examples(data, split, first),
    judged: new Examples(data, split, second),
    apart: true,
  };
}
