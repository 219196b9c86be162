import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../support/backends';
import { useCpu } from '../support/cpu';
import { expectRelative } from '../support/numbers';
import { layersModels, trainingPass } from '../support/reference-models';
import { noise } from '../support/reference-run';

/**
 * What tfjs computes with our kernels in its registry, against what it computed on cpu before they were registered: this
 * file is a process of its own, and gradients are registered for all backends at once.
 */

const TOLERANCE = 1e-4;

const drawn = (label: string, ...shape: number[]) =>
  tf.tensor(noise(tf.util.sizeFromShape(shape), label), shape);

/** A function's value and its gradients for all inputs, for a dy that is not even. */
function throughout(f: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: tf.Tensor[]): tf.Tensor[] {
  const y = f(...inputs);
  const dy = tf.tensor(noise(y.size, 'dy'), y.shape);
  return [y, ...tf.grads(f)(inputs, dy)];
}

const conv =
  (strides: number | [number, number], pad: Parameters<typeof tf.conv2d>[3], dilations = 1) =>
  (x: tf.Tensor, w: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, 'NHWC', dilations);

const fused = (activation: 'linear' | 'relu' | 'relu6', bias: tf.Tensor, dilations = 1) =>
  tf.fused.conv2d({
    x: drawn('x', 2, 5, 6, 3) as tf.Tensor4D,
    filter: drawn('w', 3, 3, 3, 4) as tf.Tensor4D,
    strides: 1,
    pad: 'same',
    dilations,
    bias,
    activation,
  });

const x4 = () => drawn('x', 2, 7, 8, 5);
const batchNorm =
  (...shape: number[]) =>
  () =>
    throughout(
      (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.01,
        ),
      drawn('x', ...shape),
      drawn('mean', shape.at(-1)!),
      tf.add(1, tf.abs(drawn('variance', shape.at(-1)!))),
      drawn('offset', shape.at(-1)!),
      drawn('scale', shape.at(-1)!),
    );

const axes = [0, 1, 2, 3, [0, 2], [1, 2], [0, 1, 2], [0, 3], [1, 3], undefined];
const reductions = axes.flatMap((axis) =>
  ([tf.mean, tf.sum] as const).map((reduce, i): [string, () => tf.Tensor[]] => [
    `${i === 0 ? 'mean' : 'sum'} over ${axis === undefined ? 'everything' : String(axis)}`,
    () => throughout((x) => reduce(x, axis, i === 0), x4()),
  ]),
);

