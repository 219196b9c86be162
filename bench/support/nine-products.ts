import * as tf from '@tensorflow/tfjs';

/** Attributes of tfjs's convolution kernels. */
interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly filterShape: [number, number, number, number];
}

/** Zeros around x and its windows: [top, bottom], [left, right], and the convolution's numbers. */
export function padded(
  x: tf.Tensor4D,
  { strides, pad, filterShape }: Attributes,
): { wide: tf.Tensor4D; info: tf.backend_util.Conv2DInfo } {
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad as 'valid');
  const { top, bottom, left, right } = info.padInfo;
  const wide = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  return { wide, info };
}

/** The pixels of padded x that one place of the filter meets: [batch * outHeight * outWidth, inChannels]. */
export function metBy(
  wide: tf.Tensor4D,
  info: tf.backend_util.Conv2DInfo,
  ky: number,
  kx: number,
): tf.Tensor2D {
  const { batchSize, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const height = (outHeight - 1) * strideHeight + 1;
  const width = (outWidth - 1) * strideWidth + 1;
  const cut = tf.slice(wide, [0, ky, kx, 0], [batchSize, height, width, inChannels]);
  const strides = [1, strideHeight, strideWidth, 1];
  const even = strideHeight === 1 && strideWidth === 1;
  const part = even ? cut : tf.stridedSlice(cut, [0, 0, 0, 0], cut.shape, strides);
  return tf.reshape(part, [batchSize * outHeight * outWidth, inChannels]);
}

/** dL/dfilter as one matrix product for each place of the filter (nine for 3 x 3). */
export function nineProducts(x: tf.Tensor4D, dy: tf.Tensor4D, attributes: Attributes): tf.Tensor4D {
  const { wide, info } = padded(x, attributes);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const rows = tf.reshape(dy, [-1, outChannels]);
  const products: tf.Tensor[] = [];
  for (let ky = 0; ky < filterHeight; ky++)
    for (let kx = 0; kx < filterWidth; kx++)
      products.push(tf.matMul(metBy(wide, info, ky, kx), rows, true, false));
  return tf.reshape(tf.concat(products), [filterHeight, filterWidth, inChannels, outChannels]);
}

/**
 * Lets stock tfjs train convolutions on WebAssembly, for which it ships no Conv2DBackpropFilter, in the way that comes
 * to mind first. Its own (scalar) Conv2DBackpropInput stays.
 */
export function registerNineProducts(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      return tf.tidy(() => nineProducts(asTensor(x), asTensor(dy), attrs as unknown as Attributes));
    },
  });
}

/** A kernel's input as a tensor that ops accept, whether it came as a tensor or as bare tensor information. */
function asTensor(info: tf.TensorInfo | tf.Tensor4D): tf.Tensor4D {
  return info instanceof tf.Tensor
    ? (info as tf.Tensor4D)
    : (tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D);
}
