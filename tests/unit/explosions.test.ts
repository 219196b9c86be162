import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { surroundings } from '../../cli/support/surroundings';
import { disposeConstants } from '../../src/gpu/constants';
import type { RunEvent } from '../../src/recipe/events';
import { presets } from '../../src/recipe/presets';
import type { Optimizer, Recipe } from '../../src/recipe/recipe';
import { Control } from '../../src/train/control';
import { loadTask, loadTeacher } from '../../src/train/prepare';
import { train } from '../../src/train/train';
import { Trainer } from '../../src/train/trainer';
import { useCpu } from '../support/cpu';

beforeAll(useCpu);

const around = surroundings(undefined, () => undefined);
const evaluation = { every: 50, images: 200, testImages: 500 };

/** A preset with another optimizer, as a link names it. */
function preset(id: string, optimizer: Partial<Optimizer>, steps: number): Recipe {
  const found = presets.find((one) => one.id === id);
  if (!found) throw new Error(`there is no preset ${id}`);
  const { recipe } = found;
  // What the teacher knows is not what is tested.
  const teacher =
    recipe.teacher.source === 'train' ? { ...recipe.teacher, steps: 100 } : recipe.teacher;
  return {
    ...recipe,
    teacher,
    steps,
    evaluation,
    optimizer: { ...recipe.optimizer, ...optimizer },
  };
}

/** Runs a recipe as the page does; what it told, what it threw, and the tensors that it left behind. */
async function ran(recipe: Recipe): Promise<{ events: RunEvent[]; thrown: unknown; left: number }> {
  const data = await loadTask(recipe, around);
  disposeConstants();
  const before = tf.memory().numTensors;
  const teacher = await loadTeacher(recipe, data, around);
  const trainer = new Trainer(recipe, data, teacher, around);
  const events: RunEvent[] = [];
  let thrown: unknown = null;
  try {
    const options = { stage: true, evaluate: true, pause: () => Promise.resolve() };
    for await (const event of train(trainer, new Control('running'), options)) events.push(event);
  } catch (error) {
    thrown = error;
  }
  trainer.dispose();
  teacher.dispose();
  disposeConstants();
  return { events, thrown, left: tf.memory().numTensors - before };
}

describe('a run that comes apart stops before it has a result', () => {
  it.each<[string, Partial<Optimizer>, number]>([
    ['spiral', { rate: 1000, schedule: 'constant' }, 2500],
    ['spiral', { rate: 1000 }, 2500],
    ['spiral', { rate: 1000, schedule: 'constant' }, 12],
    ['spiral', { kind: 'sgd', rate: 1000 }, 2500],
    ['spiral', { kind: 'sgd', rate: 100 }, 2500],
    ['spiral', { kind: 'sgd', rate: 5 }, 2500],
    ['curve', { rate: 1000 }, 1500],
  ])(
    '%s with %j, %d steps',
    async (id, optimizer, steps) => {
      const { events, thrown, left } = await ran(preset(id, optimizer, steps));
      expect(thrown).toMatchObject({ code: 'E_DIVERGED', rate: 'students' });
      expect(events.some(({ type }) => type === 'tested')).toBe(false);
      const at = events.findIndex(({ type }) => type === 'exploded');
      const exploded = events[at];
      if (exploded?.type !== 'exploded') throw new Error('no last good figures were told');
      expect(exploded.good.step).toBeLessThan(exploded.step);
      for (const figures of exploded.good.students)
        for (const value of Object.values(figures)) expect(Number.isFinite(value)).toBe(true);
      // Then what these weights look like and answer.
      const shown = events.slice(at + 1);
      const kinds = shown.map(({ type }) => type);
      expect(kinds).toContain(id === 'curve' ? 'line' : 'plane');
      const shownAt = new Set(shown.flatMap((event) => ('step' in event ? [event.step] : [])));
      expect([...shownAt]).toEqual([exploded.good.step]);
      expect(left).toBe(0);
    },
    180_000,
  );
});

describe('a run that learns is left alone', () => {
  it.each<[string, Partial<Optimizer>, number]>([
    ['spiral', {}, 200],
    ['spiral', { rate: 0.3 }, 200],
    ['spiral', { kind: 'sgd', rate: 1 }, 200],
    ['spiral', { kind: 'sgd', rate: 0.5, warmup: 50 }, 200],
    ['curve', {}, 200],
    ['curve', { rate: 0.1 }, 400],
    ['grid', {}, 60],
  ])(
    '%s with %j, %d steps',
    async (id, optimizer, steps) => {
      const { events, thrown, left } = await ran(preset(id, optimizer, steps));
      expect(thrown).toBeNull();
      expect(events.at(-1)).toEqual({ type: 'state', state: 'done' });
      expect(left).toBe(0);
    },
    180_000,
  );
});
