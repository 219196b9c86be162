import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { checkRecipe } from '../../src/recipe/check';
import type { Teacher as RecipeTeacher } from '../../src/recipe/recipe';
import { teach } from '../../src/train/teach';
import { Teacher } from '../../src/train/teacher';
import { nonTargetGap } from '../../src/train/teacher-loss';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SGD, SMALL_MLP, student, TINY } from '../support/recipes';
import { planeTask } from '../support/tasks';

/** A teacher whose answers over the wrong classes are kept spread. */

beforeAll(useCpu);

const training = {
  source: 'train',
  model: SMALL_MLP,
  augment: 'none',
  pad: 0,
  batch: 10,
  steps: 30,
  optimizer: SGD,
} as const satisfies RecipeTeacher;

it('has answers that are nearer to even than those of one taught by labels alone', async () => {
  const data = planeTask();
  const gapOf = async (nonTargetEntropy: number) => {
    const taught = await teach({ ...training, nonTargetEntropy }, data, 3, () => Promise.resolve());
    const teacher = new Teacher('small', taught.graph, taught.weights);
    const gap = tf.tidy(() => {
      const x = tf.tensor2d(data.train.x as Float32Array, [data.train.count, 2]);
      const targets = tf.oneHot(tf.tensor1d([...data.train.y], 'int32'), 3);
      const logits = teacher.ask(x);
      return nonTargetGap(logits, tf.cast(targets, 'float32') as tf.Tensor2D).dataSync()[0];
    });
    teacher.dispose();
    return gap ?? NaN;
  };
  const [plain, spread] = [await gapOf(0), await gapOf(3)];
  expect(plain).toBeGreaterThan(0.05);
  expect(spread).toBeLessThan(0.5 * plain);
});

it('is zero for two classes, and for answers that are even', () => {
  const gap = (logits: number[][], targets: number[][]) =>
    tf.tidy(() => nonTargetGap(tf.tensor2d(logits), tf.tensor2d(targets)).dataSync()[0]);
  expect(gap([[3, -1]], [[1, 0]])).toBeCloseTo(0, 6);
  expect(gap([[9, 2, 2, 2]], [[1, 0, 0, 0]])).toBeCloseTo(0, 6);
});

it('is refused with a clear sentence where its weight is out of range', () => {
  const problemsOf = (nonTargetEntropy: number) =>
    checkRecipe(
      recipeOf([student(choose('method', 'kd'), undefined, TINY)], {
        task: { id: 'shapes', params: {} },
        transfer: 60,
        teacher: { ...training, model: TINY, nonTargetEntropy },
      }),
      catalogue,
    ).problems;
  expect(problemsOf(0.5)).toEqual([]);
  expect(problemsOf(-1)).toEqual([
    'teacher.nonTargetEntropy is -1, allowed is a number from 0 to 10.',
  ]);
});
