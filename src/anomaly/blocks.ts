import * as tf from '@tensorflow/tfjs';
import { batchNormTrain, foldNorm } from '../gpu/ops/norm';
import { drawWeight } from '../models/net/draw';
import { sizeOf } from '../models/net/graph';
import type { WeightSpec } from '../models/net/graph';

/**
 * Weights as plain variables, by name. These networks have decoders and several outputs, which the graphs of src/models
 * do not know; they run in tfjs's own operations (and our kernels where those have taken their place).
 */
export class Parameters {
  private readonly seed: number;
  private readonly list: { readonly spec: WeightSpec; readonly variable: tf.Variable }[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  /** A new weight with its initial values. @param inputs and @param outputs of one unit, kernel size included */
  add(
    name: string,
    shape: readonly number[],
    role: WeightSpec['role'],
    inputs = 0,
    outputs = 0,
  ): tf.Variable {
    const trainable = role !== 'mean' && role !== 'variance';
    const after = role === 'kernel' ? 'relu' : 'linear';
    const spec: WeightSpec = {
      name,
      shape,
      role,
      trainable,
      fanIn: inputs,
      fanOut: outputs,
      after,
    };
    const values = drawWeight(spec, this.seed);
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...shape]), trainable));
    this.list.push({ spec, variable });
    return variable;
  }

  trainable(): readonly { readonly spec: WeightSpec; readonly variable: tf.Variable }[] {
    return this.list.filter(({ spec }) => spec.trainable);
  }

  /** Trainable parameters. */
  get count(): number {
    return this.trainable().reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
  }

  /** A copy of all weights in memory, moving statistics included. */
  async read(): Promise<Map<string, Float32Array>> {
    const out = new Map<string, Float32Array>();
    for (const { spec, variable } of this.list)
      out.set(spec.name, Float32Array.from((await variable.data()) as Float32Array));
    return out;
  }

  /** The weights as they stand now, on the device: what training makes of them later leaves these alone. */
  snapshot(): Snapshot {
    const kept = this.list.map(({ variable }) => tf.keep(tf.clone(variable)));
    return {
      restore: () => this.list.forEach(({ variable }, i) => variable.assign(kept[i] as tf.Tensor)),
      dispose: () => tf.dispose(kept),
    };
  }

  dispose(): void {
    for (const { variable } of this.list) variable.dispose();
    this.list.length = 0;
  }
}

/** Weights that were kept. */
export interface Snapshot {
  /** Puts them back where they were. */
  restore(): void;
  dispose(): void;
}

/** Convolution, batch norm, ReLU: [n, h, w, inputs] -> [n, h / stride, w / stride, filters]. */
export class Block {
  private readonly kernel: tf.Variable;
  private readonly gamma: tf.Variable;
  private readonly beta: tf.Variable;
  private readonly mean: tf.Variable;
  private readonly variance: tf.Variable;
  private readonly stride: number;

  constructor(set: Parameters, name: string, inputs: number, filters: number, stride = 1) {
    this.stride = stride;
    this.kernel = set.add(
      `${name}.weight`,
      [3, 3, inputs, filters],
      'kernel',
      9 * inputs,
      9 * filters,
    );
    this.gamma = set.add(`${name}.gamma`, [filters], 'gamma');
    this.beta = set.add(`${name}.beta`, [filters], 'beta');
    this.mean = set.add(`${name}.mean`, [filters], 'mean');
    this.variance = set.add(`${name}.variance`, [filters], 'variance');
  }

  /** @param training true: batch norm by the batch, moving statistics updated; false: by those */
  apply(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    const y = tf.conv2d(x, this.kernel as tf.Tensor4D, this.stride, 1);
    const [gamma, beta] = [this.gamma as tf.Tensor1D, this.beta as tf.Tensor1D];
    if (training) return tf.relu(batchNormTrain(y, gamma, beta, this.mean, this.variance));
    const { scale, shift } = foldNorm(gamma, beta, this.mean, this.variance);
    return tf.relu(tf.add(tf.mul(y, scale), shift));
  }
}

/** 1x1 convolution with a bias: [n, h, w, inputs] -> [n, h, w, 1]. */
export class Head {
  private readonly kernel: tf.Variable;
  private readonly bias: tf.Variable;

  constructor(set: Parameters, name: string, inputs: number) {
    this.kernel = set.add(`${name}.weight`, [1, 1, inputs, 1], 'kernel', inputs, inputs);
    this.bias = set.add(`${name}.bias`, [1], 'bias');
  }

  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.add(tf.conv2d(x, this.kernel as tf.Tensor4D, 1, 0), this.bias);
  }
}
