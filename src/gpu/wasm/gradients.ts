import * as tf from '@tensorflow/tfjs';

/**
 * The convolution gradients of the WebAssembly backend, composed from its own kernels. tfjs 4.22.0 ships no
 * Conv2DBackpropFilter for it (training throws) and a scalar Conv2DBackpropInput that is ten times slower than a
 * convolution. To be removed when a tfjs release has both.
 */

interface ConvAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat: string;
}

function geometry(
  xShape: number[],
  filterShape: number[],
  attrs: ConvAttributes,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad as 'valid',
    undefined,
    false,
    attrs.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
}

/**
 * dL/dfilter as one convolution with batch and channels swapped: x as [Ci, H, W, B] under the filter dy as
 * [Ho, Wo, B, Co], dilated by the stride, gives [Ci, kh, kw, Co].
 */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: number[],
  attrs: ConvAttributes,
): tf.Tensor4D {
  const info = geometry(x.shape, filterShape, attrs);
  const { strideHeight: sh, strideWidth: sw, filterHeight: kh, filterWidth: kw, padInfo } = info;
  // What lies right of and below the last window never met the filter: negative padding cuts it off.
  const bottom = (info.outHeight - 1) * sh + kh - info.inHeight - padInfo.top;
  const right = (info.outWidth - 1) * sw + kw - info.inWidth - padInfo.left;
  const height = info.inHeight + Math.min(0, bottom);
  const width = info.inWidth + Math.min(0, right);
  const used =
    height < info.inHeight || width < info.inWidth
      ? tf.slice(x, [0, 0, 0, 0], [x.shape[0], height, width, x.shape[3]])
      : x;
  const rows = tf.transpose(used, [3, 1, 2, 0]) as tf.Tensor4D;
  const filter = tf.transpose(dy, [1, 2, 0, 3]);
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [padInfo.top, Math.max(0, bottom)],
    [padInfo.left, Math.max(0, right)],
    [0, 0],
  ];
  const out: tf.Tensor4D = tf.conv2d(rows, filter as tf.Tensor4D, 1, pad, 'NHWC', [sh, sw]);
  return tf.transpose(out, [1, 2, 0, 3]) as tf.Tensor4D;
}

/**
 * dL/dx as a convolution of dy with the flipped filter, its channels swapped. For a stride, dy is first spread out with
 * zeros between its pixels.
 */
function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: number[],
  attrs: ConvAttributes,
): tf.Tensor4D {
  const info = geometry(inputShape, filter.shape, attrs);
  const { strideHeight: sh, strideWidth: sw, filterHeight: kh, filterWidth: kw, padInfo } = info;
  const spread = spreadOut(dy, sh, sw);
  const flipped = kh === 1 && kw === 1 ? filter : tf.reverse(filter, [0, 1]);
  const swapped = tf.transpose(flipped, [0, 1, 3, 2]);
  const top = kh - 1 - padInfo.top;
  const left = kw - 1 - padInfo.left;
  const bottom = info.inHeight + kh - 1 - spread.shape[1] - top;
  const right = info.inWidth + kw - 1 - spread.shape[2] - left;
  const outside = Math.min(top, left, bottom, right) < 0;
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [Math.max(0, top), Math.max(0, bottom)],
    [Math.max(0, left), Math.max(0, right)],
    [0, 0],
  ];
  const full = tf.conv2d(spread, swapped as tf.Tensor4D, 1, pad);
  if (!outside) return full;
  // Padding wider than the filter: the rows and columns that only the padding saw are cut off.
  return tf.slice<tf.Rank.R4, tf.Tensor4D>(
    full,
    [0, Math.max(0, -top), Math.max(0, -left), 0],
    [full.shape[0], info.inHeight, info.inWidth, full.shape[3]],
  );
}

/** [n, h, w, c] -> [n, (h-1)*sh+1, (w-1)*sw+1, c] with zeros between the pixels. */
function spreadOut(dy: tf.Tensor4D, sh: number, sw: number): tf.Tensor4D {
  if (sh === 1 && sw === 1) return dy;
  const [n, h, w, c] = dy.shape;
  const cells = tf.reshape(dy, [n * h, 1, w, c]);
  const wide = tf.pad(cells, [
    [0, 0],
    [0, sh - 1],
    [0, 0],
    [0, (sw - 1) * c],
  ]);
  const grid = tf.reshape(wide, [n, h * sh, w * sw, c]) as tf.Tensor4D;
  return tf.slice<tf.Rank.R4, tf.Tensor4D>(
    grid,
    [0, 0, 0, 0],
    [n, (h - 1) * sh + 1, (w - 1) * sw + 1, c],
  );
}

let registered = false;

/** Registers the gradients for the backend named 'wasm'; once is enough. */
export function registerWasmGradients(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape, ...rest } = attrs as unknown as ConvAttributes & {
        filterShape: number[];
      };
      return tf.tidy(() => filterGradient(asTensor(x), asTensor(dy), filterShape, rest));
    },
  });
  tf.unregisterKernel('Conv2DBackpropInput', 'wasm');
  tf.registerKernel({
    kernelName: 'Conv2DBackpropInput',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const { inputShape, ...rest } = attrs as unknown as ConvAttributes & {
        inputShape: number[];
      };
      return tf.tidy(() => inputGradient(asTensor(dy), asTensor(filter), inputShape, rest));
    },
  });
}

/** A kernel's input as a tensor that ops accept, whether it came as a tensor or as bare tensor information. */
function asTensor(info: tf.TensorInfo | tf.Tensor4D): tf.Tensor4D {
  return info instanceof tf.Tensor
    ? (info as tf.Tensor4D)
    : (tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D);
}
