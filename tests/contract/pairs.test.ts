import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { methods } from '../../src/methods/registry';
import { checkRecipe } from '../../src/recipe/check';
import type { Choice, Teacher as RecipeTeacher } from '../../src/recipe/recipe';
import { samplers } from '../../src/samplers/registry';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SGD, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, trainerOf, weightsOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';
import { lineTask } from '../support/values';

const trained = (model: Choice): RecipeTeacher => ({
  source: 'train',
  model,
  augment: 'none',
  pad: 0,
  batch: 8,
  steps: 1,
  optimizer: SGD,
});

const kinds = {
  image: {
    task: 'shapes',
    model: TINY,
    data: imageTask(),
    teacher: { source: 'bundled', id: 'shapes-b' },
  },
  plane: {
    task: 'spiral',
    model: SMALL_MLP,
    data: planeTask(),
    teacher: { source: 'bundled', id: 'spiral' },
  },
  line: { task: 'curve', model: SMALL_MLP, data: lineTask(), teacher: trained(SMALL_MLP) },
} as const;

/** Pairs that teach nothing: what a mixed label or answer is mixed from, or a label, or a line of the memory, is not there. */
const FORBIDDEN = new Set([
  'ps-kd on interpolation',
  'ps-kd on cutmix',
  'ps-kd on other',
  'gaussian-nll on interpolation',
  'mse on interpolation',
  'crd on interpolation',
  'crd on cutmix',
  'crd on other',
  'erm on interpolation',
  'erm on cutmix',
  'mixup-erm on none',
  'mixup-erm on noise',
  'mixed-teacher on none',
  'mixed-teacher on noise',
  'erm on other',
  'mixup-erm on other',
  'mixed-teacher on other',
  'erm on generator',
  'ps-kd on generator',
  'crd on generator',
  'mixup-erm on generator',
  'mixed-teacher on generator',
]);

const pairs = (['image', 'plane', 'line'] as const).flatMap((kind) =>
  methods.all().flatMap((method) =>
    samplers.all().map((sampler) => {
      const name = `${method.id} on ${sampler.id}`;
      const fits =
        ((method.outputs ?? 'classes') === 'classes') === (kind !== 'line') &&
        (kind === 'image' || !method.needs.maps);
      const possible = fits && sampler.inputs.includes(kind) && !FORBIDDEN.has(name);
      return { kind, name, method: method.id, sampler: sampler.id, possible };
    }),
  ),
);
type Pair = (typeof pairs)[number];

function problemsOf({ kind, method, sampler }: Pair): readonly string[] {
  const { task, model, teacher } = kinds[kind];
  const choice = (id: string): Choice => ({ id, params: {} });
  const input = recipeOf([student(choice(method), choice(sampler), model)], {
    task: choice(task),
    transfer: 60,
    teacher,
  });
  return checkRecipe(input, catalogue).problems;
}

it.each(pairs.filter(({ possible }) => !possible))('$name is refused ($kind)', (pair) => {
  const problems = problemsOf(pair);
  expect(problems.length).toBeGreaterThan(0);
  for (const sentence of problems) expect(sentence).toMatch(/^students\.0\b.{20,}\.$/);
});

it('a pair is possible once nothing of it is mixed', () => {
  const { teacher, task, model } = kinds.image;
  const sampler = choose('sampler', 'cutmix', { share: 0 });
  const input = recipeOf([student(choose('method', 'erm'), sampler, model)], {
    task: { id: task, params: {} },
    transfer: 60,
    teacher,
  });
  expect(checkRecipe(input, catalogue).problems).toEqual([]);
});

describe.each(pairs.filter(({ possible }) => possible))('$name ($kind)', (pair) => {
  const { model, data } = kinds[pair.kind];
  const method = methods.get(pair.method);
  beforeAll(useCpu);

  it('is accepted', () => {
    expect(problemsOf(pair)).toEqual([]);
  });

  it('trains: finite terms, one teacher call a step, no tensor left over, the teacher untouched', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const teacher = drawnTeacher(data, model);
    const bytes = async () =>
      Promise.all(teacher.network.tensors().map(async (tensor) => [...(await tensor.data())]));
    const taught = await bytes();
    const sampler = choose('sampler', pair.sampler);
    const recipe = recipeOf([student(choose('method', pair.method), sampler, model)]);
    const trainer = trainerOf(recipe, data, teacher);
    await trainer.prepare();
    const [first] = await weightsOf(trainer);
    const tensors: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      await trainer.takeStep();
      tensors.push(tf.memory().numTensors);
    }
    expect(new Set(tensors.slice(1)).size).toBe(1);
    const [point] = await trainer.trainPoints();
    const terms = Object.entries(point?.terms ?? {});
    expect(terms.length).toBeGreaterThan(0);
    for (const [name, value] of terms) expect(Number.isFinite(value), name).toBe(true);
    const callsPerStep = { none: 0, logits: 1, parents: 2 }[method.needs.teacher];
    expect(teacher.calls).toBe(5 * callsPerStep);
    expect(await bytes()).toEqual(taught);
    const [last] = await weightsOf(trainer);
    expect(last).not.toEqual(first);
    expect(last?.every(Number.isFinite)).toBe(true);
    trainer.dispose();
    teacher.dispose();
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});
