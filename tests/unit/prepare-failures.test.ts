import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import type { Recipe } from '../../src/recipe/recipe';
import { loadRun } from '../../src/train/load-run';
import type { Surroundings } from '../../src/train/prepare';
import { Stopped } from '../../src/train/stopped';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SGD, SMALL_MLP, student } from '../support/recipes';
import { planeTask } from '../support/tasks';

/** Whatever goes wrong while a run is prepared, and wherever: what was made by then is freed. */

/** One of so many tensors is tried: a prime, so that all layers of a network have their turn. */
const EVERY = 7;
const data = planeTask({ count: 20, held: 10 });
const trained = {
  source: 'train',
  model: SMALL_MLP,
  augment: 'none',
  pad: 0,
  batch: 8,
  steps: 2,
  optimizer: SGD,
} as const;

/** All that preparing knows: trained teachers and a generation, a generator, memories, auxiliaries, neighbours. */
const recipe: Recipe = recipeOf(
  [
    student(
      choose('method', 'xcl'),
      choose('sampler', 'generator', { from: 'training', training: 2, share: 0.5 }),
      SMALL_MLP,
    ),
    student(choose('method', 'crd'), choose('sampler', 'none'), SMALL_MLP),
    student(
      choose('method', 'meal-v2'),
      choose('sampler', 'interpolation', { pairs: 'neighbours', share: 0.5 }),
      SMALL_MLP,
    ),
  ],
  {
    transfer: 20,
    teacher: trained,
    companions: [trained],
    generations: 2,
    steps: 20,
    averageDecay: 0.9,
  },
);

const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  cards: [],
  sources: () => [],
  teacherFile: () => Promise.reject(new Error('there is none')),
  pause: () => Promise.resolve(),
  progress: () => undefined,
  ...more,
});

/** Loads and prepares the run, then frees it. */
async function prepareOnce(surroundings: Surroundings, asked = recipe): Promise<void> {
  const run = await loadRun(asked, data, surroundings);
  try {
    await run.trainer.prepare();
  } finally {
    run.dispose();
  }
}

/** Tensors that are left once a preparation is over, by the fault that was put into it. */
async function leftBy(work: () => Promise<void>): Promise<number> {
  disposeConstants();
  const before = tf.memory().numTensors;
  await work().catch(() => undefined);
  disposeConstants();
  return tf.memory().numTensors - before;
}

beforeAll(useCpu);
afterEach(() => vi.restoreAllMocks());

it('a run that was prepared and freed leaves nothing', async () => {
  disposeConstants();
  const before = tf.memory().numTensors;
  await prepareOnce(around());
  disposeConstants();
  expect(tf.memory().numTensors).toBe(before);
});

describe('a stop leaves nothing', () => {
  it('wherever it lets messages in', async () => {
    const stages: string[] = [];
    let stage = '';
    const progress = (what: string) => void (stage = what);
    await prepareOnce(around({ progress, pause: () => Promise.resolve(void stages.push(stage)) }));
    expect(stages.length).toBeGreaterThan(10);
    const left: string[] = [];
    for (const [at, doing] of stages.entries()) {
      let count = -1;
      const pause = () => ((count += 1) === at ? Promise.reject(new Stopped()) : Promise.resolve());
      const found = await leftBy(() => prepareOnce(around({ pause })));
      if (found !== 0) left.push(`${found} after pause ${at} (${doing})`);
    }
    expect(left).toEqual([]);
  });

  it('wherever it says how far it is', async () => {
    const told = new Set<string>();
    await prepareOnce(around({ progress: (what) => told.add(what) }));
    expect(told.size).toBeGreaterThan(5);
    for (const stage of told) {
      const progress = (what: string) => {
        if (what === stage) throw new Error(`${stage} failed`);
      };
      expect(await leftBy(() => prepareOnce(around({ progress }))), stage).toBe(0);
    }
  });
});

it('a tensor that cannot be made, any of them, leaves nothing', async () => {
  const engine = tf.engine();
  const make = engine.makeTensor.bind(engine);
  const differentiate = engine.gradients.bind(engine);
  let count = 0;
  let last = Infinity;
  // In the middle of a differentiated step tfjs itself keeps what it had saved for the way back.
  let inStep = false;
  vi.spyOn(engine, 'gradients').mockImplementation((...how) => {
    inStep = true;
    try {
      return differentiate(...how);
    } finally {
      inStep = false;
    }
  });
  vi.spyOn(engine, 'makeTensor').mockImplementation((...how) => {
    if (!inStep) count += 1;
    if (!inStep && count === last) throw new Error('no room');
    return make(...how);
  });
  await prepareOnce(around());
  const all = count;
  expect(all).toBeGreaterThan(200);
  const left: string[] = [];
  for (last = 1; last <= all; last += EVERY) {
    count = 0;
    const found = await leftBy(() => prepareOnce(around()));
    if (found !== 0) left.push(`${found} after tensor ${last} of ${all}`);
  }
  expect(left).toEqual([]);
});

it('a file that is not here leaves nothing', async () => {
  const bundled = { ...recipe, companions: [trained, { source: 'bundled', id: 'gone' } as const] };
  expect(await leftBy(() => prepareOnce(around(), bundled))).toBe(0);
});
