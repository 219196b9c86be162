import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compressions } from '../../src/compression/registry';
import { shareAfter, smallestMasks } from '../../src/compression/magnitude';
import {
  factorConv,
  factorDense,
  numbersIn,
  withFactors,
} from '../../src/compression/parts/factors';
import { importance, innerLayers, largest, narrowed } from '../../src/compression/parts/narrow';
import { tableOf } from '../../src/compression/parts/table';
import { disposeConstants } from '../../src/gpu/constants';
import { drawWeights } from '../../src/models/net/draw';
import type { Weights } from '../../src/models/net/draw';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { countMacs, countParameters, weightsOf } from '../../src/models/net/graph';
import type { Graph, Node, WeightSpec } from '../../src/models/net/graph';
import { models } from '../../src/models/registry';
import { checkRecipe } from '../../src/recipe/check';
import type { RunEvent } from '../../src/recipe/events';
import { spiralStudy } from '../../src/recipe/presets';
import { Random } from '../../src/recipe/random';
import type { Choice, Student } from '../../src/recipe/recipe';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { expectClose, wave } from '../support/numbers';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

beforeAll(useCpu);

const DEEP_MLP = choose('model', 'mlp', { hidden: [8, 6] });
const DEEP = choose('model', 'tinyconv', { widths: [4, 6, 6] });
const RESNET = choose('model', 'resnet8half', { widths: [3, 4, 6, 8], stemStride: 2 });

const spec = (shape: readonly number[]): WeightSpec => ({
  name: 'w',
  shape,
  role: 'kernel',
  trainable: true,
  fanIn: 1,
  fanOut: 1,
  after: 'linear',
});

/** A network with weights that are all different, statistics included. */
function network(model: Choice): { graph: Graph; weights: Weights } {
  const shape = model.id === 'mlp' ? [2] : [8, 8, 3];
  const graph = models.get(model.id).graph(shape, 3, model.params);
  const random = Random.from(5, 'test');
  const weights = new Map(
    [...drawWeights(graph, 7)].map(([name, values]) => {
      const odd = /\.(gamma|beta|mean|variance|bias)$/.test(name);
      return [name, odd ? values.map((value) => value + random.range(0.1, 0.6)) : values];
    }),
  );
  return { graph, weights };
}

function answers({ graph, weights }: { graph: Graph; weights: Weights }): Float32Array {
  return tf.tidy(() => {
    const shapes = new Map(weightsOf(graph).map(({ name, shape }) => [name, shape]));
    const frozen = new FrozenNetwork(graph, (name) =>
      tf.tensor(weights.get(name)!, [...shapes.get(name)!]),
    );
    return frozen
      .predict(tf.tensor(wave([4, ...graph.input], [0.77, 0.1, 1, 0]), [4, ...graph.input]))
      .dataSync() as Float32Array;
  });
}

describe('bytes of a stored layer', () => {
  it.each([
    [4, 1, 7.996],
    [2, 1, 15.996],
    [4, 4, 31.759],
  ])('%s bits for every %s weights of 270,000', (bits, dim, ratio) => {
    const { bytes } = tableOf(spec([270, 1000]), { bits, dim });
    expect((4 * 270_000) / bytes).toBeCloseTo(ratio, 2);
  });

  it('a layer that the dimension does not divide has single weights', () => {
    expect(tableOf(spec([3, 3]), { bits: 2, dim: 4 })).toEqual({
      k: 4,
      dim: 1,
      count: 9,
      bytes: 3 + 16,
    });
  });
});

describe('pruning by magnitude', () => {
  it('takes exactly the wanted share, the smallest of all layers', () => {
    const lists = [wave([70], [1.7, 0.3, 1, 0]), wave([30], [2.3, 0.1, 0.2, 0])];
    const masks = smallestMasks(lists, 0.45);
    const sizes = (kept: number) =>
      lists.flatMap((list, i) => [...list].filter((_, at) => masks[i]![at] === kept).map(Math.abs));
    expect(sizes(0).length).toBe(45);
    expect(Math.max(...sizes(0))).toBeLessThanOrEqual(Math.min(...sizes(1)));
    expect(smallestMasks([Float32Array.of(1, 1, 1, 1)], 0.5)[0]).toEqual(
      Float32Array.of(0, 0, 1, 1),
    );
  });

  it('reaches its goal in the last round, by equal parts of what is left', () => {
    expect([0, 1, 2].map((turn) => shareAfter(turn, 3, 0.875))).toEqual([0.5, 0.75, 0.875]);
  });
});

