import type * as tf from '@tensorflow/tfjs';
import { convForward } from '../kernels/conv';
import { launch, outputInfo } from '../kernels/launch';
import { geometryOf } from './conv-geometry';
import { areFloats, overrideKernel, sizeOf } from './stock';
import type { KernelCall } from './stock';

/** The widest convolutions that were measured against tfjs's. */
const MAX_CHANNELS = 256;

/**
 * Convolutions (NHWC, no dilation) with a bias per channel and a ReLU or none. tfjs 4.22.0 multiplies tiles of 32 x 32 in
 * workgroup memory, which few channels leave half empty and whose barriers are slow on software adapters: there ours took
 * 3 to 25 times less time over 14 shapes of up to 256 channels. Wider ones, which were not measured, are left to tfjs. To
 * be removed when a tfjs release is faster.
 */
export function registerConvForward(): void {
  overrideKernel('Conv2D', convolve);
  overrideKernel('FusedConv2D', convolve);
}

function convolve({ inputs, attrs }: KernelCall): tf.TensorInfo | null {
  const { x, filter, bias, preluActivationWeights } = inputs;
  const activation = (attrs['activation'] as string | null | undefined) ?? 'linear';
  if (!x || !filter || preluActivationWeights || !['linear', 'relu'].includes(activation))
    return null;
  const g = geometryOf(x.shape, filter.shape, attrs);
  if (!g || Math.max(g.inChannels, g.outChannels) > MAX_CHANNELS) return null;
  const biases = bias ? [bias] : [];
  if (!areFloats(x, filter, ...biases)) return null;
  if (bias && (sizeOf(bias.shape) !== g.outChannels || (bias.shape.at(-1) ?? 1) !== g.outChannels))
    return null;
  const y = outputInfo([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const epilogue = { bias: biases.length > 0, residual: false, relu: activation === 'relu' };
  launch(convForward(g, epilogue), [x, filter, ...biases, y]);
  return y;
}
