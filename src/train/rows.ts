import * as tf from '@tensorflow/tfjs';
import { FLIP, KIND_BIT, KINDS, LOOKED, PLAN_WORDS, REMEMBERED } from '../gpu/kernels/batch';
import type { Part } from '../gpu/kernels/batch';
import { DevicePlans, DeviceSet } from '../gpu/ops/rows';
import { POOL_ITEMS, poolValues } from '../samplers/parts/pool';
import type { PoolName } from '../samplers/parts/pool';
import { labelOf } from '../samplers/parts/provenance';
import { normaliser } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { RowPlan, View } from '../samplers/parts/provenance';
import { renderTensor } from './data';

/** One batch's rows, as tensors; what it returns is the caller's to dispose of. */
export interface Rows {
  readonly plans: readonly RowPlan[];
  /**
   * What the launches of the calls below depend on beside numbers that are written over: steps whose rows have one form
   * launch the same kernels on the same buffers.
   */
  readonly form: string;
  /** Chooses the rows that the calls below are about. */
  set(plans: readonly RowPlan[]): void;
  /** Inputs in normalised units, [n, ...shape]: as mixed, or the rows that were mixed. */
  inputs(part: Part): tf.Tensor;
  /**
   * Targets from labels, [n, classes]: one-hot where a row's label is true; for mixed rows a mixture by share where
   * `mixed`, else zeros (a synthetic row has no label). For real values [n, 2d]: the standardised values, then ones; zeros
   * for mixed rows.
   */
  targets(mixed: boolean): tf.Tensor2D;
  /** Lines of a table [rows of the set, columns] for the first `count` rows. */
  lookUp(table: tf.Tensor2D, part: 'first' | 'second', count: number): tf.Tensor2D;
  /**
   * Writes lines [n, columns] into a table [rows of the set, columns], those of rows that keep their label alone; the last
   * of two lines for one row stays.
   *
   * @returns the table itself where it was written in place, else a new one
   */
  store(table: tf.Tensor2D, lines: tf.Tensor2D): tf.Tensor2D;
  /** The first parent's share, [n, 1]; 1 where a row is not mixed. */
  shares(): tf.Tensor2D;
  dispose(): void;
}

/** A set of examples that batches are drawn from: on the GPU where it fits, else in memory. */
export class RowSource {
  private readonly pixels: Pixels;
  private readonly labels: Uint8Array;
  private readonly classes: number;
  private readonly values: Float32Array | null;
  private readonly device: DeviceSet | null;
  /** Where each pool starts on the GPU: behind the set's own rows. */
  private readonly pools: ReadonlyMap<PoolName, number>;

  /**
   * @param count rows of the set that plans may name
   * @param pools the pools that plans may name
   * @param values real-valued targets as `standardised` gives them, [count, classes]; null for classes
   */
  constructor(
    pixels: Pixels,
    labels: Uint8Array,
    count: number,
    classes: number,
    pools: readonly PoolName[] = [],
    values: Float32Array | null = null,
  ) {
    this.pixels = pixels;
    this.labels = labels;
    this.classes = classes;
    this.values = values;
    const one = pixels.shape.reduce((a, b) => a * b, 1);
    this.pools = new Map(pools.map((name, i) => [name, count + i * POOL_ITEMS]));
    const rows = count + pools.length * POOL_ITEMS;
    this.device = DeviceSet.fits(rows * one, pixels.shape)
      ? new DeviceSet({
          ...storedOf(withPools(pixels, count * one, pools), rows * one),
          labels: labels.subarray(0, count),
          targets: values?.slice(0, count * classes) ?? null,
          count: rows,
          shape: pixels.shape,
        })
      : null;
  }

  rows(): Rows {
    const host = new HostRows(this.pixels, this.labels, this.classes, this.values);
    return this.device
      ? new DeviceRows(host, new DevicePlans(this.device, this.classes), this.pools)
      : host;
  }

  dispose(): void {
    this.device?.dispose();
  }
}

/** The set's first values with whole pools behind them. */
function withPools(pixels: Pixels, size: number, pools: readonly PoolName[]): Pixels {
  if (pools.length === 0) return pixels;
  const parts = [pixels.x.subarray(0, size), ...pools.map((name) => poolValues(pixels, name))];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const x = pixels.x instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    x.set(part, at);
    at += part.length;
  }
  return { ...pixels, x };
}

