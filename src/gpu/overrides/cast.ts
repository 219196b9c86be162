import * as tf from '@tensorflow/tfjs';
import { bindings, entry, launch, outputInfo, spread } from '../kernels/launch';
import type { Program } from '../kernels/launch';

/** y = f32(x). Bindings: x (int32), y. */
function toFloat(size: number): Program {
  return {
    kernel: {
      key: 'to float',
      code: () => `
${bindings(['#x', '=y'], ['size'])}
${entry()}
  if (at >= n.size) { return; }
  y[at] = f32(x[at]);
}`,
    },
    groups: spread(size),
    numbers: [size],
  };
}

/**
 * Makes casts of int32 and bool to float32 real on WebGPU. tfjs 4.22.0 hands the integers on under another name, which its
 * own Transpose refuses to compile (tfjs issue 8638) and which any other reader of the buffer takes for floats. To be
 * removed when a tfjs release converts.
 */
export function registerSafeCast(): void {
  const stock = tf.getKernel('Cast', 'webgpu');
  tf.unregisterKernel('Cast', 'webgpu');
  tf.registerKernel({
    ...stock,
    kernelFunc(call) {
      const { x } = call.inputs as { x: tf.TensorInfo };
      const { dtype } = call.attrs as { dtype?: tf.DataType };
      const whole = x.dtype === 'int32' || x.dtype === 'bool';
      const size = x.shape.reduce((a, b) => a * b, 1);
      if (!whole || dtype !== 'float32' || size === 0) return stock.kernelFunc(call);
      const y = outputInfo(x.shape);
      launch(toFloat(size), [x, y]);
      return y;
    },
  });
}
