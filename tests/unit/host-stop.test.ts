import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { spiralStudy } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { worker } from '../support/host';
import { choose, SMALL_MLP, student } from '../support/recipes';

/** Work before a run that is stopped, through the worker's messages. */

const training = spiralStudy.teacher;
if (training.source !== 'train') throw new Error('the study trains its teacher');
const teacher = { ...training, model: SMALL_MLP };
const quick = { ...teacher, steps: 20 };
const endless = { ...teacher, steps: 1_000_000 };
const MEAL = student(choose('method', 'meal-v2'), choose('sampler', 'none'), SMALL_MLP, 'MEAL');
const recipe: Recipe = {
  ...spiralStudy,
  teacher: quick,
  students: [MEAL],
  steps: 5,
  evaluation: { every: 5, images: 20, testImages: 20 },
};

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('[]')));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** How far a run's work had come when it was last told. */
function shareOf(told: readonly { run: number; share: number }[], run: number): number {
  return told.findLast((one) => one.run === run)?.share ?? NaN;
}

describe('stopped while teachers are trained', () => {
  it('ends in the middle of its work, says what is kept, and goes on from there', async () => {
    const { send, until, of, heard, stopped, doing } = await worker();
    const several: Recipe = { ...recipe, companions: [endless] };
    send({ type: 'prepare', run: 1, recipe: several });
    await until(doing('Training teacher 2 of 2'));
    send({ type: 'stop', run: 1 });
    await until(stopped(1));
    expect(shareOf(of('working'), 1)).toBeLessThan(1);
    expect(of('notice').at(-1)?.sentence).toBe(
      'Stopped (Training teacher 2 of 2). Kept: teacher 1 of 2; a run with the same settings goes on from there.',
    );
    expect(of('failed')).toEqual([]);
    const before = heard.length;
    send({ type: 'prepare', run: 2, recipe: { ...several, companions: [quick] } });
    await until((message) => message.type === 'prepared' && message.run === 2);
    const words = heard.slice(before).flatMap((m) => (m.type === 'working' ? [m.what] : []));
    expect(words).not.toContain('Training teacher 1 of 2');
    expect(words).toContain('Training teacher 2 of 2');
    send({ type: 'stop', run: 2 });
    await until(stopped(2));
  });

  it('says so where nothing is finished, and leaves a newer run alone', async () => {
    const { send, until, of, heard, stopped, doing } = await worker();
    send({ type: 'prepare', run: 1, recipe: { ...recipe, teacher: endless } });
    await until(doing('Training the teacher'));
    send({ type: 'stop', run: 1 });
    await until(stopped(1));
    expect(of('notice').at(-1)?.sentence).toBe(
      'Stopped (Training the teacher). Nothing was finished yet, so nothing is kept.',
    );
    // A run that takes another's place ends it in silence.
    send({ type: 'prepare', run: 2, recipe: { ...recipe, teacher: endless } });
    await until((message) => message.type === 'working' && message.run === 2);
    const before = heard.length;
    send({ type: 'prepare', run: 3, recipe });
    await until((message) => message.type === 'prepared' && message.run === 3);
    const late = heard.slice(before).filter((m) => 'run' in m && m.run === 2);
    expect(late.filter(({ type }) => type !== 'working')).toEqual([]);
  });

  it('is taken as it stands where a person says that it is enough, and is not kept for a next run', async () => {
    const { send, until, of, doing } = await worker();
    send({ type: 'prepare', run: 1, recipe: { ...recipe, teacher: endless } });
    await until(doing('Training the teacher'));
    send({ type: 'enough', run: 1 });
    await until((message) => message.type === 'prepared' && message.run === 1);
    expect(of('failed')).toEqual([]);
    send({ type: 'prepare', run: 2, recipe: { ...recipe, teacher: endless } });
    await until((m) => m.type === 'working' && m.run === 2 && m.what === 'Training the teacher');
    send({ type: 'enough', run: 2 });
    await until((message) => message.type === 'prepared' && message.run === 2);
  });

  it('a generation too, and the time left is told', async () => {
    const { send, until, of, stopped } = await worker();
    const long: Recipe = { ...recipe, steps: 1_000_000, generations: 2 };
    send({ type: 'prepare', run: 1, recipe: long });
    await until(
      (m) =>
        m.type === 'working' &&
        m.what === 'Training generation 1 of 2' &&
        m.secondsLeft !== null &&
        m.secondsLeft > 0,
    );
    send({ type: 'stop', run: 1 });
    await until(stopped(1));
    expect(shareOf(of('working'), 1)).toBeLessThan(1);
    expect(of('notice').at(-1)?.sentence).toContain('Kept: the teacher;');
  });
});
