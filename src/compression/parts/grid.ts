import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../models/net/graph';
import type { WeightSpec } from '../../models/net/graph';

/** Largest whole number of a symmetric grid of b bits: 127 for 8. */
const largestLevel = (bits: number): number => 2 ** (bits - 1) - 1;

/** A channel of zeros has no scale of its own. */
const LEAST_SCALE = 1e-12;

/** Bytes of a weight on its grid: b bits a number, and a float32 scale for each output channel. */
export function gridBytes({ shape }: WeightSpec, bits: number): number {
  return Math.ceil((sizeOf(shape) * bits) / 8) + (shape.at(-1) as number) * 4;
}

/** Rounds to the nearest whole number, halves to the even one, as every backend does. */
function rounded(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** A weight whose last axis is the output channel, each channel on a grid of its own. */
export function onGrid(values: Float32Array, channels: number, bits: number): Float32Array {
  const most = new Float64Array(channels);
  values.forEach((value, i) => {
    const channel = i % channels;
    most[channel] = Math.max(most[channel] as number, Math.abs(value));
  });
  const level = largestLevel(bits);
  return values.map((value, i) => {
    const scale = Math.max((most[i % channels] as number) / level, LEAST_SCALE);
    return Math.min(level, Math.max(-level, rounded(value / scale))) * scale;
  });
}

/** The same as a tensor op; its gradient passes through as if nothing had been rounded. */
export function onGridStraightThrough(w: tf.Tensor, bits: number): tf.Tensor {
  const level = largestLevel(bits);
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const x = args[0] as tf.Tensor;
    const flat = tf.reshape(x, [-1, x.shape.at(-1) as number]);
    const scale = tf.maximum(tf.div(tf.max(tf.abs(flat), 0, true), level), LEAST_SCALE);
    const levels = tf.clipByValue(tf.round(tf.div(flat, scale)), -level, level);
    return {
      value: tf.reshape(tf.mul(levels, scale), x.shape),
      gradFunc: (dy: tf.Tensor) => tf.clone(dy),
    };
  });
  return op(w);
}
