import * as tf from '@tensorflow/tfjs';
import type { KernelSetup } from '../timing/job';
import type { Place, Run, Tensors } from './cells';
import { inputsOf } from './kernels-inputs';
import { finishStock, startStock, submitStock } from './stock-backend';

const EPSILON = 1e-5;

/** The inputs as tensors of the current backend. */
export function tensorsOf(setup: KernelSetup) {
  const { batch, side, channels } = setup;
  const { x, dy, filter, gamma, beta, pooled } = inputsOf(setup);
  const image: [number, number, number, number] = [batch, side, side, channels];
  return {
    image,
    filterShape: [3, 3, channels, channels] as [number, number, number, number],
    x: tf.keep(tf.tensor4d(x, image)),
    dy: tf.keep(tf.tensor4d(dy, image)),
    filter: tf.keep(tf.tensor4d(filter, [3, 3, channels, channels])),
    gamma: tf.keep(tf.tensor1d(gamma)),
    beta: tf.keep(tf.tensor1d(beta)),
    pooled: tf.keep(tf.tensor4d(pooled, [batch, 1, 1, channels])),
  };
}

export type KernelTensors = ReturnType<typeof tensorsOf>;

/** A function of tensors as something to be stepped: each step computes anew and drops what the last one left. */
export function tensorRun(
  compute: () => Readonly<Record<string, tf.Tensor>>,
  submit: () => Promise<void>,
  finish: () => Promise<void>,
): Run {
  let last: Readonly<Record<string, tf.Tensor>> = {};
  return {
    prepare: () => undefined,
    step() {
      tf.dispose({ ...last });
      last = tf.tidy(() => compute()) as Readonly<Record<string, tf.Tensor>>;
      return Promise.resolve();
    },
    submit,
    finish,
    async results() {
      const found: [string, { shape: number[]; values: Float32Array }][] = [];
      for (const [name, tensor] of Object.entries(last))
        found.push([name, { shape: tensor.shape, values: (await tensor.data()) as Float32Array }]);
      return new Map(found) as Tensors;
    },
  };
}

/** A kernel in stock tfjs. */
export async function plainKernel(setup: KernelSetup, place: Place): Promise<Run> {
  await startStock(place);
  const tensors = tensorsOf(setup);
  return tensorRun(() => stock(setup, tensors), submitStock, finishStock);
}

/** The stock operations for a kernel, by the names of their outputs. */
export function stock(
  { kernel, side }: KernelSetup,
  { image, filterShape, x, dy, filter, gamma, beta, pooled }: KernelTensors,
): Record<string, tf.Tensor> {
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
  const { engine } = tf;
  switch (kernel) {
    case 'conv':
      return { y: tf.conv2d(x, filter, 1, 'same') };
    case 'conv dx': {
      const more = { ...attributes, inputShape: image };
      return { dx: engine().runKernel('Conv2DBackpropInput', { dy, filter }, more) as tf.Tensor };
    }
    case 'conv dw': {
      const more = { ...attributes, filterShape };
      return { dw: engine().runKernel('Conv2DBackpropFilter', { x, dy }, more) as tf.Tensor };
    }
    case 'batch norm': {
      const { value, gradients } = stockNorm(x, dy, gamma, beta);
      const [dx, dGamma, dBeta] = gradients as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { y: value, dx, dGamma, dBeta };
    }
    case 'spread':
      return { y: tf.tile(pooled, [1, side, side, 1]) };
    case 'column sums':
      return { sums: tf.sum(x, [0, 1, 2]) };
  }
}

/** Batch norm out of tf.moments and tf.batchNorm, forward and backward. */
function stockNorm(x: tf.Tensor4D, dy: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D) {
  let value: tf.Tensor | null = null;
  const gradients = tf.grads((input, scale, shift) => {
    const { mean, variance } = tf.moments(input, [0, 1, 2]);
    const out = tf.batchNorm(
      input,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      shift as tf.Tensor1D,
      scale as tf.Tensor1D,
      EPSILON,
    );
    value = tf.keep(out);
    return out;
  })([x, gamma, beta], dy);
  return { value: value as unknown as tf.Tensor, gradients };
}
