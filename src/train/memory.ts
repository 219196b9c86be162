import * as tf from '@tensorflow/tfjs';
import type { MemorySpec } from '../methods/contract';
import { Random } from '../recipe/random';
import type { Batch } from './batch';

/** A table with a line for each row of the transfer set: what a method remembers of the rows that it has seen. */
export class Memory {
  private table: tf.Tensor2D;
  /** One-hot, [rows, classes]; there where the spec asks for them. */
  readonly labels: tf.Tensor2D | null;

  /** @param labels of the transfer set @param classes of the task */
  constructor(spec: MemorySpec, labels: Uint8Array, classes: number, seed: number) {
    const { columns, parts = 1 } = spec;
    const values =
      spec.start === 'labels'
        ? oneHot(labels, columns)
        : directions(labels.length * parts, columns / parts, seed);
    this.table = tf.keep(tf.tensor2d(values, [labels.length, columns]));
    this.labels = spec.labels
      ? tf.keep(tf.tensor2d(oneHot(labels, classes), [labels.length, classes]))
      : null;
  }

  /** The whole table, [rows, columns]; the memory's own. */
  get all(): tf.Tensor2D {
    return this.table;
  }

  /** Writes the lines of those of a batch's rows that keep their label, [n, columns]. */
  store(batch: Batch, lines: tf.Tensor2D): void {
    const next = batch.store(this.table, lines);
    if (next === this.table) return;
    this.table.dispose();
    this.table = tf.keep(next);
  }

  dispose(): void {
    this.table.dispose();
    this.labels?.dispose();
  }
}

function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const out = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => (out[row * classes + label] = 1));
  return out;
}

/** Rows of length 1, drawn evenly over the sphere. */
function directions(rows: number, columns: number, seed: number): Float32Array {
  const random = Random.from(seed, 'memory');
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const line = Array.from({ length: columns }, () => random.normal());
    const length = Math.hypot(...line) || 1;
    line.forEach((value, c) => (out[row * columns + c] = value / length));
  }
  return out;
}
