import * as tf from '@tensorflow/tfjs';
import { overrideKernel, sizeOf } from './stock';
import type { KernelCall, Stock } from './stock';

/** From how many products in a sum on tfjs 4.22.0 splits it among workgroups. */
const SPLIT_FROM = 2000;
/** Outputs up to so many values are summed by a workgroup each, which is in order. */
const SMALL = 128;
const FLAG = 'WEBGPU_MATMUL_PROGRAM_TYPE';
/** MatMulSmallOutputSizeProgram, by its number there: each sum by one invocation. */
const BY_ONE = 2;

/**
 * Products of matrices with long sums, in a fixed order. tfjs 4.22.0 splits such a sum among workgroups that add to the
 * result as each comes to its end (atomics), so that two equal runs differ in their last bits. To be removed when a tfjs
 * release adds in order.
 */
export function registerMatMul(): void {
  for (const kernel of ['BatchMatMul', '_FusedMatMul'])
    overrideKernel(kernel, (call, stock) => {
      const { a, b } = call.inputs;
      const [transposeA, transposeB] = [call.attrs['transposeA'], call.attrs['transposeB']];
      if (!a || !b) return null;
      const inner = a.shape.at(transposeA === true ? -2 : -1) ?? 0;
      const rows = a.shape.at(transposeA === true ? -1 : -2) ?? 1;
      const columns = b.shape.at(transposeB === true ? -2 : -1) ?? 1;
      return inner >= SPLIT_FROM && rows * columns > SMALL ? inOrder(call, stock) : null;
    });
  // Where convolutions are left to tfjs, it makes products of matrices of them.
  for (const kernel of ['Conv2D', 'FusedConv2D'])
    overrideKernel(kernel, (call, stock) => {
      const { filter } = call.inputs;
      if (!filter) return null;
      const products = sizeOf(filter.shape.slice(0, -1));
      return products >= SPLIT_FROM ? inOrder(call, stock) : null;
    });
}

/** Runs tfjs's kernel by the program that splits no sum. */
function inOrder(call: KernelCall, stock: Stock): tf.TensorInfo {
  const before = tf.env().getNumber(FLAG);
  tf.env().set(FLAG, BY_ONE);
  try {
    return stock(call);
  } finally {
    tf.env().set(FLAG, before);
  }
}
