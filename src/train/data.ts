import * as tf from '@tensorflow/tfjs';
import { whole } from '../gpu/belongings';
import type { FrozenNetwork } from '../models/net/frozen';
import { render } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Split, TaskData } from '../tasks/contract';
import type { Answers } from './metrics';

/** Rows of one evaluation batch: one size, so that a backend's buffers are reused. */
const EVALUATION_BATCH = 250;

/** A split in the form the renderer reads. */
export function pixelsOf(data: TaskData, split: Split): Pixels {
  return { x: split.x, shape: data.shape, normalisation: data.normalisation };
}

/** Rendered rows as a tensor [plans.length, ...shape]. */
export function renderTensor(pixels: Pixels, plans: readonly RowPlan[]): tf.Tensor {
  return tf.tensor(render(pixels, plans), [plans.length, ...pixels.shape]);
}

export const realRow = (row: number): RowPlan => ({ row, view: null, mix: { kind: 'real' } });

/** A split's first rows, normalised once and kept as tensors of one batch size (the last one padded with row 0). */
export class EvaluationSet {
  readonly labels: Uint8Array;
  /** Real-valued targets in their unit; empty for classes. */
  readonly values: Float32Array;
  /** See `Split.doubt`. */
  readonly doubt: Float32Array | null;
  readonly count: number;
  private readonly batches: readonly tf.Tensor[];

  constructor(data: TaskData, split: Split, limit: number) {
    this.count = Math.min(limit, split.count);
    this.labels = split.y.slice(0, this.count);
    this.doubt = split.doubt?.slice(0, this.count) ?? null;
    const targets = data.targets?.names.length ?? 0;
    this.values = split.values?.slice(0, this.count * targets) ?? new Float32Array();
    const pixels = pixelsOf(data, split);
    const size = Math.min(EVALUATION_BATCH, this.count);
    this.batches = whole((parts) =>
      Array.from({ length: Math.ceil(this.count / size) }, (_, batch) => {
        const plans = Array.from({ length: size }, (__, i) => {
          const row = batch * size + i;
          return realRow(row < this.count ? row : 0);
        });
        return parts.add(renderTensor(pixels, plans));
      }),
    );
  }

  /** A network's logits on every row. `pause` is awaited after each batch, so that messages are heard. */
  async answers(
    network: FrozenNetwork,
    classes: number,
    /** Told which share of the rows is answered. */
    pause: (share: number) => Promise<void>,
  ): Promise<Answers> {
    const logits = new Float32Array(this.count * classes);
    let at = 0;
    for (const batch of this.batches) {
      const out = network.predict(batch);
      const values = (await out.data()) as Float32Array;
      out.dispose();
      logits.set(values.subarray(0, Math.min(values.length, logits.length - at)), at);
      at += values.length;
      await pause(Math.min(1, at / logits.length));
    }
    return { logits, classes };
  }

  dispose(): void {
    tf.dispose([...this.batches]);
  }
}
