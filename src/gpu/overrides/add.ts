import * as tf from '@tensorflow/tfjs';
import { bindings, entry, launch, outputInfo, spread } from '../kernels/launch';
import type { Program } from '../kernels/launch';

/** y = a + b. Bindings: a, b, y. */
function sum(size: number): Program {
  return {
    kernel: {
      key: 'add',
      code: () => `
${bindings(['a', 'b', '=y'], ['size'])}
${entry()}
  if (at >= n.size) { return; }
  y[at] = a[at] + b[at];
}`,
    },
    groups: spread(size),
    numbers: [size],
  };
}

/** From how many values on a sum is worth a kernel of ours; tfjs adds short ones on the processor where they lie there. */
const LARGE = 4096;

/**
 * Sums of two large tensors of one shape, which the backward pass makes where a value has two readers: no uniforms are
 * uploaded, and buffers are free for the next kernel at once instead of at the next submit.
 */
export function registerAdd(): void {
  const stock = tf.getKernel('Add', 'webgpu');
  tf.unregisterKernel('Add', 'webgpu');
  tf.registerKernel({
    ...stock,
    kernelFunc(call) {
      const { a, b } = call.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const size = a.shape.reduce((x, y) => x * y, 1);
      const alike = String(a.shape) === String(b.shape);
      const floats = a.dtype === 'float32' && b.dtype === 'float32';
      if (!alike || !floats || size < LARGE) return stock.kernelFunc(call);
      const y = outputInfo(a.shape);
      launch(sum(size), [a, b, y]);
      return y;
    },
  });
}
