import { beforeAll, describe, expect, it } from 'vitest';
import type { Recipe, Student } from '../../src/recipe/recipe';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SMALL_MLP, student, TINY } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf, weightsOf } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

beforeAll(useCpu);

const images = imageTask();
const ERM = choose('method', 'erm');
const KD = choose('method', 'kd', { temperature: 4, alpha: 1 });
const XCL = choose('method', 'xcl', { temperature: 4, labelWeight: 0 });
const NONE = choose('sampler', 'none');
const cropped = { augment: 'crop-flip', pad: 2 };

/** Trains students side by side and gives the weights that each ends with. */
async function run(
  students: readonly Student[],
  more: Partial<Recipe> = {},
  options = {},
): Promise<number[][]> {
  const model = students[0]!.model;
  const data = model.id === 'mlp' ? planeTask() : images;
  const teacher = drawnTeacher(data, model);
  const trainer = trainerOf(recipeOf(students, { steps: 4, ...more }), data, teacher);
  await eventsOf(trainer, undefined, options);
  const weights = await weightsOf(trainer);
  trainer.dispose();
  teacher.dispose();
  return weights;
}

const named = (name: string, one: Student): Student => ({ ...one, name });
const cutmix = student(XCL, choose('sampler', 'cutmix', cropped));

describe('a run', () => {
  it('gives the same weights to the bit with the same seed, others with another', async () => {
    const first = await run([cutmix]);
    expect(await run([cutmix])).toEqual(first);
    expect(await run([cutmix], { seed: 2 })).not.toEqual(first);
  });

  it('draws its rows, their order and their partners from its seed', async () => {
    const drawn = async (seed: number) => {
      const teacher = drawnTeacher(images);
      const trainer = trainerOf(recipeOf([cutmix], { seed }), images, teacher);
      await trainer.prepare();
      await trainer.takeStep();
      const samples = await trainer.look(8);
      trainer.dispose();
      teacher.dispose();
      return [0, 1].map((parent) => samples.map(({ parents }) => parents[parent]?.row));
    };
    const [rows, partners] = await drawn(1);
    expect(await drawn(1)).toEqual([rows, partners]);
    const [others, otherPartners] = await drawn(2);
    expect(others).not.toEqual(rows);
    expect(otherPartners).not.toEqual(partners);
  });

  it.each([TINY, SMALL_MLP])('is not changed by being looked at: $id', async (model) => {
    const one = student(XCL, choose('sampler', 'interpolation'), model);
    const looked = await run([one], {}, { stage: true, evaluate: true });
    expect(looked).toEqual(await run([one]));
  });

  it('is not changed by a weight average', async () => {
    expect(await run([cutmix], { averageDecay: 0.9 })).toEqual(await run([cutmix]));
  });
});

describe('arms', () => {
  it('with equal settings end equal, whatever their names', async () => {
    const erm = student(ERM);
    const [one, other] = await run([named('one', erm), named('other', erm)]);
    expect(one).toEqual(other);
  });

  it('learn alone what they learn beside others', async () => {
    const beside = await run([student(ERM), student(KD), cutmix]);
    expect(await run([cutmix])).toEqual([beside[2]]);
    expect(await run([student(KD)])).toEqual([beside[1]]);
  });

  it.each([{}, cropped])('KD without labels is XCL on the data, to the bit (%j)', async (view) => {
    const data = choose('sampler', 'none', view);
    const [kd, xcl] = await run([student(KD, data), student(XCL, data)]);
    expect(kd).toEqual(xcl);
  });

  it.each(['interpolation', 'cutmix', 'noise'])(
    'XCL with nothing from outside is KD, to the bit: %s',
    async (id) => {
      for (const view of [{}, cropped]) {
        const empty = choose('sampler', id, { share: 0, ...view });
        const [kd, xcl] = await run([
          student(KD, choose('sampler', 'none', view)),
          student(XCL, empty),
        ]);
        expect(xcl).toEqual(kd);
      }
    },
  );

  it('that differ in what they learn from end apart', async () => {
    const [erm, kd, xcl] = await run([student(ERM, NONE), student(KD, NONE), cutmix]);
    expect(erm).not.toEqual(kd);
    expect(kd).not.toEqual(xcl);
  });
});
