import { beforeAll, expect, it } from 'vitest';
import { fence } from '../../src/gpu/fence';
import { Trainer } from '../../src/train/trainer';
import { useBackend } from '../support/backends';
import { expectRelative } from '../support/numbers';
import { choose, recipeOf, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, quiet } from '../support/runs';
import { planeTask } from '../support/tasks';

const IDS = ['dkd', 'dist', 'logit-standard', 'function-matching', 'good-da'];
const STEPS = 7;

beforeAll(async () => {
  await useBackend('webgpu');
});

/** Every method on real and mixed rows; the fourth step on is replayed where `replay`. */
async function course(replay: boolean) {
  const data = planeTask();
  const sampler = choose('sampler', 'interpolation', { share: 0.5 });
  const arms = IDS.map((id) => {
    const params = id === 'dkd' ? { standardise: true, warmup: 0.5 } : {};
    return student(choose('method', id, params), sampler, SMALL_MLP);
  });
  const recipe = recipeOf(arms, { steps: STEPS, batch: 6 });
  const trainer = new Trainer(recipe, data, drawnTeacher(data, SMALL_MLP), quiet, replay);
  await trainer.prepare();
  while (trainer.step < STEPS) {
    await trainer.takeStep();
    await fence();
  }
  const weights = [];
  for (const { network } of trainer.students) weights.push(await network.read());
  const points = await trainer.trainPoints();
  const { refusal, replays } = trainer;
  trainer.dispose();
  trainer.teacher.dispose();
  return { weights, points, refusal, replays };
}

it('steps of the methods on logits are replayed as they are', async () => {
  const plain = await course(false);
  const replayed = await course(true);
  expect(replayed.refusal).toBe(null);
  expect([plain.replays, replayed.replays]).toEqual([false, true]);
  for (const [i, id] of IDS.entries()) {
    const terms = Object.values(plain.points[i]!.terms);
    expect(terms.every(Number.isFinite), id).toBe(true);
    expectRelative(Object.values(replayed.points[i]!.terms), terms, 1e-5, id);
    for (const [name, wanted] of plain.weights[i]!)
      expectRelative(replayed.weights[i]!.get(name)!, wanted, 1e-5, `${id} ${name}`);
  }
});
