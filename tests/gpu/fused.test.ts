import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { crossEntropy, distillationKl } from '../../src/gpu/ops/losses';
import { drawWeights } from '../../src/models/net/draw';
import { FlatNetwork } from '../../src/models/net/flat';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { GraphBuilder, sizeOf } from '../../src/models/net/graph';
import type { Graph } from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import { decoderOf, encoderOf } from '../../src/models/generator/vae';
import { models } from '../../src/models/registry';
import { Random } from '../../src/recipe/random';
import { useBackend } from '../support/backends';

/**
 * Networks in our kernels against the same networks in tfjs's own kernels on the cpu backend, over shapes that do not fit
 * any tile: forward, loss, every weight's gradient, moving statistics, logits in inference mode.
 */

beforeAll(async () => {
  await useBackend('webgpu');
});

interface Outcome {
  readonly loss: number;
  readonly logits: readonly number[];
  readonly gradients: ReadonlyMap<string, readonly number[]>;
  readonly weights: ReadonlyMap<string, readonly number[]>;
  readonly inference: readonly number[];
}

const noise = (size: number, label: string, scale = 1): Float32Array => {
  const random = Random.from(7, label);
  return Float32Array.from({ length: size }, () => random.normal() * scale);
};

function weightsFor(graph: Graph): Map<string, Float32Array> {
  const weights = new Map(drawWeights(graph, 5));
  // Gammas, betas and biases away from 1 and 0, so that a forgotten one shows.
  for (const [name, values] of weights)
    if (/gamma|beta|bias/.test(name))
      weights.set(
        name,
        noise(values.length, name, 0.3).map((v) => v + (name.endsWith('gamma') ? 1 : 0)),
      );
  return weights;
}

const inputs = (graph: Graph, batch: number) => {
  const shape = [batch, ...graph.input];
  return tf.tensor(noise(sizeOf(shape), 'x'), shape);
};

function lossOf(logits: tf.Tensor2D): tf.Scalar {
  const [n, classes] = logits.shape;
  const teacher = tf.tensor2d(noise(n * classes, 'teacher', 2), [n, classes]);
  const labels = tf.oneHot(
    Array.from({ length: n }, (_, i) => i % classes),
    classes,
  ) as tf.Tensor2D;
  const hard = crossEntropy(logits, tf.cast(labels, 'float32'));
  return tf.add(tf.mul(distillationKl(logits, teacher, 3), 9), tf.mul(hard, 0.5)) as tf.Scalar;
}

async function onCpu(graph: Graph, batch: number): Promise<Outcome> {
  await tf.setBackend('cpu');
  const network = new Network(graph, weightsFor(graph));
  const x = inputs(graph, batch);
  let logits: tf.Tensor2D | null = null;
  const trainable = network.trainable();
  const { value, grads } = tf.variableGrads(
    () => {
      logits = tf.keep(network.forward(x).logits);
      return lossOf(logits);
    },
    trainable.map(({ variable }) => variable),
  );
  const gradients = new Map<string, readonly number[]>();
  for (const { spec, variable } of trainable)
    gradients.set(spec.name, [...((await grads[variable.name]?.data()) ?? [])]);
  const frozen = new FrozenNetwork(graph, (name) => network.weight(name));
  return {
    loss: (await value.data())[0] as number,
    logits: [...(await (logits as unknown as tf.Tensor).data())],
    gradients,
    weights: listed(await network.read()),
    inference: [...(await frozen.predict(x).data())],
  };
}

async function onGpu(graph: Graph, batch: number): Promise<Outcome> {
  await tf.setBackend('webgpu');
  const network = new FlatNetwork(graph, weightsFor(graph));
  const x = inputs(graph, batch);
  let logits: tf.Tensor2D | null = null;
  const loss = () => {
    logits = tf.keep(network.forward(x).logits);
    return lossOf(logits);
  };
  const { value } = tf.variableGrads(loss, [...network.trained()]);
  const gradients = new Map<string, readonly number[]>();
  for (const { name, trainable } of network.specs)
    if (trainable) gradients.set(name, [...(await network.parameters.gradientOf(name).data())]);
  const frozen = new FrozenNetwork(graph, (name) => network.weight(name));
  return {
    loss: (await value.data())[0] as number,
    logits: [...(await (logits as unknown as tf.Tensor).data())],
    gradients,
    weights: listed(await network.read()),
    inference: [...(await frozen.predict(x).data())],
  };
}

