import * as tf from '@tensorflow/tfjs';
import { hasKernels } from '../kernels/launch';

/** What a kernel or a gradient of ours is called with: inputs by name, settings, the backend that owns the data. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: { disposeData(id: object): void };
}

/** The kernel that was registered before. */
export type Stock = (call: KernelCall) => tf.TensorInfo;

/**
 * Puts a kernel of ours before tfjs's on WebGPU.
 *
 * @param ours the output, or null for what it does not cover: tfjs's kernel runs then
 */
export function overrideKernel(
  kernelName: string,
  ours: (call: KernelCall, stock: Stock) => tf.TensorInfo | null,
): void {
  const registered = tf.getKernel(kernelName, 'webgpu');
  const stock = registered.kernelFunc as unknown as Stock;
  tf.unregisterKernel(kernelName, 'webgpu');
  tf.registerKernel({
    ...registered,
    kernelFunc(call) {
      const given = call as unknown as KernelCall;
      return ours(given, stock) ?? stock(given);
    },
  });
}

type Gradients = Record<string, () => tf.Tensor>;

/**
 * Puts a gradient of ours before tfjs's. tfjs knows gradients by the kernel's name alone, so that this one is called on
 * every backend: it hands over to tfjs's where the backend is not WebGPU, and where the tape is on (a gradient of a
 * gradient has to see the operations, which our launches hide).
 *
 * @param ours gradients by the input's name, or null for what it does not cover
 */
export function overrideGradient(
  kernelName: string,
  ours: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attrs: Readonly<Record<string, unknown>>,
  ) => Gradients | null,
): void {
  const stock = tf.getGradient(kernelName);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...stock,
    gradFunc(dy, saved, attrs) {
      const first = Array.isArray(dy) ? (dy[0] as tf.Tensor) : dy;
      const may = hasKernels() && !tf.engine().isTapeOn() && first.dtype === 'float32';
      return (may ? ours(first, saved, attrs) : null) ?? stock.gradFunc(dy, saved, attrs);
    },
  });
}

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** True where all of them are there, hold floats, and are not empty. */
export const areFloats = (...infos: readonly (tf.TensorInfo | undefined)[]): boolean =>
  infos.every((info) => info?.dtype === 'float32' && sizeOf(info.shape) > 0);
