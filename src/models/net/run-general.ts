import * as tf from '@tensorflow/tfjs';
import { constant } from '../../gpu/constants';
import { depthwiseByPlaces, dilated, largestByPlaces, picked, resized, sliced } from './composed';
import type { Curve, GeneralNode, Margins } from './general';

/** What computing a node needs beside its first input. */
export interface Around {
  /** A weight of the node by its part. */
  weight(part: string): tf.Tensor;
  /** The value of another node. */
  value(name: string): tf.Tensor;
  /** Whether a gradient is wanted: not every kernel has one. */
  readonly learns: boolean;
}

const axes = (margins: Margins): [[0, 0], [number, number], [number, number], [0, 0]] => [
  [0, 0],
  [margins[0], margins[1]],
  [margins[2], margins[3]],
  [0, 0],
];

/** A general node on x, [n, ...shape]: in TensorFlow.js's operations, whose gradients are its. Call inside a tidy. */
export function runGeneral(node: GeneralNode, x: tf.Tensor, around: Around): tf.Tensor {
  const rows = x.shape[0] as number;
  const image = x as tf.Tensor4D;
  switch (node.op) {
    case 'convolve': {
      const y = convolve(node, image, around.weight('weight') as tf.Tensor4D, around.learns);
      return node.bias ? tf.add(y, around.weight('bias')) : y;
    }
    case 'deconvolve':
      return deconvolve(node, image, around);
    case 'window':
      return window(node, image, around.learns);
    case 'curve':
      return CURVES[node.curve](x);
    case 'leakyRelu':
      return tf.leakyRelu(x, node.alpha);
    case 'elu':
      return node.alpha === 1
        ? tf.elu(x)
        : tf.add(tf.relu(x), tf.mul(node.alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1)));
    case 'hardSigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, node.alpha), node.beta), 0, 1);
    case 'clip':
      return tf.clipByValue(x, node.low, node.high);
    case 'prelu':
      return tf.sub(tf.relu(x), tf.mul(align(around.weight('alpha'), x.rank), tf.relu(tf.neg(x))));
    case 'softmax':
      return tf.softmax(x);
    case 'logSoftmax':
      return tf.logSoftmax(x);
    case 'reduce': {
      const over = node.axes.map((axis) => axis + 1);
      return REDUCE[node.kind](x, over, node.keep);
    }
    case 'affine':
      return tf.add(tf.mul(x, around.weight('scale')), around.weight('shift'));
    case 'layerNorm': {
      const { mean, variance } = tf.moments(x, -1, true);
      const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, node.epsilon)));
      return tf.add(tf.mul(unit, around.weight('gamma')), around.weight('beta'));
    }
    case 'binary': {
      const other = around.value(node.other);
      const rank = Math.max(x.rank, other.rank);
      return BINARY[node.kind](spread(x, rank), spread(other, rank));
    }
    case 'literal':
      return tf.expandDims(around.weight('value'), 0);
    case 'concat': {
      const parts = [x, ...node.others.map((name) => around.value(name))];
      const most = Math.max(...parts.map((part) => part.shape[0] as number));
      return tf.concat(
        parts.map((part) => repeated(part, most)),
        node.axis + 1,
      );
    }
    case 'permute':
      return tf.transpose(x, [0, ...node.order.map((axis) => axis + 1)]);
    case 'pad':
      return tf.pad(
        x,
        [[0, 0], ...node.pads.map(([a, b]): [number, number] => [a, b])],
        node.value,
      );
    case 'slice':
      if (node.step.every((n) => n === 1))
        return tf.slice(x, [0, ...node.begin], [rows, ...node.size]);
      return sliced(x, node);
    case 'resize':
      return resized(image, node);
    case 'product': {
      const other = around.value(node.other);
      const most = Math.max(rows, other.shape[0] as number);
      return tf.matMul(repeated(x, most), repeated(other, most), false, node.transposeOther);
    }
    case 'pick':
      return picked(x, node.places);
  }
}

const CURVES: Readonly<Record<Curve, (x: tf.Tensor) => tf.Tensor>> = {
  sigmoid: (x) => tf.sigmoid(x),
  softplus: (x) => tf.softplus(x),
  softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  geluTanh: (x) => {
    const inner = tf.mul(
      tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)),
      Math.sqrt(2 / Math.PI),
    );
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  selu: (x) => tf.selu(x),
  relu6: (x) => tf.relu6(x),
  hardSwish: (x) => tf.mul(x, tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)),
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.rsqrt(x),
  abs: (x) => tf.abs(x),
  negate: (x) => tf.neg(x),
  square: (x) => tf.square(x),
  reciprocal: (x) => tf.reciprocal(x),
  erf: (x) => tf.erf(x),
};

const REDUCE = { mean: tf.mean, max: tf.max, sum: tf.sum, min: tf.min } as const;

const BINARY = {
  add: tf.add,
  subtract: tf.sub,
  multiply: tf.mul,
  divide: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  power: tf.pow,
} as const;