describe('a network without some channels', () => {
  it.each([
    ['resnet8half', RESNET, ['conv1', 'conv1', 'conv1']],
    ['tinyconv', DEEP, ['conv', 'conv', 'conv']],
    ['mlp', DEEP_MLP, ['hidden1', 'hidden2']],
  ])('answers as %s does with those channels at zero', (_, model, endings) => {
    const whole = network(model);
    const inner = innerLayers(whole.graph, false);
    expect(inner.map(({ from }) => from.split('.').at(-1))).toEqual(endings);
    const kept = new Map(
      inner.map((layer, i) => {
        const values = importance(layer, whole.weights, i === 0 ? 'gamma' : 'weights');
        return [layer, largest(values, Math.ceil(layer.channels / 2))] as const;
      }),
    );
    const masked = new Map(whole.weights);
    for (const [{ from, norms, channels }, places] of kept)
      for (const name of norms.length > 0
        ? norms.flatMap((norm) => [`${norm}.gamma`, `${norm}.beta`])
        : [`${from}.weight`, `${from}.bias`])
        masked.set(
          name,
          masked.get(name)!.map((value, i) => (places.includes(i % channels) ? value : 0)),
        );
    const narrow = narrowed(whole.graph, whole.weights, kept);
    expectClose(answers(narrow), answers({ ...whole, weights: masked }), 1e-5);
    expect(Math.abs(answers(narrow)[0]! - answers(whole)[0]!)).toBeGreaterThan(1e-3);
    expect(countMacs(narrow.graph)).toBeLessThan(countMacs(whole.graph));
    expect(numbersIn(narrow.weights)).toBe(
      weightsOf(narrow.graph).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    );
  });

  it('keeps what a tap names where the method reads it', () => {
    expect(innerLayers(network(DEEP).graph, true)).toEqual([]);
    expect(innerLayers(network(RESNET).graph, true).length).toBe(3);
  });

  it('drops the smallest', () => {
    expect(largest(Float64Array.of(3, 1, 2, 5), 2)).toEqual([0, 3]);
  });
});

describe('a network of low rank', () => {
  const factorAll = (share: number) => {
    const whole = network(RESNET);
    const { graph, weights } = whole;
    const factored = withFactors(graph, weights, (node, inputs) =>
      node.op === 'conv'
        ? factorConv(node, inputs, weights, share)
        : factorDense(node, inputs, weights, share),
    );
    return { whole, factored };
  };

  it('answers alike at full rank, and otherwise at a lower one', () => {
    const { whole, factored } = factorAll(1);
    expectClose(answers(factored), answers(whole), 1e-4);
    expect(factored.graph.nodes.length).toBeGreaterThan(whole.graph.nodes.length);
    expect(Math.abs(answers(factorAll(0.3).factored)[0]! - answers(whole)[0]!)).toBeGreaterThan(
      1e-3,
    );
  });

  it('has as many weights as the formula says', () => {
    const conv: Extract<Node, { op: 'conv' }> = {
      op: 'conv',
      name: 'c',
      input: 'input',
      filters: 10,
      kernel: 3,
      stride: 2,
      pad: 1,
    };
    const weights = new Map([['c.weight', wave([3, 3, 8, 10], [0.7, 0.2, 1, 0])]]);
    const { weights: found, nodes } = factorConv(conv, 8, weights, 0.5);
    expect(numbersIn(found)).toBe(8 * 4 + 9 * 4 * 5 + 5 * 10);
    expect(countParameters({ input: [8, 8, 8], nodes, output: 'c', taps: {} })).toBe(
      numbersIn(found),
    );
    const point = factorConv(
      { ...conv, kernel: 1, pad: 0 },
      8,
      new Map([['c.weight', wave([8, 10], [0.7, 0.2, 1, 0])]]),
      0.5,
    );
    expect(numbersIn(point.weights)).toBe(8 * 4 + 4 * 10);
  });

  it('a kernel that is of low rank is met exactly', () => {
    // Three directions of inputs and of outputs: rank 3 of 6 loses nothing.
    const [a, b] = [wave([6, 3], [1.3, 0.2, 1, 0]), wave([3, 6], [0.9, 1, 1, 0])];
    const middle = wave([9, 3, 3], [0.37, 0.4, 1, 0]);
    const full = Float32Array.from({ length: 9 * 36 }, (_, at) => {
      const [t, i, o] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6];
      let sum = 0;
      for (let p = 0; p < 3; p++)
        for (let q = 0; q < 3; q++)
          sum += a[i * 3 + p]! * middle[t * 9 + p * 3 + q]! * b[q * 6 + o]!;
      return sum;
    });
    const nodes: Node[] = [
      { op: 'conv', name: 'c', input: 'input', filters: 6, kernel: 3, stride: 1, pad: 1 },
      { op: 'pool', name: 'pool', input: 'c' },
    ];
    const graph: Graph = { input: [8, 8, 6], nodes, output: 'pool', taps: {} };
    const weights = new Map([['c.weight', full]]);
    const found = withFactors(graph, weights, (node, inputs) =>
      node.op === 'conv' ? factorConv(node, inputs, weights, 0.5) : null,
    );
    expectClose(answers(found), answers({ graph, weights }), 1e-4);
  });
});

