import type * as tf from '@tensorflow/tfjs';
import { convFilterGradient, convInputGradient, sumSplits } from '../kernels/conv';
import type { ConvGeometry } from '../kernels/geometry';
import { launch, outputInfo } from '../kernels/launch';
import { geometryOf } from './conv-geometry';
import { areFloats, overrideKernel, sizeOf } from './stock';

/**
 * Gradients of convolutions (NHWC, no dilation, any stride and padding). tfjs 4.22.0 gives every weight's gradient one
 * invocation, which loops over batch and pixels, and gathers the input's gradient value by value. To be removed when a
 * tfjs release is faster.
 */
export function registerConvGradients(): void {
  overrideKernel('Conv2DBackpropFilter', (call) => {
    const { x, dy } = call.inputs;
    const filterShape = call.attrs['filterShape'] as number[];
    const g = x && geometryOf(x.shape, filterShape, call.attrs);
    if (!g || !fits(dy, g) || !areFloats(x, dy)) return null;
    const dw = outputInfo(filterShape);
    const program = convFilterGradient(g);
    if (program.splits === 1) {
      launch(program, [x, dy, dw]);
      return dw;
    }
    const size = sizeOf(filterShape);
    const partial = outputInfo([program.splits, size]);
    launch(program, [x, dy, partial]);
    launch(sumSplits(size, program.splits), [partial, dw]);
    call.backend.disposeData(partial.dataId);
    return dw;
  });
  overrideKernel('Conv2DBackpropInput', ({ inputs: { dy, filter }, attrs }) => {
    const inputShape = attrs['inputShape'] as number[];
    const g = filter && geometryOf(inputShape, filter.shape, attrs);
    if (!g || !fits(dy, g) || !areFloats(filter, dy)) return null;
    const dx = outputInfo(inputShape);
    launch(convInputGradient(g, false), [dy, filter, dx]);
    return dx;
  });
}

/** True where dy is the gradient of such a convolution's output. */
function fits(dy: tf.TensorInfo | undefined, g: ConvGeometry): dy is tf.TensorInfo {
  return String(dy?.shape) === String([g.batch, g.outHeight, g.outWidth, g.outChannels]);
}
