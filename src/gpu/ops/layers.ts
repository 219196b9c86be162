import * as tf from '@tensorflow/tfjs';
import {
  convFilterGradient,
  convForward,
  convInputGradient,
  PLAIN,
  sumSplits,
} from '../kernels/conv';
import { squareGeometry } from '../kernels/geometry';
import { denseForward, denseInputGradient, denseWeightGradient } from '../kernels/dense';
import type { Activation } from '../kernels/dense';
import { launch, output } from '../kernels/launch';
import { normApply, normGradientApply, normGradientSums, normSums, partsOf } from '../kernels/norm';
import { poolForward, poolGradient } from '../kernels/pool';
import type { FlatParameters } from './parameters';

/**
 * Layers over flat parameters (parameters.ts) with analytic gradients, in our kernels. On tfjs's tape a layer's weights
 * are stood for by a scalar, its handle, which makes the tape come by; the weights' gradient goes straight into the flat
 * gradient buffer, and the handle's is nothing that anyone reads.
 */

type Args = (tf.Tensor | tf.GradSaveFunc)[];

/** An op of x (unless nobody asks for its gradient), other inputs, and the handle. */
function onTape<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  handle: tf.Scalar,
  compute: (save: tf.GradSaveFunc) => T,
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): T {
  const op = tf.customGrad((...args: Args) => ({
    value: compute(args.at(-1) as tf.GradSaveFunc),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const gradients = gradient(dy, saved);
      // The backward pass does not come back here: what it needed is free for what follows.
      tf.dispose([dy, ...saved]);
      return [...gradients, tf.clone(handle)];
    },
  }));
  return op(...inputs, handle) as T;
}

/**
 * Convolution without bias, [n, h, w, c] -> [n, h', w', filters].
 *
 * @param weight name of the kernel @param needsInput false where x is no layer's output: its gradient is not computed
 */
export function convLayer(
  x: tf.Tensor4D,
  parameters: FlatParameters,
  handle: tf.Scalar,
  weight: string,
  spec: { filters: number; kernel: number; stride: number; pad: number },
  needsInput: boolean,
): tf.Tensor4D {
  const g = squareGeometry(x.shape, spec.filters, spec.kernel, spec.stride, spec.pad);
  const at = parameters.at(weight);
  return onTape(
    needsInput ? [x] : [],
    handle,
    (save) => {
      const y = output<tf.Rank.R4>([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      launch(convForward(g, PLAIN, at), [x, parameters.values, y]);
      save([x]);
      return y;
    },
    (dy, [input]) => {
      const dw = convFilterGradient(g);
      const size = g.kernelHeight * g.kernelWidth * g.inChannels * g.outChannels;
      const partial = output([dw.splits, size]);
      launch(dw, [input as tf.Tensor, dy, partial]);
      launch(sumSplits(size, dw.splits, at), [partial, parameters.gradient]);
      partial.dispose();
      if (!needsInput) return [];
      const dx = output([...x.shape]);
      launch(convInputGradient(g, true, at), [dy, parameters.swapped, dx]);
      return [dx];
    },
  );
}

/**
 * Batch norm in training mode over all axes but the last, then the residual sum and the ReLU; moving statistics are moved
 * in place (Ioffe & Szegedy 2015; variances as in PyTorch).
 *
 * @param norm name of the layer, whose weights are `${norm}.gamma` and so on @param residual of x's shape, or null
 */
export function normLayer<T extends tf.Tensor>(
  x: T,
  residual: T | null,
  parameters: FlatParameters,
  handle: tf.Scalar,
  norm: string,
  relu: boolean,
): T {
  const channels = x.shape.at(-1) as number;
  const rows = x.size / channels;
  const at = (role: string) => parameters.at(`${norm}.${role}`);
  const places = {
    gamma: at('gamma'),
    beta: at('beta'),
    mean: at('mean'),
    variance: at('variance'),
  };
  const options = { residual: residual !== null, relu };
  const { shape } = x;
  return onTape(
    residual ? [x, residual] : [x],
    handle,
    (save) => {
      const partial = output([partsOf(rows, channels), 2, channels]);
      launch(normSums(rows, channels), [x, partial]);
      const saved = output([2, channels]);
      const y = output(shape) as T;
      launch(normApply(rows, channels, options, places), [
        x,
        partial,
        parameters.values,
        parameters.moving,
        saved,
        ...(residual ? [residual] : []),
        y,
      ]);
      partial.dispose();
      save(relu ? [x, saved, y] : [x, saved]);
      return y;
    },
    (dy, [input, statistics, y]) => {
      const [before, saved] = [input as tf.Tensor, statistics as tf.Tensor];
      const masks = relu ? [y as tf.Tensor] : [];
      const dz = residual && relu ? output(shape) : null;
      const partial = output([partsOf(rows, channels), 2, channels]);
      launch(normGradientSums(rows, channels, options), [
        dy,
        ...masks,
        before,
        saved,
        ...(dz ? [dz] : []),
        partial,
      ]);
      const dx = output(shape);
      const masked = relu && dz === null;
      launch(normGradientApply(rows, channels, masked, places), [
        dz ?? dy,
        ...(masked ? masks : []),
        before,
        saved,
        partial,
        parameters.values,
        parameters.gradient,
        dx,
      ]);
      partial.dispose();
      if (!residual) return [dx];
      return [dx, dz ?? tf.clone(dy)];
    },
  );
}

/** Dense layer with its activation, [n, inputs] -> [n, units]; weights `${name}.weight` and `${name}.bias`. */
export function denseLayer(
  x: tf.Tensor2D,
  parameters: FlatParameters,
  handle: tf.Scalar,
  name: string,
  units: number,
  activation: Activation,
  needsInput: boolean,
): tf.Tensor2D {
  const [rows, inputs] = x.shape;
  const at = { weight: parameters.at(`${name}.weight`), bias: parameters.at(`${name}.bias`) };
  const size = [rows, inputs, units] as const;
  return onTape(
    needsInput ? [x] : [],
    handle,
    (save) => {
      const y = output<tf.Rank.R2>([rows, units]);
      launch(denseForward(...size, activation, at), [x, parameters.values, y]);
      save(activation === 'linear' ? [x] : [x, y]);
      return y;
    },
    (dy, [input, y]) => {
      const through = activation === 'linear' ? [dy] : [dy, y as tf.Tensor];
      launch(denseWeightGradient(...size, activation, at), [
        ...through,
        input as tf.Tensor,
        parameters.gradient,
      ]);
      if (!needsInput) return [];
      const dx = output([rows, inputs]);
      launch(denseInputGradient(...size, activation, at), [...through, parameters.values, dx]);
      return [dx];
    },
  );
}

/** Global average pooling, [n, h, w, c] -> [n, c]. */
export function poolLayer(x: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, c] = x.shape;
  const op = tf.customGrad((...args: Args) => {
    const value = output<tf.Rank.R2>([n, c]);
    launch(poolForward(n, h * w, c), [args[0] as tf.Tensor, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor) => {
        const dx = output([n, h, w, c]);
        launch(poolGradient(n, h * w, c), [dy, dx]);
        dy.dispose();
        return dx;
      },
    };
  });
  return op(x) as tf.Tensor2D;
}
