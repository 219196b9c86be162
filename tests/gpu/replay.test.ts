import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stepper } from '../../src/gpu/replay/stepper';
import { fence } from '../../src/gpu/fence';
import { disposeConstants } from '../../src/gpu/constants';
import type { Recipe, Student } from '../../src/recipe/recipe';
import { trainGenerator } from '../../src/train/generate';
import { labelled } from '../../src/train/generators';
import { teach } from '../../src/train/teach';
import { Trainer } from '../../src/train/trainer';
import { useBackend } from '../support/backends';
import { expectClose, expectRelative } from '../support/numbers';
import { choose, recipeOf, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, eventsOf, quiet, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

/** Steps that are replayed against the same steps run one by one. */

const images = imageTask();
const plane = planeTask();
const STEPS = 20;

beforeAll(async () => {
  await useBackend('webgpu');
});

const ADAM = { kind: 'adam', rate: 0.01, momentum: 0.9, nesterov: false } as const;

const cutmix = choose('sampler', 'cutmix');
const cropped = choose('sampler', 'none', { augment: 'crop-flip' });
const blended = choose('sampler', 'interpolation', { share: 0.5 });
const XCL = student(choose('method', 'xcl'), cutmix, TINY);
const KD = student(choose('method', 'kd'), cropped, TINY);
const OTHER = student(choose('method', 'xcl'), choose('sampler', 'other'), TINY, 'other');
const generated = choose('sampler', 'generator', { share: 0.5 });
const half = choose('sampler', 'cutmix', { share: 0.5 });
const GENERATED = student(choose('method', 'xcl'), generated, TINY, 'generated');
const ERM = student(choose('method', 'erm'), choose('sampler', 'none'), TINY);

function trainerFor(recipe: Recipe, replay: boolean): Trainer {
  const data = recipe.task.id === 'spiral' ? plane : images;
  const model = recipe.task.id === 'spiral' ? SMALL_MLP : TINY;
  return trainerOf(recipe, data, drawnTeacher(data, model), replay);
}

interface Course {
  readonly trainer: Trainer;
  readonly losses: readonly number[];
  readonly weights: readonly Map<string, Float32Array>[];
  readonly calls: readonly number[];
}

/** Runs a recipe for twenty steps; looks and evaluates in between, as a run does. */
async function course(recipe: Recipe, replay: boolean): Promise<Course> {
  const trainer = trainerFor(recipe, replay);
  await trainer.prepare();
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await trainer.takeStep();
    await fence();
    for (const point of await trainer.trainPoints()) losses.push(point.loss);
    if (step % 7 === 4) await trainer.evaluate(0);
    if (step % 5 === 3) await trainer.look(2);
  }
  const weights = [];
  for (const { network } of trainer.students) weights.push(await network.read());
  const { calls, rows } = trainer.teacher;
  return { trainer, losses, weights, calls: [calls, rows] };
}

const run = (students: Student[], more: Partial<Recipe> = {}) =>
  recipeOf(students, { steps: 40, batch: 6, ...more });

describe('replayed steps are the steps themselves', () => {
  it.each([
    ['three arms on images', run([ERM, KD, XCL])],
    [
      'an auxiliary network, inner outputs and a memory',
      run([
        student(choose('method', 'fitnets'), cutmix, TINY),
        student(choose('method', 'ps-kd'), cropped, TINY),
      ]),
    ],
    [
      'Adam and a weight average, with inputs of a pool',
      run([XCL, OTHER], { optimizer: { ...run([XCL]).optimizer, ...ADAM }, averageDecay: 0.9 }),
    ],
    [
      'an adversary, and a start by labels',
      run([
        { ...student(choose('method', 'meal-v2'), blended, TINY), warmStart: 0.2 },
        student(choose('method', 'kd'), blended, TINY),
      ]),
    ],
    [
      'a schedule with warm-up, with inputs of a generator',
      run([KD, GENERATED], {
        optimizer: { ...run([KD]).optimizer, schedule: 'cosine', warmup: 8 },
      }),
    ],
  ])('%s', async (_, recipe) => {
    const plain = await course(recipe, false);
    const replayed = await course(recipe, true);
    expect(plain.trainer.replays).toBe(false);
    expect(replayed.trainer.refusal).toBeNull();
    expect(replayed.trainer.replays).toBe(true);
    expectClose(replayed.losses, plain.losses, 1e-5);
    // Every step brought another loss: nothing was read from an old copy.
    expect(new Set(replayed.losses).size).toBe(replayed.losses.length);
    for (const [i, weights] of plain.weights.entries())
      for (const [name, values] of weights)
        expectRelative(replayed.weights[i]?.get(name) ?? [], values, 1e-5, name);
    expect(replayed.calls).toEqual(plain.calls);
  });
});

