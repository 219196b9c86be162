import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { fence } from '../../src/gpu/fence';
import type { RunEvent } from '../../src/recipe/events';
import { Control } from '../../src/train/control';
import { train } from '../../src/train/train';
import { useBackend } from '../support/backends';
import { choose, recipeOf, SGD, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, quiet, trainerOf, weightsOf } from '../support/runs';
import { planeTask } from '../support/tasks';

beforeAll(async () => {
  await useBackend('webgpu');
});

const none = choose('sampler', 'none');
const students = [
  student(choose('method', 'erm'), none, SMALL_MLP),
  student(choose('method', 'xcl'), choose('sampler', 'interpolation'), SMALL_MLP),
];
const evaluation = { every: 20, images: 20, testImages: 20 };

it('replayed steps that come apart end the run with the last good weights, and leave no tensor behind', async () => {
  const data = planeTask();
  disposeConstants();
  const before = tf.memory().numTensors;
  const teacher = drawnTeacher(data, SMALL_MLP);
  const optimizer = { ...SGD, rate: 1000, weightDecay: 0 };
  const trainer = trainerOf(
    recipeOf(students, { optimizer, evaluation, steps: 300 }),
    data,
    teacher,
  );
  const events: RunEvent[] = [];
  const options = { stage: true, evaluate: true, pause: quiet.pause };
  const run = async () => {
    for await (const event of train(trainer, new Control('running'), options)) events.push(event);
  };
  await expect(run()).rejects.toMatchObject({ code: 'E_DIVERGED', rate: 'students' });
  const exploded = events.find((event) => event.type === 'exploded');
  expect(exploded?.good.students.every(({ kl = NaN }) => Number.isFinite(kl))).toBe(true);
  expect(events.at(-1)).toMatchObject({ type: 'plane', step: exploded?.good.step });
  trainer.dispose();
  teacher.dispose();
  disposeConstants();
  expect(tf.memory().numTensors).toBe(before);
});

it('what is kept of good weights stays as it was while replayed steps go on, and does not add up', async () => {
  const data = planeTask();
  const teacher = drawnTeacher(data, SMALL_MLP);
  const trainer = trainerOf(recipeOf(students, { evaluation, steps: 400 }), data, teacher);
  await trainer.prepare();
  const stepTo = async (end: number) => {
    while (trainer.step < end) {
      await trainer.takeStep();
      await fence();
      await trainer.watch();
    }
  };
  await stepTo(20);
  expect(trainer.replays).toBe(true);
  const { point } = await trainer.evaluate(0);
  const then = await weightsOf(trainer);
  // A reading comes by itself before the ring is full; after it these weights have proved good.
  await stepTo(64);
  const counts: number[] = [];
  for (const end of [100, 150, 200]) {
    await stepTo(end);
    counts.push(tf.memory().numTensors);
  }
  expect(new Set(counts).size).toBe(1);
  expect(await weightsOf(trainer)).not.toEqual(then);
  const rescued = await trainer.rescue();
  expect(rescued.step).toBe(20);
  expect(rescued.students).toEqual(point.students);
  expect(trainer.replays).toBe(true);
  trainer.dispose();
  teacher.dispose();
});
