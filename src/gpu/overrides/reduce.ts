import * as tf from '@tensorflow/tfjs';
import { launch, output, outputInfo } from '../kernels/launch';
import { partsOf, spreadBack, sumRows } from '../kernels/reduce';
import type { Stretch } from '../kernels/reduce';
import { areFloats, overrideGradient, overrideKernel, sizeOf } from './stock';
import type { KernelCall } from './stock';

type Reduction = 'Mean' | 'Sum';

/**
 * Sums and means. tfjs 4.22.0 reduces innermost axes alone: for others it first transposes the whole tensor, and then
 * gives every sum one workgroup. Its gradients make an array of ones of the input's size in JavaScript and upload it, at
 * every step. To be removed when a tfjs release does neither.
 */
export function registerReductions(): void {
  for (const kernelName of ['Mean', 'Sum'] as const) {
    overrideKernel(kernelName, (call) => reduced(kernelName, call));
    overrideGradient(kernelName, (dy, [x], { axis }) => {
      if (!x || !areFloats(x, dy)) return null;
      const stretches = stretchesOf(x.shape, axis);
      const divisor = kernelName === 'Mean' ? x.size / dy.size : 1;
      return {
        x() {
          const dx = output(x.shape);
          launch(spreadBack(stretches, divisor), [dy, dx]);
          return dx;
        },
      };
    });
  }
}

/** The axes, neighbours of one kind taken together; those of size 1 are left out. */
function stretchesOf(shape: readonly number[], axis: unknown): readonly Stretch[] {
  const axes = tf.util.parseAxisParam(axis as number | number[], [...shape]);
  const found: Stretch[] = [];
  for (const [i, size] of shape.entries()) {
    const reduced = axes.includes(i);
    const last = found.at(-1);
    if (size === 1) continue;
    if (last?.reduced === reduced) found[found.length - 1] = { size: last.size * size, reduced };
    else found.push({ size, reduced });
  }
  return found;
}

/** Sums of so few rows, or so many sums, are made in one run. */
const FEW_ROWS = 64;
const MANY_SUMS = 4096;

/** The reduction where it is one over a stretch that is not the innermost one. */
function reduced(
  kind: Reduction,
  { inputs: { x }, attrs: { axis, keepDims }, backend }: KernelCall,
): tf.TensorInfo | null {
  if (!x || !areFloats(x)) return null;
  const stretches = stretchesOf(x.shape, axis);
  const [rows, columns] = stretches.slice(-2);
  const outer = stretches.length === 3 ? stretches[0] : { size: 1 };
  if (!rows?.reduced || !columns || columns.reduced || stretches.length > 3 || !outer) return null;
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  const shape = x.shape.flatMap((size, i) => {
    if (!axes.includes(i)) return [size];
    return keepDims === true ? [1] : [];
  });
  const divisor = kind === 'Mean' ? rows.size : 1;
  const y = outputInfo(shape);
  const whole = rows.size <= FEW_ROWS || sizeOf(shape) >= MANY_SUMS;
  const parts = whole ? 1 : partsOf(rows.size);
  const sizes = [outer.size, rows.size, columns.size] as const;
  if (parts === 1) {
    launch(sumRows(...sizes, 1, divisor), [x, y]);
    return y;
  }
  const partial = outputInfo([outer.size, parts, columns.size]);
  launch(sumRows(...sizes, parts, 1), [x, partial]);
  launch(sumRows(outer.size, parts, columns.size, 1, divisor), [partial, y]);
  backend.disposeData(partial.dataId);
  return y;
}
