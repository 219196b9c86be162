import * as tf from '@tensorflow/tfjs';
import { COMMON, useArithmetic } from './kernels/arithmetic';
import type { Arithmetic } from './kernels/arithmetic';
import {
  convFilterGradient,
  convForward,
  convInputGradient,
  PLAIN,
  sumSplits,
} from './kernels/conv';
import { squareGeometry } from './kernels/geometry';
import { hasKernels, launch, output } from './kernels/launch';
import { crossEntropy } from './ops/losses';

/** Features that a device is asked for where its adapter has them. */
export const OPTIONAL_FEATURES: readonly GPUFeatureName[] = [
  'timestamp-query',
  'shader-f16',
  'subgroups',
];

/** Largest error against common arithmetic that half precision may have in the check, relative to the largest value. */
const HALF_TOLERANCE = 0.01;
const TOLERANCE = 1e-5;

export interface Wanted {
  readonly half: boolean;
  readonly subgroups: boolean;
}

/**
 * Switches kernels to what a run asked for, as far as the device can do it and does it right.
 *
 * @returns one sentence for each wish that is not met
 */
export async function startArithmetic(wanted: Wanted): Promise<readonly string[]> {
  useArithmetic(COMMON);
  const refused: string[] = [];
  let chosen = COMMON;
  const consider = async (
    next: Arithmetic,
    feature: GPUFeatureName,
    what: string,
    allowed: number,
  ) => {
    const why = await whyNot(next, feature, allowed);
    if (why === null) chosen = next;
    else refused.push(`${what} is off, because ${why}.`);
  };
  if (wanted.half)
    await consider({ ...chosen, half: 'native' }, 'shader-f16', 'Half precision', HALF_TOLERANCE);
  if (wanted.subgroups)
    await consider({ ...chosen, subgroups: true }, 'subgroups', 'Summing by subgroups', TOLERANCE);
  useArithmetic(chosen);
  return refused;
}

async function whyNot(
  next: Arithmetic,
  feature: GPUFeatureName,
  allowed: number,
): Promise<string | null> {
  if (!hasKernels()) return 'it is there on WebGPU alone';
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  if (!device.features.has(feature)) return `this graphics adapter has no ${feature}`;
  const wanted = await trial();
  useArithmetic(next);
  const found = await trial().finally(() => useArithmetic(COMMON));
  const scale = Math.max(...wanted.map(Math.abs));
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (found[i] as number))));
  return worst <= allowed * scale && found.every(Number.isFinite)
    ? null
    : `this graphics adapter computes it wrongly (off by ${(worst / scale).toExponential(1)})`;
}

/** A convolution, both of its gradients, and a loss over some waves, one after the other. */
export async function trial(): Promise<readonly number[]> {
  const wave = (size: number, a: number) =>
    Float32Array.from({ length: size }, (_, i) => Math.sin(a * i));
  const g = squareGeometry([2, 6, 6, 5], 7, 3, 1, 1);
  const parts = tf.tidy(() => {
    const x = tf.tensor(wave(360, 0.7), [2, 6, 6, 5]);
    const w = tf.tensor(wave(315, 0.31), [3, 3, 5, 7]);
    const dy = tf.tensor(wave(504, 0.43), [2, 6, 6, 7]);
    const [y, dx, dw] = [output([2, 6, 6, 7]), output([2, 6, 6, 5]), output([3, 3, 5, 7])];
    const filter = convFilterGradient(g);
    const partial = output([filter.splits, 315]);
    launch(convForward(g, PLAIN), [x, w, y]);
    launch(convInputGradient(g, false), [dy, w, dx]);
    launch(filter, [x, dy, partial]);
    launch(sumSplits(315, filter.splits), [partial, dw]);
    const targets = tf.softmax(tf.tensor2d(wave(300, 1.3), [60, 5])) as tf.Tensor2D;
    const loss = crossEntropy(tf.tensor2d(wave(300, 0.9), [60, 5]), targets);
    return [y, dx, dw, loss];
  });
  const values = await Promise.all(parts.map((part) => part.data()));
  tf.dispose(parts);
  return values.flatMap((part) => [...part]);
}
