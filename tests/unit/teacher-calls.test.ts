import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { samplers } from '../../src/samplers/registry';
import { pixelsOf } from '../../src/train/data';
import { RowSource } from '../../src/train/rows';
import { useCpu } from '../support/cpu';
import { drawRows } from '../support/draws';
import { expectClose } from '../support/numbers';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnTeacher, quiet, trainerOf } from '../support/runs';
import { imageTask } from '../support/tasks';

beforeAll(useCpu);

const data = imageTask({ count: 40 });
const pixels = pixelsOf(data, data.train);
const ERM = choose('method', 'erm');
const KD = choose('method', 'kd');
const XCL = choose('method', 'xcl');
const cutmix = choose('sampler', 'cutmix');

describe('the teacher', () => {
  it('is called once for each distinct sampler setting of a step, however many students share it', async () => {
    const teacher = drawnTeacher(data);
    const students = [
      student(ERM),
      student(KD),
      student(
        choose('method', 'kd', { temperature: 2 }),
        choose('sampler', 'none'),
        undefined,
        'T 2',
      ),
      student(XCL, cutmix),
      student(KD, cutmix),
      student(XCL, choose('sampler', 'cutmix', { share: 0.5 }), undefined, 'half'),
    ];
    // Two steps of eight rows: too few for remembering forty answers to pay.
    const trainer = trainerOf(recipeOf(students, { steps: 2 }), data, teacher);
    await trainer.prepare();
    expect(teacher.calls).toBe(0);
    await trainer.takeStep();
    expect([teacher.calls, teacher.rows]).toEqual([3, 24]);
    await trainer.takeStep();
    expect([teacher.calls, teacher.rows]).toEqual([6, 48]);
    trainer.dispose();
    teacher.dispose();
  });

  it.each([
    [
      'is asked with its companions, each once for each batch that a method for several looks at',
      2,
    ],
    ['remembers its answers on the data, and so do they', 10],
  ])('%s', async (_, steps) => {
    const teacher = drawnTeacher(data);
    teacher.companions = [drawnTeacher(data, undefined, 7), drawnTeacher(data, undefined, 8)];
    const MEAL = choose('method', 'meal-v2');
    const students = [
      student(MEAL),
      student(KD),
      student(MEAL, choose('sampler', 'none'), undefined, 'again'),
      student(XCL, cutmix),
    ];
    const trainer = trainerOf(recipeOf(students, { steps }), data, teacher);
    const report = await trainer.prepare();
    expect(report.companions?.map(({ title }) => title)).toEqual(['drawn', 'drawn']);
    const before = steps === 2 ? [0, 0] : [3, 120];
    // Three on the data, or none where they remember, and the first one alone on the mixed rows.
    const each = steps === 2 ? [4, 32] : [1, 8];
    expect([teacher.calls, teacher.rows]).toEqual(before);
    for (const step of [1, 2]) {
      await trainer.takeStep();
      expect([teacher.calls, teacher.rows]).toEqual(before.map((n, i) => n + step * each[i]!));
    }
    trainer.dispose();
    teacher.dispose();
  });

  it('is not called for students that need none', async () => {
    const teacher = drawnTeacher(data);
    const trainer = trainerOf(recipeOf([student(ERM)]), data, teacher);
    await trainer.prepare();
    await trainer.takeStep();
    expect(teacher.calls).toBe(0);
    trainer.dispose();
    teacher.dispose();
  });

  it('remembers its answers on the data where a run asks for more of them than there are', async () => {
    const teacher = drawnTeacher(data);
    const trainer = trainerOf(recipeOf([student(KD)], { steps: 10 }), data, teacher);
    await trainer.prepare();
    expect([teacher.calls, teacher.rows]).toEqual([1, 40]);
    for (let step = 0; step < 5; step += 1) await trainer.takeStep();
    expect([teacher.calls, teacher.rows]).toEqual([1, 40]);
    trainer.dispose();
    teacher.dispose();
  });

  it.each([
    ['the data', 'none', {}],
    ['real and mixed rows', 'interpolation', { share: 0.5 }],
    ['mixed rows only', 'cutmix', {}],
    ['cropped rows', 'none', { augment: 'crop-flip' }],
  ])('remembers what it would say: %s', async (_, id, params) => {
    const teacher = drawnTeacher(data);
    const plans = drawRows(samplers.get(id), params, data);
    const rows = new RowSource(pixels, data.train.y, 40, 5).rows();
    rows.set(plans);
    const x = rows.inputs('mixed');
    const asked = teacher.answer(rows, 'mixed', x);
    await teacher.remember(pixels, 40, quiet.pause);
    const remembered = teacher.answer(rows, 'mixed', x);
    expect(remembered.shape).toEqual([16, 5]);
    expectClose(await remembered.data(), await asked.data(), 1e-6);
    tf.dispose([x, asked, remembered]);
    teacher.dispose();
  });
});