describe('numbers that change while steps are replayed', () => {
  /** Twenty steps, from the tenth on with another temperature and share. */
  const changing = async (recipe: Recipe, replay: boolean) => {
    const trainer = trainerFor(recipe, replay);
    await trainer.prepare();
    const losses: number[] = [];
    const replayed: boolean[] = [];
    for (let step = 0; step < STEPS; step++) {
      if (step === 10) {
        const students = recipe.students.map((one) => ({
          ...one,
          method: { ...one.method, params: { ...one.method.params, temperature: 2.5 } },
          sampler: { ...one.sampler, params: { ...one.sampler.params, share: 0.75 } },
        }));
        expect(trainer.adjust({ ...recipe, students })).toEqual(['temperature 2.5', 'share 0.75']);
      }
      await trainer.takeStep();
      replayed.push(trainer.replays);
      for (const point of await trainer.trainPoints()) losses.push(point.loss);
    }
    const weights = await trainer.students[0]?.network.read();
    trainer.dispose();
    return { losses, replayed, weights };
  };

  /** What is recorded anew is replayed after so many steps. */
  it.each([
    ['in one recording, where the teacher is asked about every row', half, 2, 0],
    ['in a recording anew, where it remembers the untouched ones', half, 500, 2],
    ['in a recording anew, where another number of rows is generated', generated, 2, 2],
  ])('%s', async (_, sampler, steps, pause) => {
    const recipe = run([student(choose('method', 'xcl'), sampler, TINY)], { steps });
    const [plain, replayed] = [await changing(recipe, false), await changing(recipe, true)];
    expect(plain.replayed).not.toContain(true);
    expect(replayed.replayed.slice(2, 10)).not.toContain(false);
    expect(replayed.replayed.at(-1)).toBe(true);
    expect(replayed.replayed.slice(10)).toEqual(
      Array.from({ length: 10 }, (_unused, step) => step >= pause),
    );
    expectClose(replayed.losses, plain.losses, 1e-5);
    for (const [name, values] of plain.weights ?? [])
      expectRelative(replayed.weights?.get(name) ?? [], values, 1e-5, name);
    // The temperature is in the loss: the eleventh is far from the tenth.
    expect(Math.abs(plain.losses[10]! - plain.losses[9]!)).toBeGreaterThan(1e-3);
  });

  it('nothing else is taken over', () => {
    const recipe = run([XCL]);
    const trainer = trainerFor(recipe, true);
    expect(trainer.adjust({ ...recipe, batch: 3 })).toBeNull();
    expect(trainer.adjust({ ...recipe, students: [KD] })).toBeNull();
    expect(trainer.adjust(recipe)).toEqual([]);
    trainer.dispose();
  });
});

it('a teacher is trained by replay too, and its weights are averaged as they stand', async () => {
  const losses: number[] = [];
  const training = {
    model: SMALL_MLP,
    steps: 40,
    batch: 10,
    optimizer: { ...run([ERM]).optimizer, ...ADAM, warmup: 0 },
    augment: 'none',
    pad: 0,
    finish: { steps: 4, rate: 0.01, every: 2 },
  } as const;
  const { weights } = await teach(training, plane, 1, (_, loss) => {
    losses.push(loss);
    return Promise.resolve();
  });
  expect(losses.length).toBe(3);
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] as number));
  // Two averaged readings of weights that had moved in between: equal ones would be an old copy.
  const short = await teach(
    { ...training, finish: { steps: 2, rate: 0.01, every: 2 } },
    plane,
    1,
    () => Promise.resolve(),
  );
  expect(weights.get('head.weight')).not.toEqual(short.weights.get('head.weight'));
});