/** Everything is called once on stock cpu and once on WebGPU. */
const operations: readonly (readonly [string, () => tf.Tensor | tf.Tensor[]])[] = [
  ['convolution, same', () => throughout(conv(1, 'same'), x4(), drawn('w', 3, 3, 5, 4))],
  ['convolution, valid', () => throughout(conv(2, 'valid'), x4(), drawn('w', 2, 2, 5, 4))],
  ['strides by axis', () => throughout(conv([2, 1], 'same'), x4(), drawn('w', 2, 3, 5, 3))],
  [
    'explicit padding',
    () =>
      throughout(
        conv(1, [
          [0, 0],
          [2, 0],
          [1, 3],
          [0, 0],
        ]),
        x4(),
        drawn('w', 3, 3, 5, 2),
      ),
  ],
  // Not ours: these go to tfjs's kernels.
  ['dilation', () => conv(1, 'same', 2)(x4(), drawn('w', 3, 3, 5, 2))],
  ['a kernel of 12 columns', () => throughout(conv(1, 'same'), x4(), drawn('w', 1, 12, 5, 2))],
  [
    'transposed convolution',
    () =>
      throughout(
        (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 11, 9, 3], 2, 'same'),
        drawn('x', 2, 6, 5, 4),
        drawn('w', 3, 3, 3, 4),
      ),
  ],
  ['fused convolution', () => fused('linear', drawn('b', 4))],
  ['fused convolution with ReLU', () => fused('relu', drawn('b', 4))],
  ['fused convolution with ReLU6', () => fused('relu6', drawn('b', 4))],
  ['fused convolution with one bias for all', () => fused('relu', tf.scalar(0.3))],
  ['fused and dilated', () => fused('relu', drawn('b', 4), 2)],
  ...reductions,
  ['mean of one value', () => throughout((x) => tf.mean(x!), drawn('x', 1))],
  [
    'mean over axes of size 1',
    () => throughout((x) => tf.mean(x!, [0, 2]), drawn('x', 1, 3, 1, 4)),
  ],
  ['many sums', () => tf.sum(drawn('x', 2, 70, 4100), 1)],
  ['sums of many rows', () => tf.sum(drawn('x', 3, 999, 4), 1)],
  ['a sum of whole numbers', () => tf.sum(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'), 0)],
  ['batch norm of images', batchNorm(2, 5, 4, 6)],
  ['batch norm of rows', batchNorm(9, 3)],
  [
    'batch norm by place',
    () =>
      throughout(
        (x, mean, scale) =>
          tf.batchNorm2d(
            x as tf.Tensor2D,
            mean as tf.Tensor2D,
            tf.onesLike(x!) as tf.Tensor2D,
            tf.zerosLike(x!) as tf.Tensor2D,
            scale as tf.Tensor2D,
          ),
        drawn('x', 4, 3),
        drawn('mean', 4, 3),
        drawn('scale', 4, 3),
      ),
  ],
  [
    'the gradient of a gradient',
    () => {
      const inner = tf.grad((x) => tf.square(tf.sum(tf.square(x))));
      const mean = tf.grad((x) => tf.square(tf.mean(tf.square(x))));
      return tf.grad((x) => tf.add(tf.sum(tf.square(inner(x))), tf.sum(tf.square(mean(x)))))(
        drawn('x', 3, 2),
      );
    },
  ],
  [
    'the gradient of a gradient through batch norm',
    () => {
      const statistic = drawn('mean', 2) as tf.Tensor1D;
      const ones = tf.onesLike(statistic);
      const inner = tf.grad((x) =>
        tf.sum(tf.square(tf.square(tf.batchNorm(x, statistic, ones, statistic, ones)))),
      );
      return tf.grad((x) => tf.sum(tf.square(inner(x))))(drawn('x', 3, 2));
    },
  ],
];

const names = Object.keys(layersModels) as (keyof typeof layersModels)[];
const wantedValues = new Map<string, readonly (readonly number[])[]>();
const wantedPasses = new Map<string, ReadonlyMap<string, readonly number[]>>();
const gradients = ['Mean', 'Sum', 'FusedBatchNorm'];
/** tfjs's gradients before and after the reference values were made, and then those in use. */
const registered: unknown[][] = [];

const gradientsNow = () => gradients.map((name) => tf.getGradient(name).gradFunc);

async function valuesOf(compute: () => tf.Tensor | tf.Tensor[]): Promise<number[][]> {
  const found = tf.tidy(compute);
  const tensors = Array.isArray(found) ? found : [found];
  const lists: number[][] = [];
  for (const tensor of tensors) lists.push([...(await tensor.data())]);
  tf.dispose(tensors);
  return lists;
}

beforeAll(async () => {
  registered.push(gradientsNow());
  await useCpu();
  for (const [title, compute] of operations) wantedValues.set(title, await valuesOf(compute));
  for (const name of names) wantedPasses.set(name, await trainingPass(name));
  registered.push(gradientsNow());
  await useBackend('webgpu');
  registered.push(gradientsNow());
});

it('the values to compare with were made by tfjs alone', () => {
  const [before, after, used] = registered as [unknown[], unknown[], unknown[]];
  expect(after).toEqual(before);
  for (const [i, gradient] of used.entries()) expect(gradient, gradients[i]).not.toBe(before[i]);
});

it.each(operations)('%s', async (title, compute) => {
  const found = await valuesOf(compute);
  const wanted = wantedValues.get(title)!;
  expect(found.length).toBe(wanted.length);
  for (const [i, values] of wanted.entries())
    expectRelative(found[i]!, values, TOLERANCE, i === 0 ? 'value' : `gradient ${i}`);
});

describe.each(names)('a training pass of tf.layers: %s', (name) => {
  it('is that of stock tfjs on cpu', async () => {
    const found = await trainingPass(name);
    const wanted = wantedPasses.get(name)!;
    expect([...found.keys()]).toEqual([...wanted.keys()]);
    expect(found.size).toBeGreaterThan(6);
    for (const [key, values] of wanted) expectRelative(found.get(key)!, values, TOLERANCE, key);
  });
});

it('kernels and gradients give back what they needed', async () => {
  const backend = tf.backend() as unknown as { numDataIds(): number };
  const leftover = async () => {
    for (const [, compute] of operations) await valuesOf(compute);
    return [backend.numDataIds(), tf.memory().numTensors];
  };
  const after = await leftover();
  expect(await leftover()).toEqual(after);
});

describe('on another backend', () => {
  beforeAll(useCpu);

  it('gradients are tfjs’s own, to the bit', async () => {
    for (const [title, compute] of operations) {
      const wanted = wantedValues.get(title)!;
      for (const [i, values] of (await valuesOf(compute)).entries())
        expectRelative(values, wanted[i]!, 0, title);
    }
    for (const name of names)
      for (const [key, values] of await trainingPass(name))
        expectRelative(values, wantedPasses.get(name)!.get(key)!, 0, `${name}: ${key}`);
  });
});