const compressed = (id: string, model: Choice, params = {}, method = 'kd'): Student => ({
  ...student(choose('method', method), choose('sampler', 'none'), model, id),
  compression: choose('compression', id, params),
});

/** A short run of some students; what they are at the end, and what was told. */
async function runOf(students: readonly Student[], more = {}) {
  const plane = students[0]!.model.id === 'mlp';
  const data = plane ? planeTask() : imageTask();
  const teacher = drawnTeacher(data, students[0]!.model);
  const trainer = trainerOf(recipeOf(students, { steps: 6, batch: 6, ...more }), data, teacher);
  const events = await eventsOf(trainer, undefined, { evaluate: true });
  const tested = events.find((event) => event.type === 'tested') as Extract<
    RunEvent,
    { type: 'tested' }
  >;
  const points = events.flatMap((event) => (event.type === 'evaluated' ? [event.point] : []));
  return { trainer, teacher, tested, points };
}

/** Values of every kernel of a frozen student, but for the first and the last. */
function storedKernels(frozen: FrozenNetwork): Float32Array[] {
  const kernels = frozen.tensors().filter(({ shape }) => shape.length === 2);
  const found = kernels.slice(1, -1).map((tensor) => tensor.dataSync() as Float32Array);
  frozen.dispose();
  return found;
}

const all = compressions.all().map(({ id }) => id);
/** Those that change the numbers of a network and leave its layers. */
const inPlace = compressions
  .all()
  .filter(({ kind }) => kind === 'during' || kind === 'after')
  .map(({ id }) => id);

