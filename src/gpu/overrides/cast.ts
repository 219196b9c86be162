import { bindings, entry, launch, outputInfo, spread } from '../kernels/launch';
import type { Program } from '../kernels/launch';
import { overrideKernel, sizeOf } from './stock';

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
  overrideKernel('Cast', ({ inputs: { x }, attrs }) => {
    if (!x || attrs['dtype'] !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool'))
      return null;
    const size = sizeOf(x.shape);
    if (size === 0) return null;
    const y = outputInfo(x.shape);
    launch(toFloat(size), [x, y]);
    return y;
  });
}
