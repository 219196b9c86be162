import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { COMMON, halfProducts, useArithmetic } from '../../src/gpu/kernels/arithmetic';
import type { Recipe } from '../../src/recipe/recipe';
import { Control } from '../../src/train/control';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SGD, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

beforeAll(useCpu);

const ERM = choose('method', 'erm');
const KD = choose('method', 'kd');
const XCL = choose('method', 'xcl');
const NONE = choose('sampler', 'none');
const threeOn = (model: typeof TINY) => [
  student(ERM, NONE, model),
  student(KD, NONE, model),
  student(XCL, choose('sampler', 'interpolation', { select: 'uncertain' }), model),
];

/** A whole run with everything that the page shows; the tensors that are left when all is disposed of. */
async function leftovers(recipe: Recipe, more?: { control?: Control }): Promise<number> {
  const model = recipe.students[0]!.model;
  const data = model.id === 'mlp' ? planeTask() : imageTask();
  disposeConstants();
  const before = tf.memory().numTensors;
  const teacher = drawnTeacher(data, model);
  const trainer = trainerOf(recipe, data, teacher);
  try {
    await eventsOf(trainer, more?.control, { stage: true, evaluate: true });
  } finally {
    trainer.dispose();
    teacher.dispose();
    disposeConstants();
  }
  return tf.memory().numTensors - before;
}

it('half precision ends with the run that asked for it', () => {
  const data = planeTask();
  const teacher = drawnTeacher(data, SMALL_MLP);
  const trainer = trainerOf(recipeOf(threeOn(SMALL_MLP)), data, teacher);
  useArithmetic({ ...COMMON, half: 'rounded' });
  expect(halfProducts()).not.toBeNull();
  trainer.dispose();
  teacher.dispose();
  expect(halfProducts()).toBeNull();
});

describe('memory is back where it was', () => {
  it.each([TINY, SMALL_MLP])('after a run to its end: $id', async (model) => {
    const recipe = recipeOf(threeOn(model), { averageDecay: 0.9, steps: 10 });
    expect(await leftovers(recipe)).toBe(0);
  });

  it.each(['all', 'uncertain'])('after a run with a generator, rows kept: %s', async (select) => {
    const generated = choose('sampler', 'generator', { select });
    const recipe = recipeOf([student(KD, NONE), student(XCL, generated)], { steps: 4 });
    expect(await leftovers(recipe)).toBe(0);
  });

  it('after a run that was stopped', async () => {
    const control = new Control('running');
    control.stop();
    expect(await leftovers(recipeOf(threeOn(TINY)), { control })).toBe(0);
  });

  it('grows by nothing from step to step, evaluation and drawing included', async () => {
    const data = planeTask();
    const teacher = drawnTeacher(data, SMALL_MLP);
    const trainer = trainerOf(recipeOf(threeOn(SMALL_MLP), { averageDecay: 0.9 }), data, teacher);
    await trainer.prepare();
    const counts: number[] = [];
    for (let step = 0; step < 6; step += 1) {
      await trainer.takeStep();
      await trainer.evaluate(0);
      await trainer.look(3);
      await trainer.planes();
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts.slice(1)).size).toBe(1);
    await trainer.test();
    expect(tf.memory().numTensors).toBe(counts.at(-1));
    trainer.dispose();
    teacher.dispose();
  });
});

describe('a learning rate that is far too large', () => {
  const optimizer = { ...SGD, rate: 1000, weightDecay: 0.1 };
  const recipe = recipeOf([student(ERM, NONE, SMALL_MLP, 'Reckless')], { optimizer, steps: 400 });

  it('ends the run with a sentence that names the student', async () => {
    await expect(leftovers(recipe)).rejects.toMatchObject({
      code: 'E_DIVERGED',
      message: expect.stringMatching(/^The loss of Reckless (ran away|is no finite number).*\.$/),
      rate: 'students',
      hint: expect.stringContaining('learning rate'),
    });
  });

  it('and still leaves no tensor behind', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    await expect(leftovers(recipe)).rejects.toThrow('Reckless');
    expect(tf.memory().numTensors).toBe(before);
  });
});
