import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fence } from '../../src/gpu/fence';
import { disposeConstants } from '../../src/gpu/constants';
import type { Student } from '../../src/recipe/recipe';
import { Trainer } from '../../src/train/trainer';
import { useBackend } from '../support/backends';
import { expectClose, expectRelative } from '../support/numbers';
import { choose, recipeOf, student, TINY } from '../support/recipes';
import { drawnTeacher, quiet } from '../support/runs';
import { oneStep, oneStepOnCpu } from '../support/steps';
import { imageTask } from '../support/tasks';

/** Steps with compressed weights: across backends, and replayed against one by one. */

const MLP = choose('model', 'mlp', { hidden: [8, 6] });

const compressed = (id: string, params = {}, model = TINY): Student => ({
  ...student(choose('method', 'kd'), choose('sampler', 'none'), model, id),
  compression: choose('compression', id, { start: 0, ...params }),
});

const STUDENTS = [
  compressed('dkm', { bits: 2 }),
  compressed('dkm', { bits: 1, dim: 2, softness: 0.2 }, MLP),
  compressed('qat', { bits: 3, keepEnds: false }),
  compressed('magnitude', { keepEnds: false }, MLP),
];

/** The step must change every weight by the same amount as on cpu, up to 1e-4 of that weight's largest change. */
async function expectLikeCpu(one: Student): Promise<void> {
  const wanted = await oneStepOnCpu(one);
  const found = await oneStep(one);
  const plain = await oneStepOnCpu({ ...one, compression: choose('compression', 'none') });
  const differs = [...wanted.changes].some(([name, change]) =>
    change.some((value, i) => Math.abs(value - plain.changes.get(name)![i]!) > 1e-3),
  );
  expect(differs, 'the compression changes the step').toBe(true);
  for (const [name, change] of wanted.changes)
    expectRelative(found.changes.get(name)!, change, 1e-4, name);
  expectClose(Object.values(found.terms), Object.values(wanted.terms), 1e-4, 'terms');
}

describe.each(['wasm', 'webgpu'] as const)('one compressed step on %s is one on cpu', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it.each(STUDENTS)('$model.id: $name', expectLikeCpu);
});

describe('replayed steps are the steps themselves', () => {
  beforeAll(async () => {
    await useBackend('webgpu');
  });

  const STEPS = 10;
  const SMALL = { every: 5, images: 4, testImages: 4 };
  const ALL = [
    compressed('dkm', { start: 0.4 }),
    compressed('magnitude', { start: 0.4, rounds: 2 }),
    compressed('low-rank', { start: 0.4 }),
  ];

  /** A run in which compressions set in when steps are replayed already, looked at in between as a run is. */
  async function course(replay: boolean) {
    const data = imageTask();
    const teacher = drawnTeacher(data, TINY);
    const trainer = new Trainer(
      recipeOf(ALL, { steps: STEPS, batch: 2, evaluation: SMALL }),
      data,
      teacher,
      quiet,
      replay,
    );
    await trainer.prepare();
    const losses: number[] = [];
    const replays: boolean[] = [];
    for (let step = 0; step < STEPS; step++) {
      await trainer.takeStep();
      await fence();
      replays.push(trainer.replays);
      for (const point of await trainer.trainPoints()) losses.push(point.loss);
      if (step === 4) await trainer.evaluate(0);
      if (step === 7) await trainer.look(2);
    }
    const { point } = await trainer.evaluate(0);
    const weights = [];
    for (const { network } of trainer.students) weights.push(await network.read());
    const { refusal } = trainer;
    trainer.dispose();
    teacher.dispose();
    return { losses, replays, weights, point, refusal };
  }

  it('through the beginning of every compression', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const plain = await course(false);
    const replayed = await course(true);
    expect(plain.replays).not.toContain(true);
    expect(replayed.refusal).toBeNull();
    // Recorded anew after the fourth step, and after the seventh, when more weights are pruned.
    const recorded = [2, 3, 6, 9];
    expect(replayed.replays).toEqual(plain.replays.map((_, step) => recorded.includes(step)));
    expectClose(replayed.losses, plain.losses, 1e-5);
    for (const [i, weights] of plain.weights.entries())
      for (const [name, values] of weights)
        expectRelative(
          replayed.weights[i]?.get(name) ?? [],
          values,
          1e-5,
          `${ALL[i]?.name} ${name}`,
        );
    expect(replayed.point.students).toEqual(plain.point.students);
    expect(replayed.point.footprints).toEqual(plain.point.footprints);
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});
