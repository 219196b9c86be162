import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageSample } from '../../src/recipe/events';
import { samplers } from '../../src/samplers/registry';
import { pixelsOf, realRow } from '../../src/train/data';
import { entropy, klDivergence, probabilities } from '../../src/train/metrics';
import { planeExtent, planeGrid, planeInputs, shown } from '../../src/train/stage';
import type { Trainer } from '../../src/train/trainer';
import { useCpu } from '../support/cpu';
import { drawRows } from '../support/draws';
import { expectClose } from '../support/numbers';
import { choose, recipeOf, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, trainerOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

const images = imageTask();
const plane = planeTask();
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

beforeAll(useCpu);

describe('pixels as they are shown', () => {
  it('of an untouched image are its bytes', () => {
    const rgba = shown(pixelsOf(images, images.train), realRow(3)) as Uint8ClampedArray;
    const rgb = Array.from(rgba).filter((_, i) => i % 4 !== 3);
    expect(rgb).toEqual(Array.from(images.train.x.slice(3 * 192, 4 * 192)));
    expect(Array.from(rgba).filter((_, i) => i % 4 === 3)).toEqual(new Array(64).fill(255));
  });

  it('of a mixed image are the mix of the bytes', () => {
    const [plan] = drawRows(samplers.get('interpolation'), {}, images, { batch: 1 });
    if (plan?.mix.kind !== 'interpolation') throw new Error('nothing was mixed');
    const { row, mix } = plan;
    const pixels = pixelsOf(images, images.train);
    const found = shown(pixels, plan) as Uint8ClampedArray;
    const [first, second] = [row, mix.partner].map((r) => shown(pixels, realRow(r))) as [
      Uint8ClampedArray,
      Uint8ClampedArray,
    ];
    for (let i = 0; i < found.length; i += 1) {
      const wanted = mix.share * first[i]! + (1 - mix.share) * second[i]!;
      expect(Math.abs(found[i]! - wanted)).toBeLessThanOrEqual(0.51);
    }
  });

  it('of a point are its coordinates', () => {
    const point = shown(pixelsOf(plane, plane.train), realRow(2)) as readonly number[];
    expectClose(point, plane.train.x.slice(4, 6), 1e-6);
  });
});

describe('samples on the stage', () => {
  let trainer: Trainer;
  let samples: StageSample[];
  const teacher = () => drawnTeacher(images);

  beforeAll(async () => {
    await useCpu();
    const students = [
      student(choose('method', 'erm')),
      student(choose('method', 'xcl'), choose('sampler', 'cutmix', { share: 0.5 })),
    ];
    trainer = trainerOf(recipeOf(students), images, teacher());
    await trainer.prepare();
    await trainer.takeStep();
    samples = [...(await trainer.look(3)), ...(await trainer.look(2))];
  });
  afterAll(() => trainer.dispose());

  it('are rows from outside the data set where there are any, numbered in turn', () => {
    expect(samples.map(({ source }) => source)).toEqual(new Array(5).fill('cutmix'));
    expect(samples.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(samples.map(({ step }) => step))).toEqual(new Set([1]));
    const texts = samples.slice(0, 4).map((sample) => String(sample.pixels));
    expect(new Set(texts).size).toBe(4);
  });

  it('name their two parents, whose shares add up', () => {
    for (const { parents } of samples) {
      expect(parents.length).toBe(2);
      expect(sum(parents.map(({ share }) => share))).toBeCloseTo(1, 12);
      for (const { row, label, pixels } of parents) {
        expect(label).toBe(images.train.y[row]);
        expect(pixels).toEqual(shown(pixelsOf(images, images.train), realRow(row)));
      }
    }
  });

  it('carry the answers of all networks, with entropy and divergence', () => {
    for (const sample of samples) {
      expect(sample.students.length).toBe(2);
      for (const answer of [sample.teacher, ...sample.students])
        expect(sum(answer)).toBeCloseTo(1, 6);
      expect(sample.entropy).toBeCloseTo(entropy(sample.teacher) / Math.log(5), 12);
      expect(sample.entropy).toBeGreaterThan(0);
      expect(sample.entropy).toBeLessThanOrEqual(1);
      sample.students.forEach((answer, i) =>
        expect(sample.kl[i]).toBeCloseTo(klDivergence(sample.teacher, answer), 12),
      );
    }
  });
});

describe('questions that were asked before', () => {
  beforeAll(useCpu);

  /** A run in which questions of all kinds are asked at step 1, after some more steps. */
  async function later(steps: number) {
    const sampler = (id: string) => choose('sampler', id);
    const students = [
      student(choose('method', 'erm')),
      ...['cutmix', 'noise', 'generator', 'other'].map((id) =>
        student(choose('method', 'xcl'), sampler(id)),
      ),
    ];
    const teacher = drawnTeacher(images);
    const trainer = trainerOf(recipeOf(students), images, teacher);
    await trainer.prepare();
    const asked: StageSample[] = [];
    for (let step = 1; step <= 4; step += 1) {
      await trainer.takeStep();
      asked.push(...(await trainer.look(1)));
    }
    for (let step = 0; step < steps; step += 1) await trainer.takeStep();
    return { trainer, teacher, asked };
  }

  it('are answered again by the weights of now, and by nothing else', async () => {
    const { trainer, teacher, asked } = await later(3);
    expect(new Set(asked.map(({ source }) => source)).size).toBe(4);
    const again = await trainer.again(null);
    expect(again.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
    for (const [i, { students, kl }] of again.entries()) {
      const before = asked[i]!;
      students.forEach((answer, k) => {
        expect(sum(answer)).toBeCloseTo(1, 6);
        expect(kl[k]).toBeCloseTo(klDivergence(before.teacher, answer), 6);
        expect(answer).not.toEqual(before.students[k]);
      });
    }
    trainer.dispose();
    teacher.dispose();
  });

  it('at the same step would get the same answers, and get none', async () => {
    const { trainer, teacher, asked } = await later(0);
    const again = await trainer.again(null);
    expect(again.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(asked.at(-1)?.id).toBe(3);
    trainer.dispose();
    teacher.dispose();
  });

  it('are let go when nobody looks at them any more; newer ones stay', async () => {
    const { trainer, teacher } = await later(1);
    const ids = async (watched: readonly number[]) =>
      (await trainer.again(watched)).map(({ id }) => id);
    expect(await ids([0, 2])).toEqual([0, 2, 3]);
    expect(await ids([0, 1])).toEqual([0, 2, 3]);
    expect(await ids([3])).toEqual([3]);
    trainer.dispose();
    teacher.dispose();
  });
});

describe('the plane', () => {
  it('holds every point with a margin', () => {
    const extent = planeExtent(plane.train.x);
    const furthest = Math.max(...plane.train.x.map(Math.abs));
    expect(extent).toBeGreaterThan(furthest);
    expect(extent).toBeLessThan(furthest * 1.05 + 0.2);
  });

  it('is answered cell by cell from the top left, where y is largest', async () => {
    const teacher = drawnTeacher(plane, SMALL_MLP);
    const inputs = planeInputs(2, 16);
    const points = await inputs.data();
    const grid = await planeGrid(teacher.network, inputs, 2);
    const { side } = grid;
    expect(Array.from(points.slice(0, 2))).toEqual([-2 + 2 / side, 2 - 2 / side]);
    expect(Array.from(points.slice(-2))).toEqual([2 - 2 / side, -2 + 2 / side]);
    const logits = teacher.network.predict(inputs);
    const answers = { logits: (await logits.data()) as Float32Array, classes: 3 };
    for (const cell of [0, 77, side * side - 1])
      expectClose(
        grid.probabilities.slice(cell * 3, cell * 3 + 3),
        probabilities(answers, cell),
        1e-6,
      );
    logits.dispose();
    inputs.dispose();
    teacher.dispose();
  });

  it('is there for tasks on the plane only', async () => {
    for (const [data, model] of [
      [plane, SMALL_MLP],
      [images, undefined],
    ] as const) {
      const teacher = drawnTeacher(data, model);
      const students = [student(choose('method', 'erm'), choose('sampler', 'none'), model)];
      const trainer = trainerOf(recipeOf(students), data, teacher);
      const report = await trainer.prepare();
      const grids = await trainer.planes();
      expect(grids?.teacher.side).toBe(data === plane ? 64 : undefined);
      expect((await trainer.planes(3))?.students[0]?.side).toBe(data === plane ? 8 : undefined);
      expect(grids?.students.length).toBe(data === plane ? 1 : undefined);
      expect(report.examples.length).toBe(data === plane ? 30 : 24);
      expect(report.counts).toMatchObject({ train: data.train.count, validation: 20, test: 20 });
      trainer.dispose();
      teacher.dispose();
    }
  });
});