/** A weight without rows as one of so many axes, rows first. */
function align(weight: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(weight, [...Array<number>(rank - weight.rank).fill(1), ...weight.shape]);
}

/** A value with rows as one of more axes, ones behind the rows: rows stay rows. */
function spread(x: tf.Tensor, rank: number): tf.Tensor {
  if (x.rank === rank) return x;
  const [rows = 1, ...rest] = x.shape;
  return tf.reshape(x, [rows, ...Array<number>(rank - x.rank).fill(1), ...rest]);
}

/** A value from the file, which has one row, as often as there are rows. */
function repeated(x: tf.Tensor, rows: number): tf.Tensor {
  if (x.shape[0] === rows) return x;
  return tf.tile(x, [rows, ...Array<number>(x.rank - 1).fill(1)]);
}

function convolve(
  node: Extract<GeneralNode, { op: 'convolve' }>,
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  learns: boolean,
): tf.Tensor4D {
  const { groups, filters } = node;
  const stride: [number, number] = [node.stride[0], node.stride[1]];
  const dilation: [number, number] = [node.dilation[0], node.dilation[1]];
  const channels = x.shape[3];
  const within = node.margins.some((n) => n > 0) ? tf.pad(x, axes(node.margins)) : x;
  const spreads = dilation.some((n) => n > 1);
  // Beside its missing gradient, the stock convolution does not take strides and dilations at once.
  const composed = spreads && (learns || stride.some((n) => n > 1));
  const plain = (part: tf.Tensor4D, filter: tf.Tensor4D) =>
    composed
      ? tf.conv2d(part, dilated(filter, dilation), stride, 'valid')
      : tf.conv2d(part, filter, stride, 'valid', 'NHWC', dilation);
  if (groups === 1) return plain(within, weight);
  if (groups === channels) {
    const [h, w] = weight.shape;
    const filter = tf.reshape(weight, [h, w, channels, filters / channels]) as tf.Tensor4D;
    if (learns && !tf.getKernel('DepthwiseConv2dNativeBackpropFilter', tf.getBackend()))
      return depthwiseByPlaces(within, filter, stride, dilation);
    if (composed) return tf.depthwiseConv2d(within, dilated(filter, dilation), stride, 'valid');
    return tf.depthwiseConv2d(within, filter, stride, 'valid', 'NHWC', dilation);
  }
  const parts = tf.split(within, groups, 3);
  const kernels = tf.split(weight, groups, 3);
  return tf.concat4d(
    parts.map((part, i) => plain(part as tf.Tensor4D, kernels[i] as tf.Tensor4D)),
    3,
  );
}

function deconvolve(
  node: Extract<GeneralNode, { op: 'deconvolve' }>,
  x: tf.Tensor4D,
  around: Around,
): tf.Tensor4D {
  const { kernel, stride, margins, filters } = node;
  const [rows, h, w] = x.shape;
  const full: [number, number, number, number] = [
    rows,
    (h - 1) * stride[0] + kernel[0],
    (w - 1) * stride[1] + kernel[1],
    filters,
  ];
  const weight = around.weight('weight') as tf.Tensor4D;
  const whole = tf.conv2dTranspose(x, weight, full, [stride[0], stride[1]], 'valid');
  const y = tf.slice(
    whole,
    [0, margins[0], margins[2], 0],
    [rows, full[1] - margins[0] - margins[1], full[2] - margins[2] - margins[3], filters],
  );
  return node.bias ? tf.add(y, around.weight('bias')) : y;
}

/** A value below all that networks hold, which a largest value never takes from the margins. */
const LOWEST = -3e38;

function window(
  node: Extract<GeneralNode, { op: 'window' }>,
  x: tf.Tensor4D,
  learns: boolean,
): tf.Tensor4D {
  const size: [number, number] = [node.size[0], node.size[1]];
  const stride: [number, number] = [node.stride[0], node.stride[1]];
  const margins = node.margins.some((n) => n > 0);
  if (node.kind === 'max') {
    const within = margins ? tf.pad(x, axes(node.margins), LOWEST) : x;
    if (learns && tf.getBackend() === 'wasm') return largestByPlaces(within, size, stride);
    return tf.maxPool(within, size, stride, 'valid');
  }
  if (!margins) return tf.avgPool(x, size, stride, 'valid');
  const mean = tf.avgPool(tf.pad(x, axes(node.margins)), size, stride, 'valid');
  if (node.countMargins) return mean;
  // Backends differ in whether their own mean counts the margins; the share of each window inside says it for all.
  const inside = constant(`inside/${x.shape.slice(1, 3)}/${size}/${stride}/${node.margins}`, () => {
    const ones = tf.pad(tf.ones([1, x.shape[1], x.shape[2], 1]), axes(node.margins));
    return tf.avgPool(ones as tf.Tensor4D, size, stride, 'valid');
  });
  return tf.div(mean, inside);
}