it('a generator is trained by replay too: its bound falls, and the same seed gives the same', async () => {
  const setting = { model: { latent: 2, widths: [8] }, spread: 0.3, batch: 30, rate: 0.02 };
  const trained = async () => {
    const bounds: number[] = [];
    const { weights } = await trainGenerator(
      { ...setting, steps: 40 },
      labelled(plane, 30),
      1,
      async (_, at) => {
        bounds.push(at.reconstruction + at.kl);
        return true;
      },
    );
    return { bounds, weights };
  };
  const { bounds, weights } = await trained();
  expect(bounds.length).toBe(3);
  expect(bounds.at(-1)).toBeLessThan(0.8 * (bounds[0] as number));
  const again = await trained();
  for (const [name, values] of weights)
    expectRelative(again.weights.get(name) ?? [], values, 1e-5, name);
});

const sentences = async (recipe: Recipe) => {
  const trainer = trainerFor(recipe, true);
  const events = await eventsOf(trainer);
  trainer.dispose();
  return {
    notices: events.flatMap((event) => (event.type === 'notice' ? [event.sentence] : [])),
    last: events.at(-1),
  };
};

describe('a step that cannot be replayed runs as it is, and says so once', () => {
  it.each([
    [
      'rows chosen by the teacher',
      choose('sampler', 'cutmix', { select: 'confident' }),
      'teacher’s answers',
    ],
    ['noise made by the processor', choose('sampler', 'noise'), 'it uploads'],
  ])('%s', async (_, sampler, reason) => {
    const { notices, last } = await sentences(
      recipeOf([student(choose('method', 'xcl'), sampler, TINY)], { steps: 6, batch: 4 }),
    );
    expect(notices.length).toBe(1);
    expect(notices[0]).toContain('not replayed');
    expect(notices[0]).toContain(reason);
    expect(last).toEqual({ type: 'state', state: 'done' });
  });

  it('a run that is replayed says nothing', async () => {
    expect((await sentences(run([XCL], { steps: 6 }))).notices).toEqual([]);
  });
});

describe('a recording', () => {
  it('is refused over its budget, and the step has been taken', async () => {
    const stepper = new Stepper(null, 100);
    const trainer = trainerFor(run([ERM]), true);
    const x = tf.tensor(new Float32Array(4 * 8 * 8 * 3).fill(0.5), [4, 8, 8, 3]);
    let logits: readonly number[] = [];
    for (let i = 0; i < 4; i++) {
      let out: tf.Tensor | null = null;
      await stepper.run(() => {
        out = tf.tidy(() => trainer.students[0]!.network.forward(x).logits);
      });
      const found = [...(await (out as unknown as tf.Tensor).data())];
      if (i > 0) expectClose(found, logits, 1e-6);
      logits = found;
    }
    expect(stepper.replays).toBe(false);
    expect(stepper.refusal).toContain('GPU’s memory');
    trainer.dispose();
  });

  it('is refused where a step uploads other numbers each time', async () => {
    const stepper = new Stepper();
    const sum = tf.variable(tf.zeros([2000]));
    for (let i = 0; i < 5; i++)
      await stepper.run(() => tf.tidy(() => sum.assign(tf.add(sum, tf.scalar(i)))));
    expect(stepper.refusal).toContain('other numbers each time');
    expect([...(await sum.data())].every((value) => value === 0 + 1 + 2 + 3 + 4)).toBe(true);
    sum.dispose();
  });

  it('leaves neither tensors nor buffers behind', async () => {
    const { bufferManager } = tf.backend() as unknown as {
      bufferManager: { numUsedBuffers: number };
    };
    const once = async () => {
      const data = images;
      const teacher = drawnTeacher(data, TINY);
      const trainer = new Trainer(run([KD, XCL]), data, teacher, quiet);
      await trainer.prepare();
      for (let i = 0; i < 6; i++) {
        await trainer.takeStep();
        await fence();
      }
      expect(trainer.replays).toBe(true);
      trainer.dispose();
      teacher.dispose();
      disposeConstants();
      await fence();
      return [tf.memory().numTensors, bufferManager.numUsedBuffers];
    };
    const first = await once();
    expect(await once()).toEqual(first);
  });
});
