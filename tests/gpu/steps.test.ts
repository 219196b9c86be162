import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { methods } from '../../src/methods/registry';
import { classMethods } from '../support/methods';
import type { RunEvent } from '../../src/recipe/events';
import type { Student } from '../../src/recipe/recipe';
import { useBackend } from '../support/backends';
import { expectClose, expectRelative } from '../support/numbers';
import { choose, recipeOf, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf } from '../support/runs';
import { oneStep, oneStepOnCpu } from '../support/steps';
import { planeTask } from '../support/tasks';

/** The data for methods that learn from labels, mixed rows for the others. */
const samplerFor = (method: string) =>
  choose('sampler', methods.get(method).needs.labels === 'hard' ? 'none' : 'interpolation');

const arms = (model: typeof TINY): Student[] =>
  classMethods
    .filter(({ needs }) => model === TINY || !needs.maps)
    .map(({ id }) => student(choose('method', id), samplerFor(id), model));

const resnet = (id: string, stemStride = 2) =>
  student(
    choose('method', 'kd'),
    choose('sampler', 'none'),
    choose('model', id, { widths: [4, 4, 6, 8], stemStride }),
    `stem stride ${stemStride}`,
  );

const studentsOf = (event: Extract<RunEvent, { type: 'evaluated' | 'tested' }>) =>
  event.type === 'tested' ? event.students : event.point.students;

/** DIST divides by the spread of a column of four rows, which makes rounding larger. */
const TOLERANCES: Readonly<Record<string, number>> = { dist: 5e-4 };

/** The step must change every weight by the same amount as on cpu, up to 1e-4 of that weight's largest change. */
async function expectLikeCpu(one: Student): Promise<void> {
  const wanted = await oneStepOnCpu(one);
  const found = await oneStep(one);
  expect([...found.changes.keys()]).toEqual([...wanted.changes.keys()]);
  for (const [name, change] of wanted.changes) {
    expect(
      change.some((value) => value !== 0),
      `${name} moves`,
    ).toBe(true);
    const tolerance = TOLERANCES[one.method.id] ?? 1e-4;
    expectRelative(found.changes.get(name)!, change, tolerance, name);
  }
  expectClose(Object.values(found.terms), Object.values(wanted.terms), 1e-4, 'terms');
}

describe('one step on wasm is one step on cpu', () => {
  beforeAll(async () => {
    await useBackend('wasm');
  });

  it.each([
    ...arms(TINY),
    ...arms(SMALL_MLP),
    resnet('resnet8half'),
    resnet('resnet8half', 1),
    resnet('resnet14'),
  ])('$model.id: $name', expectLikeCpu);
});

describe('one step on webgpu is one step on cpu', () => {
  beforeAll(async () => {
    await useBackend('webgpu');
  });

  it.each([...arms(TINY), ...arms(SMALL_MLP), resnet('resnet8half')])(
    '$model.id: $name',
    expectLikeCpu,
  );

  it('a whole run shows finite figures and keeps no tensors', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const data = planeTask();
    const teacher = drawnTeacher(data, SMALL_MLP);
    const xcl = student(choose('method', 'xcl'), samplerFor('xcl'), SMALL_MLP);
    const trainer = trainerOf(recipeOf([xcl], { steps: 5 }), data, teacher);
    const events = await eventsOf(trainer, undefined, { evaluate: true });
    expect(events.at(-1)).toEqual({ type: 'state', state: 'done' });
    const figures = events.flatMap((event) =>
      event.type === 'evaluated' || event.type === 'tested' ? [...studentsOf(event)] : [],
    );
    expect(figures.length).toBeGreaterThan(2);
    for (const value of figures.flatMap((one) => Object.values(one) as number[]))
      expect(value).toSatisfy(Number.isFinite);
    trainer.dispose();
    teacher.dispose();
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});
