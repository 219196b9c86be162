import { beforeAll, expect, it } from 'vitest';
import { fence } from '../../src/gpu/fence';
import type { Student } from '../../src/recipe/recipe';
import { useBackend } from '../support/backends';
import type { Kind } from '../support/kinds';
import { everyMethodOn, kinds, kindsAndSamplers } from '../support/kinds';
import { recipeOf } from '../support/recipes';
import { drawnTeacher, trainerOf, weightsOf } from '../support/runs';

/** More rows than the set has: some stand in every batch twice, and batches cross epochs. */
const BATCH = 14;
const TRANSFER = 10;
const STEPS = 6;

beforeAll(async () => {
  await useBackend('webgpu');
});

/** The losses of all steps and the last weights. */
async function bits(kind: Kind, students: readonly Student[], subgroups: boolean) {
  const { data, model } = kinds[kind];
  const teacher = drawnTeacher(data, model);
  teacher.companions = [drawnTeacher(data, model, 7)];
  const more = { steps: STEPS, batch: BATCH, transfer: TRANSFER, subgroups, averageDecay: 0.9 };
  const trainer = trainerOf(recipeOf(students, more), data, teacher);
  await trainer.prepare();
  const losses: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    await trainer.takeStep();
    await fence();
    losses.push((await trainer.trainPoints()).map(({ loss }) => loss));
  }
  const weights = await weightsOf(trainer);
  trainer.dispose();
  teacher.dispose();
  return { losses, weights };
}

it.each(kindsAndSamplers)(
  'the same seed gives the same bits: $title',
  async ({ kind, sampler }) => {
    const students = everyMethodOn(kind, sampler, sampler.id === 'none' ? {} : { share: 0.5 });
    const subgroups = kind === 'plane';
    const first = await bits(kind, students, subgroups);
    const second = await bits(kind, students, subgroups);
    for (const [i, { name }] of students.entries()) {
      expect(
        second.losses.map((step) => step[i]),
        name,
      ).toEqual(first.losses.map((step) => step[i]));
      expect(second.weights[i], name).toEqual(first.weights[i]);
    }
  },
);
