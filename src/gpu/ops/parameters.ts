import * as tf from '@tensorflow/tfjs';
import { whole } from '../belongings';
import { launch, overwrite } from '../kernels/launch';
import { BETA2, followWeights, updateWeights } from '../kernels/optimizer';
import type { Rule } from '../kernels/optimizer';
import { placeInOrder, placeNumbers } from '../kernels/place';

/** One weight of a network, as it goes into the flat buffers. */
export interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** 'kernel': weight decay is added; 'other': trained without; 'moving': a statistic, moved by batch norm itself. */
  readonly role: 'kernel' | 'other' | 'moving';
}

interface Place {
  readonly at: number;
  readonly shape: readonly number[];
  readonly moving: boolean;
}

/**
 * All weights of a network in a few flat buffers on the GPU: one kernel takes an optimizer step on all of them, in place,
 * and layers find theirs by its place. Kernels come first, since weight decay is theirs alone.
 */
export class FlatParameters {
  /** [size] */
  readonly values: tf.Tensor1D;
  /** Convolution kernels as [kernelHeight, kernelWidth, outChannels, inChannels], each at its place in `values`. */
  readonly swapped: tf.Tensor1D;
  /** [size]; layers write their part of it as the backward pass comes by. */
  readonly gradient: tf.Tensor1D;
  /** Moving statistics. */
  readonly moving: tf.Tensor1D;
  private readonly places = new Map<string, Place>();
  private readonly order: tf.Tensor1D;
  private readonly decayed: number;
  private slots: tf.Tensor1D | null = null;
  private settings: tf.Tensor1D | null = null;
  private averages: { values: tf.Tensor1D; moving: tf.Tensor1D } | null = null;
  private steps = 0;

  constructor(entries: readonly Entry[]) {
    const role = (wanted: Entry['role']) => entries.filter((entry) => entry.role === wanted);
    const kernels = this.lay(role('kernel'), 0, false);
    const others = this.lay(role('other'), kernels.length, false);
    const moving = this.lay(role('moving'), 0, true);
    this.decayed = kernels.length;
    const values = new Float32Array(kernels.length + others.length);
    values.set(kernels);
    values.set(others, kernels.length);
    const order = orderOf(role('kernel'));
    const swapped = new Float32Array(Math.max(1, order.length));
    order.forEach((to, from) => (swapped[to] = kernels[from] as number));
    const buffers = whole((parts) => {
      const made = (numbers: Float32Array | Int32Array, dtype: 'float32' | 'int32' = 'float32') =>
        parts.add(kept(tf.tensor1d(numbers, dtype)));
      return {
        values: made(values),
        swapped: made(swapped),
        moving: made(moving.length > 0 ? moving : new Float32Array(1)),
        gradient: made(new Float32Array(values.length)),
        order: made(order.length > 0 ? order : new Int32Array(1), 'int32'),
      };
    });
    this.values = buffers.values;
    this.swapped = buffers.swapped;
    this.moving = buffers.moving;
    this.gradient = buffers.gradient;
    this.order = buffers.order;
  }

  private lay(entries: readonly Entry[], from: number, moving: boolean): Float32Array {
    const out = new Float32Array(entries.reduce((sum, { values }) => sum + values.length, 0));
    let at = 0;
    for (const { name, shape, values } of entries) {
      out.set(values, at);
      this.places.set(name, { at: from + at, shape, moving });
      at += values.length;
    }
    return out;
  }

  /** Where a weight begins in `values` (or in `moving`), in floats. @throws Error where there is no such weight */
  at(name: string): number {
    return this.place(name).at;
  }

  private place(name: string): Place {
    const found = this.places.get(name);
    if (!found) throw new Error(`there is no weight ${name}`);
    return found;
  }

  /** A copy of one weight as a tensor of its own. */
  tensor(name: string): tf.Tensor {
    return this.copyOf(name, this);
  }

  /** A copy of one weight's average. @throws Error before the first `follow` */
  average(name: string): tf.Tensor {
    if (!this.averages) throw new Error('there is no weight average yet');
    return this.copyOf(name, this.averages);
  }

