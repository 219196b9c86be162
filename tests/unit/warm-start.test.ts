import { beforeAll, describe, expect, it } from 'vitest';
import type { Student } from '../../src/recipe/recipe';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, trainerOf, weightsOf } from '../support/runs';
import { planeTask } from '../support/tasks';

beforeAll(useCpu);

const data = planeTask();
const STEPS = 10;
const half = choose('sampler', 'interpolation', { share: 0.5 });
const KD = student(choose('method', 'kd', { alpha: 0.5 }), half, SMALL_MLP, 'KD');
const warm = (one: Student, warmStart: number): Student => ({ ...one, warmStart });

/** Weights, terms and teacher calls after each step. */
async function course(one: Student) {
  const teacher = drawnTeacher(data, SMALL_MLP);
  const trainer = trainerOf(recipeOf([one], { steps: STEPS, batch: 2 }), data, teacher);
  await trainer.prepare();
  const weights: number[][] = [];
  const terms: string[][] = [];
  const calls: number[] = [];
  while (trainer.step < STEPS) {
    await trainer.takeStep();
    weights.push(...(await weightsOf(trainer)));
    const [point] = await trainer.trainPoints();
    terms.push(Object.keys(point!.terms));
    calls.push(teacher.calls);
  }
  trainer.dispose();
  teacher.dispose();
  return { weights, terms, calls };
}

describe('a warm start', () => {
  it('is ERM bit for bit on rows with a label, and the method afterwards', async () => {
    const share = choose('sampler', 'interpolation', { share: 0 });
    const labels = student(choose('method', 'erm'), share, SMALL_MLP);
    const erm = await course(labels);
    const kd = await course(warm({ ...KD, sampler: share }, 0.4));
    expect(kd.weights.slice(0, 4)).toEqual(erm.weights.slice(0, 4));
    expect(kd.weights[4]).not.toEqual(erm.weights[4]);
    expect(new Set(kd.terms.slice(0, 4).map(String))).toEqual(new Set(['ce']));
    expect(new Set(kd.terms.slice(4).map(String))).toEqual(new Set(['ce,kl']));
  });

  it('asks the teacher nothing before its method begins', async () => {
    const { calls } = await course(warm(KD, 0.4));
    expect(calls.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(calls.slice(4)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('learns nothing from rows without a label', async () => {
    const taught = await course(warm(KD, 0.9));
    // With half of the labels, the same as KD by its label term alone.
    const alone = await course({ ...KD, method: choose('method', 'kd', { alpha: 0 }) });
    expect(taught.weights.slice(0, 9)).toEqual(alone.weights.slice(0, 9));
  });

  it('of no length changes nothing', async () => {
    expect((await course(warm(KD, 0))).weights).toEqual((await course(KD)).weights);
  });
});
