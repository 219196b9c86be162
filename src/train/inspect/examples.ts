import type * as tf from '@tensorflow/tfjs';
import { Random } from '../../recipe/random';
import type { Split, TaskData } from '../../tasks/contract';
import { pixelsOf, realRow, renderTensor } from '../data';

/** Most labelled examples on which a network is tried. */
const MOST = 200;

/** Which half of the examples: that which choices are made by, or that which they are judged on. */
export type Half = 'fitted' | 'judged';

/** The same half whenever it is asked for. Drawn, as classes may stand in turn. */
function halfOf(rows: readonly number[], half: Half): readonly number[] {
  const order = Random.from(0, 'inspect/halves').permutation(rows.length);
  const first = Math.floor(rows.length / 2);
  return rows.filter((_, i) => (order[i] as number) < first === (half === 'fitted'));
}

/** Labelled examples of a task. */
export class Examples {
  readonly count: number;
  readonly labels: Uint8Array;
  /** Real-valued targets in their unit, [count, targets]; empty for classes. */
  readonly values: Float32Array;
  private readonly data: TaskData;
  private readonly split: Split;
  private readonly rows: readonly number[];

  /**
   * Rows spread evenly over the validation split, or over the training split without one.
   *
   * @param first instead so many first rows of this split
   * @param half those of one half only, drawn by chance: what was fitted on one is judged on the other
   */
  constructor(
    data: TaskData,
    first?: { readonly split: Split; readonly count: number } | null,
    half?: Half,
  ) {
    this.data = data;
    this.split = first?.split ?? (data.validation.count > 0 ? data.validation : data.train);
    const { y, values } = this.split;
    const most = Math.min(first?.count ?? (half ? 2 * MOST : MOST), this.split.count);
    const count = first ? most : this.split.count;
    const rows = Array.from({ length: most }, (_, i) => Math.floor((i * count) / most));
    this.rows = half ? halfOf(rows, half) : rows;
    this.count = this.rows.length;
    this.labels = Uint8Array.from(data.targets ? [] : this.rows, (row) => y[row] ?? 0);
    const d = data.targets?.names.length ?? 0;
    this.values = Float32Array.from({ length: this.count * d }, (_, i) => {
      const row = this.rows[Math.floor(i / d)] as number;
      return values?.[row * d + (i % d)] ?? 0;
    });
  }

  /** Inputs as the task gives them to networks; places beyond the last begin anew. */
  inputs(from: number, count: number): tf.Tensor {
    const plans = Array.from({ length: count }, (_, i) =>
      realRow(this.rows[(from + i) % this.count] as number),
    );
    return renderTensor(pixelsOf(this.data, this.split), plans);
  }
}
