import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../kernels/geometry';
import type { KernelCall } from './stock';

/** Filters wider than this would be unrolled into too long a kernel. */
const MAX_WIDTH = 11;

/** The convolution's numbers, or null for one that our kernels do not cover. */
export function geometryOf(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: KernelCall['attrs'],
): ConvGeometry | null {
  if (attrs['dataFormat'] !== 'NHWC' || xShape[3] !== filterShape[2]) return null;
  const info = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs['strides'] as number | [number, number],
    (attrs['dilations'] as number | [number, number] | undefined) ?? 1,
    attrs['pad'] as 'same' | 'valid' | number,
    attrs['dimRoundingMode'] as 'floor' | 'round' | 'ceil' | undefined,
  );
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1) return null;
  if (info.filterWidth > MAX_WIDTH) return null;
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
