import * as tf from '@tensorflow/tfjs';
import { batchNormTrain } from '../../src/gpu/ops/norm';
import type { ConvCase, NormCase } from './golden';
import { wave } from './numbers';

const waved = (shape: readonly number[], values: Parameters<typeof wave>[1]) =>
  tf.tensor(wave(shape, values), [...shape]);

const read = async (tensors: Record<string, tf.Tensor>): Promise<Record<string, number[]>> => {
  const out: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(tensors)) out[name] = [...(await tensor.data())];
  tf.dispose(tensors);
  return out;
};

/** A convolution of the golden values on the current backend: its output and both gradients. */
export async function runConvolution(entry: ConvCase): Promise<Record<string, number[]>> {
  const { shape, kernel, filters, stride, pad, waves } = entry;
  const results = tf.tidy(() => {
    const x = waved(shape, waves.x) as tf.Tensor4D;
    const w = waved([kernel, kernel, shape[3], filters], waves.w) as tf.Tensor4D;
    const y = tf.conv2d(x, w, stride, pad);
    const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad),
    )([x, w], waved(y.shape, waves.dy));
    return { y, dx: dx as tf.Tensor, dw: dw as tf.Tensor };
  });
  return read(results);
}

/** Batch norm in training mode: output, gradients, and the moving statistics after it. */
export async function runBatchNorm({ shape, waves }: NormCase): Promise<Record<string, number[]>> {
  const channels = [shape.at(-1) ?? 0];
  const statistic = (values: Parameters<typeof wave>[1]) =>
    tf.tidy(() => tf.variable(waved(channels, values), false));
  const mean = statistic(waves.mean);
  const variance = statistic(waves.variance);
  const results = tf.tidy(() => {
    const inputs = [
      waved(shape, waves.x),
      waved(channels, waves.gamma),
      waved(channels, waves.beta),
    ];
    let y: tf.Tensor | null = null;
    const [dx, dGamma, dBeta] = tf.grads((...args: tf.Tensor[]) => {
      const [x, gamma, beta] = args as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
      y = tf.keep(batchNormTrain(x, gamma, beta, mean, variance));
      return y;
    })(inputs, waved(shape, waves.dy)) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { y: y as unknown as tf.Tensor, dx, dGamma, dBeta };
  });
  return read({ ...results, mean, variance });
}
