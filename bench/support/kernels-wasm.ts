import * as tf from '@tensorflow/tfjs';
import { onesImage, onesRow } from '../../src/gpu/constants';
import { registerWasmGradients } from '../../src/gpu/wasm/gradients';
import type { KernelSetup, Peer, Way } from '../timing/job';
import type { Run } from './cells';
import { stock, tensorRun, tensorsOf } from './kernels-plain';
import type { KernelTensors } from './kernels-plain';
import { metBy, nineProducts, padded } from './nine-products';
import { finishStock, startStock, submitStock } from './stock-backend';

/** One way to compute a kernel on WebAssembly: what the engine does there, or what it was chosen over. */
export async function wasmKernel(setup: KernelSetup, way: Peer | Way): Promise<Run> {
  if (way === 'extracurricular') registerWasmGradients();
  await startStock('wasm');
  const tensors = tensorsOf(setup);
  return tensorRun(() => compute(setup, way, tensors), submitStock, finishStock);
}

function compute(
  setup: KernelSetup,
  way: Peer | Way,
  tensors: KernelTensors,
): Record<string, tf.Tensor> {
  const { x, dy, pooled, image, filterShape } = tensors;
  const { kernel, batch, side, channels } = setup;
  switch (way) {
    case 'extracurricular':
      // As in gpu/ops: what is spread is multiplied by ones, what is summed is a product with ones.
      if (kernel === 'spread') return { y: tf.mul(pooled, onesImage(side, side)) };
      if (kernel === 'column sums') {
        const rows = batch * side * side;
        const sums = tf.matMul(onesRow(rows), tf.reshape(x, [rows, channels]));
        return { sums: tf.reshape(sums, [channels]) };
      }
      return stock(setup, tensors);
    case 'nine products':
      return { dw: nineProducts(x, dy, { strides: 1, pad: 'same', filterShape }) };
    case 'im2col product':
      return { dw: im2col(x, dy, filterShape) };
    case 'stock kernel':
    case 'Tile':
    case 'tf.sum':
      return stock(setup, tensors);
    default:
      throw new Error(`${way} is no way to compute ${kernel} of ${image.join(' x ')}`);
  }
}

/** dL/dfilter as one product: the nine shifted copies of x side by side, transposed, times dy. */
function im2col(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: [number, number, number, number],
): tf.Tensor {
  const { wide, info } = padded(x, { strides: 1, pad: 'same', filterShape });
  const columns: tf.Tensor2D[] = [];
  for (let ky = 0; ky < info.filterHeight; ky++)
    for (let kx = 0; kx < info.filterWidth; kx++) columns.push(metBy(wide, info, ky, kx));
  const rows = tf.reshape(dy, [-1, info.outChannels]);
  return tf.reshape(tf.matMul(tf.concat(columns, 1), rows, true, false), filterShape);
}
