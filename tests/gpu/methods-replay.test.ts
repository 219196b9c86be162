import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { fence } from '../../src/gpu/fence';
import { methods } from '../../src/methods/registry';
import { useBackend } from '../support/backends';
import { choose, recipeOf, student, TINY } from '../support/recipes';
import { drawnTeacher, trainerOf } from '../support/runs';
import { imageTask } from '../support/tasks';

/** The first step makes pipelines, the second is watched, the third is recorded: the rest is replayed. */
const STEPS = 6;
/** Bytes that a step of the tiny convnet may keep bound: far less than the budget for real networks. */
const BYTES = 40e6;

const data = imageTask();

beforeAll(async () => {
  await useBackend('webgpu');
});

it.each(methods.all())('$id is replayed, in a bounded and constant room', async (method) => {
  const mixes = method.needs.labels === 'mixed' || method.needs.teacher === 'parents';
  const sampler = choose('sampler', mixes ? 'interpolation' : 'none', { augment: 'crop-flip' });
  const one = student(choose('method', method.id), sampler, TINY);
  const teacher = drawnTeacher(data);
  teacher.companions = [drawnTeacher(data, TINY, 7)];
  const trainer = trainerOf(recipeOf([one], { steps: STEPS, batch: 6 }), data, teacher);
  await trainer.prepare();
  const seen: { tensors: number; bytes: number }[] = [];
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await trainer.takeStep();
    await fence();
    const { numTensors, numBytesInGPU } = tf.memory() as tf.MemoryInfo & { numBytesInGPU: number };
    seen.push({ tensors: numTensors, bytes: numBytesInGPU });
    losses.push((await trainer.trainPoints())[0]?.loss ?? NaN);
  }
  expect(trainer.refusal).toBeNull();
  expect(trainer.replays).toBe(true);
  expect(new Set(losses).size).toBe(STEPS);
  expect(losses.every(Number.isFinite)).toBe(true);
  const [last, before] = [seen.at(-1), seen.at(-2)];
  expect(last).toEqual(before);
  expect(last?.bytes).toBeLessThan(BYTES);
  trainer.dispose();
  teacher.dispose();
});