  private copyOf(name: string, of: { values: tf.Tensor1D; moving: tf.Tensor1D }): tf.Tensor {
    const { at, shape, moving } = this.place(name);
    const size = shape.reduce((a, b) => a * b, 1);
    const from = moving ? of.moving : of.values;
    return tf.tidy(() => tf.reshape(tf.slice(from, [at], [size]), [...shape]));
  }

  /** A copy of one weight's part of the last gradient. */
  gradientOf(name: string): tf.Tensor {
    const { at, shape } = this.place(name);
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tidy(() => tf.reshape(tf.slice(this.gradient, [at], [size]), [...shape]));
  }

  /** Writes a weight over, where layers read it. @param passing true where the next update writes the swapped copy anyway */
  put(name: string, weight: tf.Tensor, passing = false): void {
    const { at, shape } = this.place(name);
    launch(placeNumbers(weight.size, at), [weight, this.values]);
    if (shape.length === 4 && !passing)
      launch(placeInOrder(weight.size, at), [weight, this.order, this.swapped]);
  }

  /** Writes one weight's part of the gradient over. */
  putGradient(name: string, gradient: tf.Tensor): void {
    launch(placeNumbers(gradient.size, this.at(name)), [gradient, this.gradient]);
  }

  /**
   * Sets what differs from step to step: to be called before the step's launches.
   *
   * @param decay how much of the weight average stays
   */
  begin(rule: Rule, rate: number, decay: number): void {
    this.steps += 1;
    const correction1 = 1 / (1 - rule.momentum ** this.steps);
    const correction2 = 1 / Math.sqrt(1 - BETA2 ** this.steps);
    this.settings ??= kept(tf.tensor1d([0, 0, 0, 0]));
    overwrite(this.settings, Float32Array.of(rate, correction1, correction2, decay));
  }

  /** One optimizer step with the gradient that lies in `gradient`. */
  update(rule: Rule): void {
    const size = this.values.size;
    this.slots ??= kept(tf.zeros([rule.kind === 'adam' ? 2 * size : size]) as tf.Tensor1D);
    launch(updateWeights(rule, size, this.decayed), [
      this.begun,
      this.gradient,
      this.order,
      this.values,
      this.swapped,
      this.slots,
    ]);
  }

  /** Moves the average of weights and statistics one step on. */
  follow(): void {
    this.averages ??= {
      values: kept(tf.zeros([this.values.size]) as tf.Tensor1D),
      moving: kept(tf.zeros([this.moving.size]) as tf.Tensor1D),
    };
    for (const part of ['values', 'moving'] as const)
      launch(followWeights(this[part].size), [this.begun, this[part], this.averages[part]]);
  }

  private get begun(): tf.Tensor1D {
    if (!this.settings) throw new Error('a step was taken before begin');
    return this.settings;
  }

  /** All weights in memory, by name. */
  async read(): Promise<Map<string, Float32Array>> {
    const values = (await this.values.data()) as Float32Array;
    const moving = (await this.moving.data()) as Float32Array;
    return new Map(
      [...this.places].map(([name, place]) => {
        const size = place.shape.reduce((a, b) => a * b, 1);
        return [name, (place.moving ? moving : values).slice(place.at, place.at + size)];
      }),
    );
  }

  dispose(): void {
    tf.dispose([this.values, this.swapped, this.moving, this.gradient, this.order]);
    this.slots?.dispose();
    this.settings?.dispose();
    if (this.averages) tf.dispose({ ...this.averages });
  }
}

const kept = <T extends tf.Tensor>(tensor: T): T => tf.keep(tensor);

/** For every float of the kernels, where it lies once input and output channels have changed places. */
function orderOf(kernels: readonly Entry[]): Int32Array {
  const out: number[] = [];
  for (const { shape } of kernels) {
    const from = out.length;
    if (shape.length !== 4) {
      const size = shape.reduce((a, b) => a * b, 1);
      for (let i = 0; i < size; i++) out.push(from + i);
      continue;
    }
    const [height, width, inputs, outputs] = shape as [number, number, number, number];
    for (let k = 0; k < height * width; k++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++) out.push(from + (k * outputs + o) * inputs + i);
  }
  return Int32Array.from(out);
}
