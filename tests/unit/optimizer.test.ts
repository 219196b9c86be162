import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/models/registry';
import { drawWeights } from '../../src/models/net/draw';
import { Network } from '../../src/models/net/network';
import { Optimizer, rateAt } from '../../src/train/optimizer';
import { useCpu } from '../support/cpu';
import { expectClose } from '../support/numbers';
import { recipeOf, SGD, SMALL_MLP, student, choose } from '../support/recipes';
import { drawnTeacher, trainerOf } from '../support/runs';
import { planeTask } from '../support/tasks';

describe('learning rate', () => {
  const cosine = { ...SGD, rate: 0.1, schedule: 'cosine', warmup: 0 } as const;

  it('falls along half a cosine from its full value to zero', () => {
    const rates = [0, 25, 50, 75, 100].map((step) => rateAt(cosine, step, 100));
    // 0.05 (1 + cos 45 degrees) and 0.05 (1 - cos 45 degrees) at the quarters.
    expectClose(rates, [0.1, 0.0853553391, 0.05, 0.0146446609, 0], 1e-9);
  });

  it('rises over the warm-up in equal parts, from the first step on', () => {
    const warm = { ...SGD, rate: 0.1, schedule: 'constant', warmup: 4 } as const;
    const rates = [0, 1, 2, 3, 4, 50].map((step) => rateAt(warm, step, 100));
    expectClose(rates, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1], 1e-9);
  });

  it('is the product of both', () => {
    const rate = rateAt({ ...cosine, warmup: 20 }, 9, 100);
    expect(rate).toBeCloseTo(0.1 * 0.5 * 0.5 * (1 + Math.cos(0.09 * Math.PI)), 12);
  });
});

describe('optimizer', () => {
  beforeAll(useCpu);
  const graph = models.get('mlp').graph([2], 3, SMALL_MLP.params);

  it('decays kernels and leaves biases alone', async () => {
    const network = new Network(graph, drawWeights(graph, 1));
    const optimizer = new Optimizer({ ...SGD, momentum: 0, weightDecay: 0.1 });
    const before = await network.read();
    const zeros = Object.fromEntries(
      network.trainable().map(({ variable }) => [variable.name, tf.zerosLike(variable)]),
    );
    optimizer.apply(network, zeros, 0.5);
    const after = await network.read();
    for (const { name, role } of network.specs) {
      const kept = role === 'kernel' ? 0.95 : 1;
      expectClose(
        after.get(name)!,
        before.get(name)!.map((w) => w * kept),
        1e-6,
        name,
      );
    }
    network.dispose();
  });

  it('refuses to step over a weight without a gradient', () => {
    const network = new Network(graph, drawWeights(graph, 1));
    expect(() => new Optimizer(SGD).apply(network, {}, 0.1)).toThrow('hidden1.weight');
    network.dispose();
  });

  it('frees its slots', async () => {
    const before = tf.memory().numTensors;
    const network = new Network(graph, drawWeights(graph, 1));
    for (const kind of ['sgd', 'adam'] as const) {
      const optimizer = new Optimizer({ ...SGD, kind });
      tf.tidy(() => {
        const ones = network
          .trainable()
          .map(({ variable }) => [variable.name, tf.onesLike(variable)]);
        optimizer.apply(network, Object.fromEntries(ones), 0.1);
      });
      optimizer.dispose();
    }
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weight average', () => {
  beforeAll(useCpu);
  const data = planeTask();

  it('follows the weights with a decay that grows to the one asked for', async () => {
    const teacher = drawnTeacher(data, SMALL_MLP);
    const students = [student(choose('method', 'erm'), choose('sampler', 'none'), SMALL_MLP)];
    const recipe = recipeOf(students, { averageDecay: 0.3, steps: 6 });
    const trainer = trainerOf(recipe, data, teacher);
    await trainer.prepare();
    const { network } = trainer.students[0]!;
    const wanted = await network.read();
    for (let step = 0; step < 6; step += 1) {
      await trainer.takeStep();
      const decay = step === 0 ? 0.1 : Math.min(0.3, (1 + step) / (10 + step));
      const weights = await network.read();
      // The first average starts from the weights after the first step.
      for (const [name, values] of wanted)
        values.forEach((value, i) => {
          const fresh = weights.get(name)![i]!;
          values[i] = step === 0 ? fresh : decay * value + (1 - decay) * fresh;
        });
    }
    const averaged = trainer.students[0]!.freezeAverage()!;
    const found = await Promise.all(averaged.tensors().map((tensor) => tensor.data()));
    const lists = [...wanted.values()];
    expect(found.length).toBe(lists.length);
    lists.forEach((list, i) => expectClose(found[i]!, list, 1e-5));
    averaged.dispose();
    const { point } = await trainer.evaluate(0);
    expect(point.averaged?.[0]?.nll).not.toBe(point.students[0]?.nll);
    trainer.dispose();
    teacher.dispose();
  });

  it('is not there where it is not asked for', async () => {
    const teacher = drawnTeacher(data, SMALL_MLP);
    const students = [student(choose('method', 'erm'), choose('sampler', 'none'), SMALL_MLP)];
    const trainer = trainerOf(recipeOf(students), data, teacher);
    await trainer.prepare();
    await trainer.takeStep();
    expect((await trainer.evaluate(0)).point.averaged).toBeNull();
    expect(trainer.students[0]!.freezeAverage()).toBeNull();
    trainer.dispose();
    teacher.dispose();
  });
});
