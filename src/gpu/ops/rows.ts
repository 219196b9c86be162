import * as tf from '@tensorflow/tfjs';
import { whole } from '../belongings';
import {
  lookUpRows,
  PLAN_WORDS,
  renderRows,
  shareRows,
  storeRows,
  targetRows,
  valueRows,
} from '../kernels/batch';
import type { Part, SetShape } from '../kernels/batch';
import { hasKernels, launch, output, overwrite } from '../kernels/launch';

/** Largest side of an image whose boxes fit the plan's bytes. */
const MAX_SIDE = 255;

/** What of a data set goes to the GPU. */
export interface SetSource {
  /** uint8 values, or float32 ones that are normalised already; `count` rows of it are used. */
  readonly values: Uint8Array | Float32Array;
  /** Of the first rows; those behind them have none. */
  readonly labels: Uint8Array;
  /** Real-valued targets in place of labels, [count, columns]. */
  readonly targets?: Float32Array | null;
  readonly count: number;
  /** [height, width, channels], or [features]. */
  readonly shape: readonly number[];
  /** Normalised value of every byte in every channel, [256, channels]; empty for float32 values. */
  readonly table: Float32Array;
}

/** A data set on the GPU: uint8 as it came, four values to a word. */
export class DeviceSet {
  readonly shape: SetShape;
  readonly dims: readonly number[];
  readonly pixels: tf.Tensor1D;
  readonly table: tf.Tensor1D | null;
  readonly labels: tf.Tensor1D;
  readonly targets: tf.Tensor1D | null;

  constructor(source: SetSource) {
    const { values, labels, count, shape } = source;
    const size = count * shape.reduce((a, b) => a * b, 1);
    const packed = values instanceof Uint8Array;
    const [height, width] = shape.length === 3 ? (shape as [number, number]) : [1, 1];
    this.shape = { height, width, channels: shape.at(-1) as number, packed };
    this.dims = shape;
    const buffers = whole((parts) => {
      const made = (numbers: Float32Array | Int32Array, dtype: 'float32' | 'int32' = 'float32') =>
        parts.add(tf.keep(tf.tensor1d(numbers, dtype)));
      const words = new Int32Array(packed ? Math.ceil(size / 4) : 0);
      if (packed) new Uint8Array(words.buffer).set(values.subarray(0, size));
      // Real values come without labels, and a buffer may not be empty.
      const known = source.targets ? Int32Array.of(0) : Int32Array.from(labels.subarray(0, count));
      return {
        pixels: packed ? made(words, 'int32') : made(values.slice(0, size)),
        table: packed ? made(source.table) : null,
        targets: source.targets ? made(source.targets) : null,
        labels: made(known, 'int32'),
      };
    });
    this.pixels = buffers.pixels;
    this.table = buffers.table;
    this.targets = buffers.targets;
    this.labels = buffers.labels;
  }

  /** True where the backend can hold a set of so many values and its images' boxes can be written down. */
  static fits(values: number, shape: readonly number[]): boolean {
    if (!hasKernels()) return false;
    const { device } = tf.backend() as unknown as { device: GPUDevice };
    const small = shape.length !== 3 || shape.slice(0, 2).every((side) => side <= MAX_SIDE);
    return small && 4 * Math.ceil(values / 4) <= device.limits.maxStorageBufferBindingSize;
  }

  dispose(): void {
    tf.dispose([this.pixels, this.labels]);
    this.table?.dispose();
    this.targets?.dispose();
  }
}

/** The plans of one batch on the GPU, written over at every step, and what is computed from them. */
export class DevicePlans {
  private readonly set: DeviceSet;
  private readonly classes: number;
  private plans: tf.Tensor1D | null = null;
  private rows = 0;

  constructor(set: DeviceSet, classes: number) {
    this.set = set;
    this.classes = classes;
  }

  /** @param words PLAN_WORDS for every row */
  write(words: Int32Array<ArrayBuffer>): void {
    this.rows = words.length / PLAN_WORDS;
    if (this.plans?.size !== words.length) {
      this.plans?.dispose();
      this.plans = tf.keep(tf.tensor1d(words, 'int32'));
      return;
    }
    overwrite(this.plans, words);
  }

  private get written(): tf.Tensor1D {
    if (!this.plans) throw new Error('a batch was asked for before its plans were written');
    return this.plans;
  }

  /** The rows' inputs, [rows, ...shape]. */
  inputs(part: Part): tf.Tensor {
    const { set, rows } = this;
    const x = output([rows, ...set.dims]);
    const tables = set.table ? [set.table] : [];
    launch(renderRows(rows, set.shape, part), [set.pixels, ...tables, this.written, x]);
    return x;
  }

  /** Targets from labels, [rows, classes]. */
  targets(mixed: boolean): tf.Tensor2D {
    const { rows, classes } = this;
    const targets = output<tf.Rank.R2>([rows, classes]);
    const { labels, targets: values } = this.set;
    if (values) launch(valueRows(rows, classes), [values, this.written, targets]);
    else launch(targetRows(rows, classes, mixed), [labels, this.written, targets]);
    return targets as tf.Tensor2D;
  }

  /** Lines of a table [count, columns] for the first `rows` rows. */
  lookUp(table: tf.Tensor2D, part: 'first' | 'second', rows: number): tf.Tensor2D {
    const columns = table.shape[1];
    const out = output<tf.Rank.R2>([rows, columns]);
    launch(lookUpRows(rows, columns, part), [table, this.written, out]);
    return out as tf.Tensor2D;
  }

  /** Writes lines [rows, columns] into a table [count, columns] in place, those of remembered rows alone. */
  store(table: tf.Tensor2D, lines: tf.Tensor2D): void {
    launch(storeRows(this.rows, table.shape[1]), [this.written, lines, table]);
  }

  /** The first parent's share, [rows, 1]. */
  shares(): tf.Tensor2D {
    const out = output<tf.Rank.R2>([this.rows, 1]);
    launch(shareRows(this.rows), [this.written, out]);
    return out as tf.Tensor2D;
  }

  dispose(): void {
    this.plans?.dispose();
    this.plans = null;
  }
}
