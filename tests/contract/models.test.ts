import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { foldNorm } from '../../src/gpu/ops/norm';
import type { Model } from '../../src/models/contract';
import { drawWeights } from '../../src/models/net/draw';
import type { Weights } from '../../src/models/net/draw';
import { FrozenNetwork } from '../../src/models/net/frozen';
import type { Graph } from '../../src/models/net/graph';
import {
  countParameters,
  isGeneral,
  shapesOf,
  sizeOf,
  weightsOf,
} from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import { models } from '../../src/models/registry';
import { defaultsOf } from '../../src/recipe/fields';
import type { AnyValues } from '../../src/recipe/fields';
import { useCpu } from '../support/cpu';
import { expectClose, wave } from '../support/numbers';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf, weightsOf as readWeights } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

beforeAll(useCpu);

/** The model's defaults, with every list (widths, hidden layers) narrowed. */
function narrow(model: Model): AnyValues {
  const defaults = Object.entries(defaultsOf(model.params) as AnyValues);
  return Object.fromEntries(
    defaults.map(([key, value]) => [key, Array.isArray(value) ? value.map(() => 3) : value]),
  );
}

const dataOf = (model: Model) => (model.inputs.includes('image') ? imageTask() : planeTask());

function graphOf(model: Model): Graph {
  const data = dataOf(model);
  return model.graph(data.shape, data.classes.length, narrow(model));
}

/** Weights whose norms and statistics are not 0 and 1. */
function unevenWeights(graph: Graph): Weights {
  const drawn = drawWeights(graph, 4);
  return new Map(
    weightsOf(graph).map(({ name, shape, role }, i) => {
      const offset = role === 'gamma' || role === 'variance' ? 1 : 0;
      return [
        name,
        role === 'kernel' ? drawn.get(name)! : wave(shape, [0.7 + i / 10, i, 0.3, offset]),
      ];
    }),
  );
}

/** Inference node by node, as the graph reads: batch norm by its moving statistics, nothing fused. */
function plainInference(graph: Graph, weights: Weights, x: tf.Tensor): tf.Tensor {
  const values = new Map([['input', x]]);
  const shapes = new Map(weightsOf(graph).map(({ name, shape }) => [name, [...shape]]));
  const weight = (name: string) => tf.tensor(weights.get(name)!, shapes.get(name)!);
  for (const node of graph.nodes) {
    const input = values.get(node.input)!;
    const w = (part: string) => weight(`${node.name}.${part}`);
    if (isGeneral(node)) throw new Error('our own architectures have no general nodes');
    const run = {
      conv: () => {
        if (node.op !== 'conv') throw new Error('unreachable');
        const { stride, pad } = node;
        return tf.conv2d(input as tf.Tensor4D, w('weight') as tf.Tensor4D, stride, pad);
      },
      norm: () => tf.batchNorm(input, w('mean'), w('variance'), w('beta'), w('gamma'), 1e-5),
      relu: () => tf.relu(input),
      tanh: () => tf.tanh(input),
      add: () => tf.add(input, values.get('other' in node ? node.other : '')!),
      pool: () => tf.mean(input, [1, 2]),
      reshape: () => {
        if (node.op !== 'reshape') throw new Error('unreachable');
        return tf.reshape(input, [input.shape[0]!, ...node.shape]);
      },
      upsample: () => {
        const [, h = 0, w = 0] = input.shape;
        return tf.image.resizeNearestNeighbor(input as tf.Tensor4D, [2 * h, 2 * w]);
      },
      dense: () => tf.add(tf.matMul(input as tf.Tensor2D, w('weight') as tf.Tensor2D), w('bias')),
    }[node.op];
    values.set(node.name, run());
  }
  return values.get(graph.output)!;
}