const listed = (weights: ReadonlyMap<string, Float32Array>) =>
  new Map([...weights].map(([name, values]) => [name, [...values]]));

/** Largest difference, relative to the largest value wanted. */
function error(found: readonly number[], wanted: readonly number[]): number {
  expect(found.length).toBe(wanted.length);
  const scale = Math.max(...wanted.map(Math.abs), 1e-3);
  return Math.max(...wanted.map((value, i) => Math.abs((found[i] as number) - value))) / scale;
}

function odd(
  input: readonly [number, number, number],
  widths: readonly [number, number],
  kernel: number,
  stride: number,
): Graph {
  const b = new GraphBuilder();
  let at = b.conv('stem', 'input', widths[0], kernel, stride);
  at = b.activate('relu', 'stem.out', b.norm('stem.norm', at));
  const main = b.norm('main.norm', b.conv('main', at, widths[1], 3, stride));
  const short = b.norm('short.norm', b.conv('short', at, widths[1], 1, stride));
  at = b.activate('relu', 'block', b.add('sum', main, short));
  const second = b.norm('second.norm', b.conv('second', at, widths[1], kernel, 1));
  // A sum without a ReLU behind it, and a normalisation without a convolution before it.
  const sum = b.add('second.sum', second, at);
  const output = b.dense('head', b.pool('pool', b.conv('bare', sum, 5, 1, 1)), 3);
  return { input, nodes: b.nodes, output, taps: { block: at } };
}

const model = (id: string, input: readonly number[], classes: number, params = {}) => {
  const found = models.get(id);
  const defaults = Object.fromEntries(
    Object.entries(found.params).map(([name, field]) => [name, field.default]),
  );
  return found.graph(input, classes, { ...defaults, ...params });
};

/** A generator's decoder, its images as rows. */
function decoder(): Graph {
  const made = decoderOf([8, 4, 3], 3, { latent: 2, widths: [3, 5, 4] });
  const b = new GraphBuilder();
  const output = b.reshape('rows', made.output, [8 * 4 * 3]);
  return { ...made, nodes: [...made.nodes, ...b.nodes], output };
}

const cases: readonly (readonly [string, Graph, number])[] = [
  ['channels 3 to 5 to 6, 7x9, stride 2', odd([7, 9, 3], [5, 6], 3, 2), 2],
  ['1x1 images', odd([1, 1, 2], [3, 4], 3, 1), 4],
  ['batch 1, 5x5 kernels', odd([6, 5, 4], [7, 2], 5, 1), 1],
  ['8x8 kernels of 1, stride 3', odd([8, 8, 1], [4, 9], 1, 3), 3],
  ['rows of 12 and 17 channels', odd([3, 12, 17], [16, 8], 3, 1), 2],
  ['a decoder', decoder(), 3],
  ['an encoder', encoderOf([8, 4, 3], { latent: 2, widths: [3, 5, 4] }), 4],
  ['MLP', model('mlp', [2], 3, { hidden: [6, 5] }), 9],
  ['tiny convnet', model('tinyconv', [8, 8, 3], 10, { widths: [4, 8] }), 3],
  ['ResNet-8', model('resnet8', [8, 8, 3], 10, { widths: [4, 4, 8, 8], stemStride: 1 }), 2],
];

for (const [title, graph, batch] of cases)
  test(`a network in our kernels equals tfjs's: ${title}`, async () => {
    const wanted = await onCpu(graph, batch);
    const found = await onGpu(graph, batch);
    expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-4 * Math.abs(wanted.loss));
    expect(error(found.logits, wanted.logits)).toBeLessThan(1e-4);
    expect(error(found.inference, wanted.inference)).toBeLessThan(1e-4);
    expect([...found.gradients.keys()]).toEqual([...wanted.gradients.keys()]);
    // What comes through several batch norms is a small difference of large sums: float32 leaves a little less of it.
    for (const [name, values] of wanted.gradients)
      expect(error(found.gradients.get(name) ?? [], values), name).toBeLessThan(3e-4);
    for (const [name, values] of wanted.weights)
      expect(error(found.weights.get(name) ?? [], values), name).toBeLessThan(1e-5);
  });