describe.each(['kd', 'fitnets'])('every compression runs with %s', (method) => {
  it('and says what is left', { timeout: 120_000 }, async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const students = all.map((id) => compressed(id, RESNET, {}, method));
    const { trainer, teacher, tested, points } = await runOf(students, {
      averageDecay: 0.9,
      steps: 4,
    });
    const sizes = new Map(all.map((id, i) => [id, tested.footprints![i]!]));
    const { bytes, macs } = sizes.get('none')!;
    sizes.delete('none');
    for (const [id, size] of sizes) expect(size.bytes, id).toBeLessThan(bytes);
    for (const id of ['filters', 'low-rank']) expect(sizes.get(id)!.macs, id).toBeLessThan(macs);
    for (const id of inPlace) expect(sizes.get(id)!.macs, id).toBe(macs);
    const last = points.at(-1)!;
    for (const one of [...last.students, ...last.averaged!, ...tested.students])
      for (const value of Object.values(one)) expect(value).toSatisfy(Number.isFinite);
    expect(last.spreads!.map((spread) => spread?.layer ?? null)).toEqual(
      all.map((id) => (inPlace.includes(id) ? 'stage3.block1.conv2.weight' : null)),
    );
    const dkm = last.spreads![all.indexOf('dkm')]!;
    expect(dkm.levels.length).toBeLessThanOrEqual(4);
    expect(dkm.learnt.reduce((a, b) => a + b, 0)).toBe(3 * 3 * 8 * 8);
    trainer.dispose();
    teacher.dispose();
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is evaluated is what would be stored', () => {
  it.each([
    ['dkm', { bits: 2 }, 4],
    ['kmeans', { bits: 2 }, 4],
    ['dkm', { bits: 1 }, 2],
    ['kmeans-tuned', { bits: 2 }, 4],
  ])('%s %o has at most %i values a layer', async (id, params, k) => {
    const { trainer } = await runOf([compressed(id, DEEP_MLP, params)]);
    const [kernel] = storedKernels(trainer.students[0]!.freeze());
    expect(new Set(kernel).size).toBeGreaterThan(1);
    expect(new Set(kernel).size).toBeLessThanOrEqual(k);
    expect(trainer.students[0]!.footprint.bytes).toBe(
      4 * (16 + 8 + 6 + 18 + 3) + (48 * params.bits) / 8 + k * 4,
    );
    trainer.dispose();
  });

  it.each(['qat', 'quantise'])('%s has at most three values a channel at 2 bits', async (id) => {
    const { trainer } = await runOf([compressed(id, DEEP_MLP, { bits: 2 })]);
    const [kernel] = storedKernels(trainer.students[0]!.freeze());
    for (let channel = 0; channel < 6; channel += 1)
      expect(new Set([...kernel!].filter((_, i) => i % 6 === channel)).size).toBeLessThanOrEqual(3);
    expect(trainer.students[0]!.footprint.bytes).toBe(4 * (16 + 8 + 6 + 18 + 3) + 12 + 6 * 4);
    trainer.dispose();
  });

  it('pruned weights are zero, exactly the wanted share, and stay so', async () => {
    const params = { sparsity: 0.75, rounds: 2, start: 0.2 };
    const { trainer } = await runOf([compressed('magnitude', DEEP_MLP, params)]);
    const [kernel] = storedKernels(trainer.students[0]!.freeze());
    expect(kernel!.filter((value) => value === 0).length).toBe(36);
    expect(trainer.students[0]!.footprint.bytes).toBe(4 * (16 + 8 + 6 + 18 + 3) + 12 * 4 + 6);
    trainer.dispose();
  });

  it('until its start a student trains as it would without, and differs from then on', async () => {
    const plain = student(choose('method', 'kd'), choose('sampler', 'none'), DEEP_MLP, 'plain');
    const names = ['dkm', 'qat', 'magnitude', 'filters', 'low-rank'];
    const students = names.map((id) => compressed(id, DEEP_MLP, { start: 0.5 }));
    const { points, trainer } = await runOf([plain, ...students], {
      steps: 8,
      evaluation: { every: 4, images: 20, testImages: 20 },
    });
    const at = (step: number) => points.find((point) => point.step === step)!.students;
    for (const one of at(4)) expect(one).toEqual(at(4)[0]);
    at(8)
      .slice(1)
      .forEach((one, i) => expect(one, names[i]).not.toEqual(at(8)[0]));
    trainer.dispose();
  });
});

it('a gradient reaches the weights behind shared values', async () => {
  const { trainer } = await runOf([compressed('dkm', DEEP_MLP, { start: 0, bits: 1 })], {
    steps: 1,
  });
  const before = drawWeights(trainer.students[0]!.network.graph, 1).get('hidden2.weight')!;
  const after = (await trainer.students[0]!.network.read()).get('hidden2.weight')!;
  expect(after.filter((value, i) => value !== before[i]).length).toBe(48);
  trainer.dispose();
});

describe('what cannot be compressed is refused with a sentence', () => {
  it.each([
    [
      'no layer between the ends',
      compressed('dkm', choose('model', 'mlp', { hidden: [5] })),
      'no layer between',
    ],
    [
      'nothing to take out',
      compressed('filters', DEEP, {}, 'fitnets'),
      'no channels that could be taken out',
    ],
    [
      'a rank that saves nothing',
      compressed('low-rank', DEEP_MLP, { rank: 1 }),
      'no layer of the student would become smaller',
    ],
  ])('%s', async (_, one, words) => {
    await expect(runOf([one])).rejects.toThrow(words);
  });
});

describe('in a recipe', () => {
  const withCompression = (compression: unknown) => ({
    ...spiralStudy,
    students: spiralStudy.students.map((one) => ({ ...one, compression })),
  });

  it('a compression has its defaults, and none is needed', () => {
    const { recipe } = checkRecipe(withCompression({ id: 'dkm' }), catalogue);
    expect(recipe?.students[0]?.compression).toMatchObject({
      id: 'dkm',
      params: { bits: 2, start: 0.5 },
    });
    expect(checkRecipe(spiralStudy, catalogue).recipe).toEqual(spiralStudy);
  });

  it('a wrong one is refused with what is allowed', () => {
    const { problems } = checkRecipe(
      withCompression({ id: 'qat', params: { bits: 1 } }),
      catalogue,
    );
    expect(problems.join(' ')).toContain('allowed is a whole number from 2 to 8');
    expect(checkRecipe(withCompression({ id: 'zip' }), catalogue).problems.join(' ')).toContain(
      'dkm',
    );
  });
});
