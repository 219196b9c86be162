import * as tf from '@tensorflow/tfjs';
import { constant } from '../../gpu/constants';
import type { GeneralNode } from './general';

/** Operations composed of others, where TensorFlow.js lacks a kernel or a gradient or where its backends disagree. */

type Pair = readonly [number, number];

/** Every step-th place of each axis of a row. StridedSlice has no gradient, hence reshapes and slices. */
export function sliced(
  x: tf.Tensor,
  { begin, size, step }: Extract<GeneralNode, { op: 'slice' }>,
): tf.Tensor {
  const rows = x.shape[0] as number;
  const lows = begin.map((from, i) =>
    Math.min(from, from + ((size[i] as number) - 1) * (step[i] as number)),
  );
  const spans = size.map((n, i) => (n - 1) * Math.abs(step[i] as number) + 1);
  let y = tf.slice(x, [0, ...lows], [rows, ...spans]);
  for (const [i, by] of step.entries()) {
    if (by < 0) y = tf.reverse(y, i + 1);
    if (Math.abs(by) > 1) y = every(y, i + 1, Math.abs(by));
  }
  return y;
}

/** Places 0, by, 2 by, ... of an axis of (count - 1) by + 1 places. */
function every(x: tf.Tensor, axis: number, by: number): tf.Tensor {
  const length = x.shape[axis] as number;
  const count = (length - 1) / by + 1;
  const before = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const after = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const flat = tf.pad(tf.reshape(x, [before, length, after]), [
    [0, 0],
    [0, by - 1],
    [0, 0],
  ]);
  const parted = tf.slice(
    tf.reshape(flat, [before, count, by * after]),
    [0, 0, 0],
    [before, count, after],
  );
  return tf.reshape(parted, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
}

/** x @ matrix over the last axis. */
function times(x: tf.Tensor, matrix: tf.Tensor2D): tf.Tensor {
  const [places, made] = matrix.shape;
  const y = tf.matMul(tf.reshape(x, [-1, places]) as tf.Tensor2D, matrix);
  return tf.reshape(y, [...x.shape.slice(0, -1), made]);
}

/** Places of the last axis, by a product with ones at them: WebAssembly has no kernel for the gradient of a gather. */
export function picked(x: tf.Tensor, places: readonly number[]): tf.Tensor {
  const size = x.shape.at(-1) as number;
  const matrix = constant(`pick/${size}/${places}`, () => {
    const values = new Float32Array(size * places.length);
    for (const [i, place] of places.entries()) values[place * places.length + i] = 1;
    return tf.tensor2d(values, [size, places.length]);
  });
  return times(x, matrix);
}

/**
 * An image at another size by a product for each side. The stock kernels' gradients give wrong shapes for sides that
 * differ, and WebAssembly has none.
 */
export function resized(x: tf.Tensor4D, node: Extract<GeneralNode, { op: 'resize' }>): tf.Tensor {
  const [, h, w] = x.shape;
  const across = times(tf.transpose(x, [0, 3, 1, 2]), shares(w, node.size[1], node));
  const both = times(tf.transpose(across, [0, 1, 3, 2]), shares(h, node.size[0], node));
  return tf.transpose(both, [0, 3, 2, 1]);
}

/** How much of each of `from` pixels goes into each of `to`, [from, to]. */
function shares(
  from: number,
  to: number,
  { kind, grid }: Pick<Extract<GeneralNode, { op: 'resize' }>, 'kind' | 'grid'>,
): tf.Tensor2D {
  return constant(`resize/${kind}/${grid}/${from}/${to}`, () => {
    const values = new Float32Array(from * to);
    for (let i = 0; i < to; i += 1)
      for (const [place, share] of sources(i, from, to, kind, grid))
        values[place * to + i] = (values[place * to + i] as number) + share;
    return tf.tensor2d(values, [from, to]);
  });
}

/** The pixels that pixel i of a resized side is made of, with their shares. */
function sources(
  i: number,
  from: number,
  to: number,
  kind: 'nearest' | 'bilinear',
  grid: 'half-pixel' | 'align-corners' | 'asymmetric',
): readonly Pair[] {
  const inside = (place: number) => Math.max(0, Math.min(from - 1, place));
  const aligned = to > 1 ? (i * (from - 1)) / (to - 1) : 0;
  if (kind === 'nearest') {
    if (grid === 'align-corners') return [[inside(Math.floor(aligned + 0.5)), 1]];
    return [[inside(Math.floor(((grid === 'half-pixel' ? i + 0.5 : i) * from) / to)), 1]];
  }
  const at = {
    'align-corners': aligned,
    'half-pixel': ((i + 0.5) * from) / to - 0.5,
    asymmetric: (i * from) / to,
  }[grid];
  const low = Math.floor(inside(at));
  const share = inside(at) - low;
  return [
    [low, 1 - share],
    [inside(low + 1), share],
  ];
}

/** A filter [h, w, in, out] with zeros between its places: a dilated convolution's gradient is not in TensorFlow.js. */
export function dilated(filter: tf.Tensor4D, dilation: Pair): tf.Tensor4D {
  let spread: tf.Tensor = filter;
  for (const axis of [0, 1] as const) {
    const by = dilation[axis];
    if (by === 1) continue;
    const shape = spread.shape;
    const before = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const length = shape[axis] as number;
    const zeros = tf.pad(tf.reshape(spread, [before, length, after]), [
      [0, 0],
      [0, 0],
      [0, (by - 1) * after],
    ]);
    const reach = (length - 1) * by + 1;
    const cut = tf.slice(
      tf.reshape(zeros, [before, length * by, after]),
      [0, 0, 0],
      [before, reach, after],
    );
    spread = tf.reshape(cut, [...shape.slice(0, axis), reach, ...shape.slice(axis + 1)]);
  }
  return spread as tf.Tensor4D;
}

/**
 * A depthwise convolution without margins as a sum over the filter's places: WebAssembly has no kernels for the gradients
 * of the stock one.
 *
 * @param filter [h, w, channels, multiplier]
 */
export function depthwiseByPlaces(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: Pair,
  dilation: Pair,
): tf.Tensor4D {
  const [rows, h, w, channels] = x.shape;
  const [kh, kw, , multiplier] = filter.shape;
  const out = (side: number, kernel: number, i: 0 | 1) =>
    Math.floor((side - (kernel - 1) * dilation[i] - 1) / stride[i]) + 1;
  const size = [out(h, kh, 0), out(w, kw, 1), channels] as const;
  let sum: tf.Tensor | null = null;
  for (let i = 0; i < kh; i += 1)
    for (let j = 0; j < kw; j += 1) {
      const begin = [i * dilation[0], j * dilation[1], 0];
      const step = [stride[0], stride[1], 1];
      const seen = sliced(x, { op: 'slice', name: '', input: '', begin, size, step });
      const place = tf.reshape(tf.slice(filter, [i, j, 0, 0], [1, 1, channels, multiplier]), [
        channels,
        multiplier,
      ]);
      const part = tf.mul(tf.reshape(seen, [-1, channels, 1]), place);
      sum = sum ? tf.add(sum, part) : part;
    }
  return tf.reshape(sum as tf.Tensor, [rows, size[0], size[1], channels * multiplier]);
}

/** The largest of each window without margins: WebAssembly's own gradient is wrong where all of a window is negative. */
export function largestByPlaces(x: tf.Tensor4D, size: Pair, stride: Pair): tf.Tensor4D {
  const [, h, w, channels] = x.shape;
  const out = [
    Math.floor((h - size[0]) / stride[0]) + 1,
    Math.floor((w - size[1]) / stride[1]) + 1,
    channels,
  ];
  let most: tf.Tensor | null = null;
  for (let i = 0; i < size[0]; i += 1)
    for (let j = 0; j < size[1]; j += 1) {
      const step = [stride[0], stride[1], 1];
      const node = { op: 'slice', name: '', input: '', begin: [i, j, 0], size: out, step } as const;
      const seen = sliced(x, node);
      most = most ? tf.maximum(most, seen) : seen;
    }
  return most as tf.Tensor4D;
}