/** The set's values as the GPU keeps them. */
function storedOf(pixels: Pixels, size: number): { values: Pixels['x']; table: Float32Array } {
  const { x, shape } = pixels;
  const channels = shape.at(-1) as number;
  const normalise = normaliser(pixels);
  if (x instanceof Uint8Array) {
    const table = Float32Array.from({ length: 256 * channels }, (_, i) =>
      normalise(Math.floor(i / channels), i % channels),
    );
    return { values: x, table };
  }
  const values = Float32Array.from(x.subarray(0, size), (value, i) =>
    normalise(value, i % channels),
  );
  return { values, table: new Float32Array() };
}

/** Rows rendered by the processor and uploaded. */
class HostRows implements Rows {
  plans: readonly RowPlan[] = [];
  private readonly pixels: Pixels;
  private readonly labels: Uint8Array;
  private readonly classes: number;
  private readonly values: Float32Array | null;

  constructor(pixels: Pixels, labels: Uint8Array, classes: number, values: Float32Array | null) {
    this.pixels = pixels;
    this.labels = labels;
    this.classes = classes;
    this.values = values;
  }

  /** All of it comes from the processor, so that no step is like another. */
  get form(): string {
    return `${this.plans.length} uploaded`;
  }

  set(plans: readonly RowPlan[]): void {
    this.plans = plans;
  }

  inputs(part: Part): tf.Tensor {
    return renderTensor(this.pixels, part === 'mixed' ? this.plans : parentsOf(this.plans, part));
  }

  targets(mixed: boolean): tf.Tensor2D {
    const { plans, labels, classes, values } = this;
    if (values) return tf.tensor2d(valuesOf(plans, values, classes), [plans.length, classes]);
    return tf.tensor2d(targetsOf(plans, labels, classes, mixed), [plans.length, classes]);
  }

  lookUp(table: tf.Tensor2D, part: 'first' | 'second', count: number): tf.Tensor2D {
    const rows = parentsOf(this.plans.slice(0, count), part).map((plan) => plan.row);
    return tf.tidy(() => tf.gather(table, tf.tensor1d(rows, 'int32')));
  }

  store(table: tf.Tensor2D, lines: tf.Tensor2D): tf.Tensor2D {
    const places = rememberedOf(this.plans);
    if (places.size === 0) return table;
    return tf.tidy(() => {
      const kept = tf.gather(lines, tf.tensor1d([...places.values()], 'int32'));
      const at = tf.tensor2d([...places.keys()], [places.size, 1], 'int32');
      return tf.tensorScatterUpdate(table, at, kept) as tf.Tensor2D;
    });
  }

  shares(): tf.Tensor2D {
    const share = this.plans.map(({ mix }) => ('share' in mix ? mix.share : 1));
    return tf.tensor2d(share, [share.length, 1]);
  }

  dispose(): void {
    this.plans = [];
  }
}

/** Rows made by kernels out of a set on the GPU; only the plans are uploaded. */
class DeviceRows implements Rows {
  private readonly host: HostRows;
  private readonly device: DevicePlans;
  private readonly pools: ReadonlyMap<PoolName, number>;

  constructor(host: HostRows, device: DevicePlans, pools: ReadonlyMap<PoolName, number>) {
    this.host = host;
    this.device = device;
    this.pools = pools;
  }

  get plans(): readonly RowPlan[] {
    return this.host.plans;
  }

  get form(): string {
    return `${this.plans.length}${this.noisy ? ' uploaded' : ''}`;
  }

  /** Noise comes from a stream of the processor's, the same on every backend. */
  private get noisy(): boolean {
    return this.plans.some(({ mix }) => mix.kind === 'noise');
  }

  set(plans: readonly RowPlan[]): void {
    this.host.set(plans);
    this.device.write(wordsOf(plans, this.pools));
  }

  inputs(part: Part): tf.Tensor {
    return part === 'mixed' && this.noisy ? this.host.inputs(part) : this.device.inputs(part);
  }

