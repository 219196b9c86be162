import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditSentence, auditSteps, differenceOf } from '../../src/gpu/replay/audit';
import { hasKernels, launch, output } from '../../src/gpu/kernels/launch';
import { LiveNumber } from '../../src/gpu/ops/live';
import { placeNumbers } from '../../src/gpu/kernels/place';
import { Stepper } from '../../src/gpu/replay/stepper';
import { BatchMaker } from '../../src/train/batch';
import { Student } from '../../src/train/student';
import { useBackend } from '../support/backends';
import { choose, recipeOf, student, TINY } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf } from '../support/runs';
import { imageTask } from '../support/tasks';

const data = imageTask();

beforeAll(async () => {
  await useBackend('webgpu');
});
afterEach(() => {
  auditSteps(0);
  vi.restoreAllMocks();
});

const students = ['kd', 'crd', 'ps-kd', 'fitnets', 'meal-v2'].map((id) =>
  student(choose('method', id), choose('sampler', 'none', { augment: 'crop-flip' }), TINY),
);

/** What a run of fourteen steps says, every third replayed step audited. */
async function noticesOf(change: (step: number) => void = () => undefined) {
  auditSteps(3);
  const teacher = drawnTeacher(data);
  teacher.companions = [drawnTeacher(data, TINY, 7)];
  const trainer = trainerOf(recipeOf(students, { steps: 14, batch: 6 }), data, teacher);
  const take = trainer.takeStep.bind(trainer);
  vi.spyOn(trainer, 'takeStep').mockImplementation(() => {
    change(trainer.step);
    return take();
  });
  const before = tf.memory().numTensors;
  const events = await eventsOf(trainer);
  expect(tf.memory().numTensors).toBeGreaterThanOrEqual(before);
  trainer.dispose();
  teacher.dispose();
  return events.flatMap((event) => (event.type === 'notice' ? [event.sentence] : []));
}

describe('an audited run', () => {
  it('finds the same bits in a run that is replayed as it should', async () => {
    expect(await noticesOf()).toEqual([
      'Audit: 3 steps were taken both ways, replayed and one by one, and left the same bits.',
    ]);
  });

  it('finds a step that the recording does not know of, says so, and goes on without replay', async () => {
    // From the ninth step on, students learn by labels alone, and nothing tells the stepper.
    const form = vi.spyOn(Student.prototype, 'form', 'get').mockReturnValue('always the same');
    const batch = vi.spyOn(BatchMaker.prototype, 'form').mockReturnValue('always the same');
    let late = false;
    vi.spyOn(Student.prototype, 'warms').mockImplementation(() => late);
    const notices = await noticesOf((step) => (late = step >= 8));
    expect(form).toHaveBeenCalled();
    expect(batch).toHaveBeenCalled();
    expect(notices).toEqual([
      expect.stringMatching(
        /not replayed on the GPU.*audited and it launches \d+ kernels by itself and \d+ as it was/,
      ),
      expect.stringMatching(
        /^Audit: 2 steps were taken both ways, .* 1 of them left other numbers\.$/,
      ),
    ]);
  });
});

describe('a step alone', () => {
  it('is refused where it works on other buffers each time, though its kernels are the same', async () => {
    const [a, b] = [tf.keep(tf.ones([70])), tf.keep(tf.mul(tf.ones([70]), 2))];
    const sum = tf.keep(output([70]));
    // All three lie on the GPU already: nothing is uploaded by the steps.
    for (const from of [a, b]) launch(placeNumbers(70, 0), [from, sum]);
    const stepper = new Stepper();
    let step = 0;
    const read = async () => [...(await sum.data())][0];
    const seen: unknown[] = [];
    for (; step < 6; step++) {
      await stepper.run(() => launch(placeNumbers(70, 0), [step % 2 === 0 ? a : b, sum]));
      seen.push(await read());
    }
    expect(stepper.refusal).toContain('other buffers each time');
    expect(seen).toEqual([1, 2, 1, 2, 1, 2]);
    tf.dispose([a, b, sum]);
  });

  it('is refused where one of its uniforms alternates', async () => {
    const x = tf.keep(tf.range(0, 70));
    const y = tf.keep(tf.zeros([140]));
    const stepper = new Stepper();
    // Both uniforms are there already: nothing is uploaded by the steps.
    for (const start of [0, 70]) launch(placeNumbers(70, start), [x, y]);
    for (let step = 0; step < 8; step++)
      await stepper.run(() => launch(placeNumbers(70, step % 2 === 0 ? 0 : 70), [x, y]));
    expect(hasKernels()).toBe(true);
    expect(stepper.refusal).toContain('other buffers each time');
    tf.dispose([x, y]);
  });

  it('is caught by the audit where a number is another one after the recording', async () => {
    auditSteps(2);
    const x = tf.keep(tf.range(0, 70));
    const y = tf.keep(tf.zeros([140]));
    const live = new LiveNumber();
    const stepper = new Stepper();
    for (let step = 0; step < 8; step++) {
      live.set(step);
      await stepper.run(() => launch(placeNumbers(70, step < 4 ? 0 : 70), [x, y]));
    }
    expect(stepper.replays).toBe(false);
    expect(stepper.refusal).toMatch(
      /audited and \d+ numbers in 1 of 2 buffers were others .* by up to 6\.9e\+1/,
    );
    expect(auditSentence()).toContain('1 of them left other numbers');
    live.dispose();
    tf.dispose([x, y]);
  });
});

it('tells bits that differ, numbers or not', () => {
  const bits = (...values: number[]) => new Float32Array(values).buffer;
  expect(differenceOf(bits(1, 2, NaN), bits(1, 2, NaN))).toBeNull();
  expect(differenceOf(bits(1, 2, 3), bits(1, 2.5, NaN))).toEqual({ words: 2, most: 0.5 });
});
