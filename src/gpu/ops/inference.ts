import * as tf from '@tensorflow/tfjs';
import { convForward } from '../kernels/conv';
import { squareGeometry } from '../kernels/geometry';
import { hasKernels, launch, output } from '../kernels/launch';

/**
 * Convolution with bias, then a residual sum (null for none) and a ReLU: one kernel where the backend runs ours. Has no
 * gradient.
 *
 * @param x [n, h, w, c] @param filter [k, k, c, filters] @param bias [filters] @param residual of the output's shape
 */
export function fusedConv(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  spec: { readonly stride: number; readonly pad: number },
  residual: tf.Tensor4D | null,
  relu: boolean,
): tf.Tensor4D {
  if (!hasKernels()) {
    const activation = relu && !residual ? 'relu' : 'linear';
    const { stride: strides, pad } = spec;
    const y = tf.fused.conv2d({ x, filter, strides, pad, bias, activation });
    if (!residual) return y;
    const sum = tf.add(y, residual);
    return (relu ? tf.relu(sum) : sum) as tf.Tensor4D;
  }
  const [kernel, , , filters] = filter.shape;
  const g = squareGeometry(x.shape, filters, kernel, spec.stride, spec.pad);
  const y = output<tf.Rank.R4>([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const program = convForward(g, { bias: true, residual: residual !== null, relu });
  launch(program, [x, filter, bias, ...(residual ? [residual] : []), y]);
  return y;
}