  targets(mixed: boolean): tf.Tensor2D {
    return this.device.targets(mixed);
  }

  lookUp(table: tf.Tensor2D, part: 'first' | 'second', count: number): tf.Tensor2D {
    return this.device.lookUp(table, part, count);
  }

  store(table: tf.Tensor2D, lines: tf.Tensor2D): tf.Tensor2D {
    this.device.store(table, lines);
    return table;
  }

  shares(): tf.Tensor2D {
    return this.device.shares();
  }

  dispose(): void {
    this.host.dispose();
    this.device.dispose();
  }
}

/** The parents of the rows as plans of their own; a row that was not mixed is its own second parent. */
function parentsOf(plans: readonly RowPlan[], part: 'first' | 'second'): readonly RowPlan[] {
  return plans.map((plan): RowPlan => {
    const { mix } = plan;
    return part === 'second' && 'partner' in mix
      ? { row: mix.partner, view: mix.partnerView, mix: { kind: 'real' } }
      : { row: plan.row, view: plan.view, mix: { kind: 'real' } };
  });
}

/**
 * The rows of the set that are remembered of a batch, those that keep their label, each with its place in the batch: the
 * last one where it stands there twice.
 */
function rememberedOf(plans: readonly RowPlan[]): ReadonlyMap<number, number> {
  return new Map(
    plans.flatMap(({ row, mix }, i) => (labelOf(mix) === 'kept' ? [[row, i] as const] : [])),
  );
}

const look = (view: View | null): number =>
  view === null ? 0 : (view.top & 255) | ((view.left & 255) << 8) | (view.flip ? FLIP : 0) | LOOKED;

/** Plans as the kernels read them (gpu/kernels/batch.ts). */
function wordsOf(
  plans: readonly RowPlan[],
  pools: ReadonlyMap<PoolName, number>,
): Int32Array<ArrayBuffer> {
  const words = new Int32Array(plans.length * PLAN_WORDS);
  const floats = new Float32Array(words.buffer);
  plans.forEach(({ row, view, mix }, i) => {
    const at = i * PLAN_WORDS;
    words[at] = row;
    words[at + 2] = look(view);
    // Its pixels are made elsewhere; here it is only a row without a label.
    if (mix.kind === 'generator') words[at + 2] = KINDS.other << KIND_BIT;
    if (mix.kind === 'other') {
      const start = pools.get(mix.pool);
      if (start === undefined) throw new Error(`the pool ${mix.pool} was not put on the GPU`);
      words[at + 1] = start + mix.item;
      words[at + 2] = KINDS.other << KIND_BIT;
    }
    if (!('partner' in mix)) return;
    words[at + 1] = mix.partner;
    words[at + 2] = look(view) | (KINDS[mix.kind] << KIND_BIT);
    words[at + 3] = look(mix.partnerView);
    if (mix.kind === 'cutmix')
      words[at + 4] = mix.box.reduce((word, edge, k) => word | (edge << (8 * k)), 0);
    floats[at + 5] = mix.share;
  });
  for (const place of rememberedOf(plans).values()) {
    const at = place * PLAN_WORDS + 2;
    words[at] = (words[at] as number) | REMEMBERED;
  }
  return words;
}

/** See `Rows.targets`. */
export function targetsOf(
  plans: readonly RowPlan[],
  labels: Uint8Array,
  classes: number,
  mixed: boolean,
): Float32Array {
  const out = new Float32Array(plans.length * classes);
  plans.forEach((plan, i) => {
    const own = i * classes + (labels[plan.row] as number);
    if (labelOf(plan.mix) === 'kept') {
      out[own] = 1;
    } else if (mixed && 'partner' in plan.mix) {
      const other = i * classes + (labels[plan.mix.partner] as number);
      out[own] = (out[own] as number) + plan.mix.share;
      out[other] = (out[other] as number) + 1 - plan.mix.share;
    }
  });
  return out;
}

/** The rows' lines of a table of values [count, columns]; zeros for rows that no label is true of. */
function valuesOf(plans: readonly RowPlan[], values: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(plans.length * columns);
  plans.forEach(({ row, mix }, i) => {
    if (labelOf(mix) === 'kept')
      out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return out;
}