describe.each(models.all())('$id', (model) => {
  it('learns by KD for three steps', async () => {
    const data = dataOf(model);
    const own = choose('model', model.id, narrow(model));
    const recipe = recipeOf([student(choose('method', 'kd'), choose('sampler', 'none'), own)]);
    const teacher = drawnTeacher(data, own);
    const trainer = trainerOf({ ...recipe, batch: 4 }, data, teacher);
    const [first] = await readWeights(trainer);
    const events = await eventsOf(trainer);
    expect(events.at(-1)).toEqual({ type: 'state', state: 'done' });
    const [last] = await readWeights(trainer);
    expect(last?.every(Number.isFinite)).toBe(true);
    // Every trainable weight tensor has moved, its batch norm statistics too.
    let at = 0;
    for (const { name, shape } of trainer.students[0]!.network.specs) {
      const range = [at, (at += sizeOf(shape))] as const;
      expect(last?.slice(...range), name).not.toEqual(first?.slice(...range));
    }
    trainer.dispose();
    teacher.dispose();
  });

  it('answers in inference mode as its graph says, batch norm folded or not', async () => {
    const graph = graphOf(model);
    const weights = unevenWeights(graph);
    const network = new Network(graph, weights);
    const frozen = new FrozenNetwork(graph, (name) => network.weight(name));
    const x = tf.tensor(wave([3, ...graph.input], [0.37, 0.2, 1]), [3, ...graph.input]);
    const logits = frozen.predict(x);
    expect(logits.shape).toEqual([3, dataOf(model).classes.length]);
    const wanted = tf.tidy(() => plainInference(graph, weights, x).dataSync());
    expectClose(await logits.data(), wanted, 1e-4);
    frozen.dispose();
    network.dispose();
  });

  it('gives what its taps name, in the shapes that the graph says', () => {
    const graph = graphOf(model);
    const shapes = shapesOf(graph);
    const network = new Network(graph, drawWeights(graph, 1));
    tf.tidy(() => {
      const { logits, taps } = network.forward(tf.zeros([2, ...graph.input]));
      expect(logits.shape).toEqual([2, ...shapes.get(graph.output)!]);
      expect(Object.keys(taps)).toEqual(Object.keys(graph.taps));
      expect(Object.keys(taps).length).toBeGreaterThan(0);
      for (const [tap, tensor] of Object.entries(taps))
        expect(tensor.shape.slice(1), tap).toEqual(shapes.get(graph.taps[tap]!));
    });
    network.dispose();
  });

  it('starts from its seed: the same weights again, others from another seed', () => {
    const graph = graphOf(model);
    const sizes = [...drawWeights(graph, 1).values()].map((values) => values.length);
    const trainable = weightsOf(graph).filter((spec) => spec.trainable);
    expect(trainable.reduce((sum, spec) => sum + sizeOf(spec.shape), 0)).toBe(
      countParameters(graph),
    );
    expect(sizes).toEqual(weightsOf(graph).map((spec) => sizeOf(spec.shape)));
    expect(drawWeights(graph, 1)).toEqual(drawWeights(graph, 1));
    expect(drawWeights(graph, 1)).not.toEqual(drawWeights(graph, 2));
  });

  it('pads explicitly: odd sizes keep half, rounded up, at each stride', () => {
    const data = dataOf(model);
    const input = data.shape.length === 1 ? [2] : [9, 7, 3];
    const graph = model.graph(input, 4, narrow(model));
    const shapes = shapesOf(graph);
    const convolutions = graph.nodes.flatMap((node) => (node.op === 'conv' ? [node] : []));
    for (const { name, input: before, stride } of convolutions) {
      const halved = shapes
        .get(before)!
        .slice(0, 2)
        .map((side) => Math.ceil(side / stride));
      expect(shapes.get(name)!.slice(0, 2), name).toEqual(halved);
    }
    expect(shapes.get(graph.output)).toEqual([4]);
  });
});

it('kernels start with the spread of their rule', () => {
  const graph = models
    .get('resnet8')
    .graph([32, 32, 3], 10, defaultsOf(models.get('resnet8').params));
  const weights = drawWeights(graph, 1);
  const spread = (name: string) => {
    const values = weights.get(name)!;
    return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  };
  // He by fan-out in front of a ReLU, Glorot's uniform elsewhere (its spread is the limit / sqrt 3).
  expect(spread('stage3.block1.conv1.weight')).toBeCloseTo(Math.sqrt(2 / (9 * 64)), 2);
  expect(spread('head.weight')).toBeCloseTo(Math.sqrt(6 / 74) / Math.sqrt(3), 1);
  expect(Math.max(...weights.get('head.weight')!)).toBeLessThanOrEqual(Math.sqrt(6 / 74));
});

it('folding is the scale and shift of batch norm', () => {
  tf.tidy(() => {
    const one = (value: number) => tf.tensor1d([value]);
    const { scale, shift } = foldNorm(one(2), one(3), one(0.5), one(4 - 1e-5));
    expectClose([...scale.dataSync(), ...shift.dataSync()], [1, 2.5], 1e-6);
  });
});

it('batch norm that follows no convolution is a scale and a shift', async () => {
  const graph: Graph = {
    input: [2, 2, 1],
    nodes: [{ op: 'norm', name: 'lonely', input: 'input' }],
    output: 'lonely',
    taps: {},
  };
  const values = { gamma: 2, beta: 3, mean: 0.5, variance: 4 - 1e-5 };
  const weight = (name: string) => tf.tensor1d([values[name.split('.')[1] as keyof typeof values]]);
  const network = new FrozenNetwork(graph, weight);
  const y = await network.predict(tf.tensor4d([0.5, 1.5, 2.5, -1.5], [1, 2, 2, 1])).data();
  expectClose([...y], [3, 4, 5, 1], 1e-6);
});
