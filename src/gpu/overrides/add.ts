import { bindings, entry, launch, outputInfo, spread } from '../kernels/launch';
import type { Program } from '../kernels/launch';
import { areFloats, overrideKernel, sizeOf } from './stock';

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
  overrideKernel('Add', ({ inputs: { a, b } }) => {
    if (!a || !b || !areFloats(a, b) || String(a.shape) !== String(b.shape)) return null;
    const size = sizeOf(a.shape);
    if (size < LARGE) return null;
    const y = outputInfo(a.shape);
    launch(sum(size), [a, b, y]);
    return y;
  });
}
