import { beforeAll, describe, expect, it } from 'vitest';
import { drawWeights } from '../../src/models/net/draw';
import { models } from '../../src/models/registry';
import { checkRecipe } from '../../src/recipe/check';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { outputsOf } from '../../src/tasks/contract';
import { EvaluationSet } from '../../src/train/data';
import { insightOf } from '../../src/train/gaussian';
import { Teacher } from '../../src/train/teacher';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, SMALL_MLP, student } from '../support/recipes';
import { drawnTeacher, eventsOf, trainerOf } from '../support/runs';
import { lineTask } from '../support/values';

beforeAll(useCpu);

const data = lineTask();
const recipeFor = (...ids: string[]) =>
  recipeOf(
    ids.map((id) => student(choose('method', id), choose('sampler', 'none'), SMALL_MLP, id)),
    { steps: 6, batch: 10, evaluation: { every: 3, images: 30, testImages: 30 } },
  );

describe('a run on real values', () => {
  it('tells figures, lines and verdicts, and tests by the last weights', async () => {
    const teacher = drawnTeacher(data, SMALL_MLP);
    const trainer = trainerOf(recipeFor('gaussian-nll', 'kd-mean', 'xcl-gaussian'), data, teacher);
    const events = await eventsOf(trainer, undefined, { stage: true, evaluate: true });
    const of = <T extends string>(type: T) =>
      events.filter(
        (event): event is Extract<(typeof events)[number], { type: T }> => event.type === type,
      );

    const [report] = of('prepared').map((event) => event.report);
    expect(report?.targets).toEqual({ names: ['first', 'second'], unit: 'm' });
    expect(report?.examples[0]?.values).toEqual([...(data.train.values?.subarray(0, 2) ?? [])]);
    expect(report?.classes).toEqual([]);

    const [tested] = of('tested');
    for (const figures of tested?.students ?? []) {
      // In the targets' unit: the second one alone has a spread of 6.
      expect(figures.rmse).toBeGreaterThan(0.5);
      expect(figures.kl).toBeGreaterThan(0);
      for (const share of [figures.within1, figures.within90, figures.calibration])
        expect(share).toSatisfy((value: number) => value >= 0 && value <= 1);
      expect(figures.accuracy).toBeUndefined();
    }
    expect(tested?.teacher.kl).toBeCloseTo(0, 12);
    expect(tested?.verdicts.every(({ figure, p }) => figure === 'nll' && p >= 0 && p <= 1)).toBe(
      true,
    );

    const lines = of('line');
    const last = lines.at(-1);
    expect(last?.places.length).toBe(last?.teacher.mean.length);
    // A student of the mean alone has a band from its first evaluation on, the same everywhere.
    expect(lines[0]?.students[1]?.sd).toBeNull();
    expect(new Set(last?.students[1]?.sd).size).toBe(1);
    expect(new Set(last?.students[2]?.sd).size).toBeGreaterThan(1);

    const [sample] = of('stage').flatMap((event) => event.samples);
    expect(sample?.gaussian?.students).toHaveLength(3);
    expect(sample?.gaussian?.teacher.mean).toHaveLength(2);
    expect(sample?.parents[0]?.values).toHaveLength(2);
    trainer.dispose();
    teacher.dispose();
  });

  it('gives a student of the mean alone the variance of its errors on validation', async () => {
    const teacher = drawnTeacher(data, SMALL_MLP);
    const trainer = trainerOf(recipeFor('mse'), data, teacher);
    await trainer.prepare();
    const { point } = await trainer.evaluate(0);
    // Of two targets: each one's best constant variance makes the mean squared z-score 1.
    const { nll, rmse } = point.students[0] ?? {};
    const network = trainer.students[0]?.freeze();
    const set = new EvaluationSet(data, data.validation, 30);
    const answers = await set.answers(network!, 4, () => Promise.resolve());
    const squares = [0, 1].map((k) => {
      let sum = 0;
      for (let row = 0; row < 30; row++) {
        const mean = (answers.logits[4 * row + k] ?? 0) * (data.targets?.std[k] ?? 1);
        sum += (mean + (data.targets?.mean[k] ?? 0) - (set.values[2 * row + k] ?? 0)) ** 2 / 30;
      }
      return sum;
    });
    expect(rmse).toBeCloseTo(Math.sqrt((squares[0]! + squares[1]!) / 2), 4);
    const wanted = squares.reduce((sum, v) => sum + (Math.log(2 * Math.PI * v) + 1) / 2, 0);
    expect(nll).toBeCloseTo(wanted, 4);
    network?.dispose();
    set.dispose();
    trainer.dispose();
    teacher.dispose();
  });

  it.each(['confident', 'uncertain'] as const)(
    'keeps the half of the made-up rows of which the teacher is %s',
    async (select) => {
      const teacher = drawnTeacher(data, SMALL_MLP);
      const sampler = choose('sampler', 'interpolation', { share: 1, select });
      const one = student(choose('method', 'xcl-gaussian'), sampler, SMALL_MLP);
      const all = student(
        choose('method', 'xcl-gaussian'),
        choose('sampler', 'interpolation', { share: 1, select: 'all' }),
        SMALL_MLP,
      );
      const spreadOf = async (recipe: Recipe) => {
        const trainer = trainerOf(recipe, data, teacher);
        await trainer.prepare();
        let sum = 0;
        for (let step = 0; step < 4; step++) {
          await trainer.takeStep();
          for (const { entropy } of await trainer.look(10)) sum += entropy;
        }
        trainer.dispose();
        return sum;
      };
      const more = { steps: 6, batch: 10 };
      const [chosen, any] = [
        await spreadOf(recipeOf([one], more)),
        await spreadOf(recipeOf([all], more)),
      ];
      expect(chosen < any).toBe(select === 'confident');
      teacher.dispose();
    },
  );

  it('asks a teacher of two networks for the moments of both', async () => {
    const graph = models.get('mlp').graph([1], outputsOf(data), SMALL_MLP.params);
    const weights = [drawWeights(graph, 1), drawWeights(graph, 2)] as const;
    const teachers = [
      new Teacher('one', graph, weights[0]),
      new Teacher('other', graph, weights[1]),
      new Teacher('both', graph, weights[0], [weights[1]]),
    ];
    const set = new EvaluationSet(data, data.test, 5);
    const [one, other, both] = await Promise.all(
      teachers.map((teacher) => set.answers(teacher.network, 4, () => Promise.resolve())),
    );
    for (let row = 0; row < 5; row++)
      for (const k of [0, 1]) {
        const at = 4 * row + k;
        const [m, n] = [one!.logits[at] ?? 0, other!.logits[at] ?? 0];
        const [s, t] = [one!.logits[at + 2] ?? 0, other!.logits[at + 2] ?? 0];
        expect(both!.logits[at]).toBeCloseTo((m + n) / 2, 5);
        const variance = (Math.exp(s) + Math.exp(t)) / 2 + ((m - n) / 2) ** 2;
        expect(both!.logits[at + 2]).toBeCloseTo(Math.log(variance), 5);
      }
    expect(teachers[2]!.parameters).toBe(2 * teachers[0]!.parameters);
    set.dispose();
    for (const teacher of teachers) teacher.dispose();
  });
});

it('insight is the rank correlation with the known uncertainty', () => {
  const answers = (s: readonly number[]) => ({
    logits: Float32Array.from(s.flatMap((value) => [0, value])),
    classes: 2,
  });
  const known = Float32Array.of(0.1, 0.5, 0.2, 0.9);
  expect(insightOf(answers([-2, 0, -1, 3]), known)).toBe(1);
  expect(insightOf(answers([2, -1, 1, -3]), known)).toBe(-1);
  // Ranks 0 2 1 3 against 0 1 2 3: 1 - 6 * 2 / 60.
  expect(insightOf(answers([-2, -1, 0, 1]), known)).toBeCloseTo(0.8, 12);
  expect(insightOf(answers([1, 1, 1, 1]), known)).toBe(0);
});

describe('what does not fit is said', () => {
  const curve = presets.find(({ id }) => id === 'curve')!.recipe;
  const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
  const withStudent = (recipe: Recipe, change: object): object => ({
    ...recipe,
    students: [{ ...recipe.students[0], ...change }],
  });

  it.each([
    [
      'a method for classes',
      withStudent(curve, { method: { id: 'kd' } }),
      'students.0 (ERM): KD learns classes, and Curve asks for real values; choose one of gaussian-nll, kd-mean, mse, xcl-gaussian.',
    ],
    [
      'a method for real values',
      withStudent(spiral, { method: { id: 'mse' } }),
      'students.0 (ERM): MSE learns real values, and Spiral asks for classes; choose one of ',
    ],
    [
      'labels of blends',
      withStudent(curve, { sampler: { id: 'interpolation' } }),
      'students.0 (ERM): Gaussian NLL learns from labels, and such an input has none',
    ],
    [
      'pairs by class',
      withStudent(curve, {
        method: { id: 'xcl-gaussian' },
        sampler: { id: 'interpolation', params: { pairs: 'different' } },
      }),
      'real values have no classes that pairs could be chosen by; set pairs to "any"',
    ],
    [
      'a mirrored image',
      withStudent(presets.find(({ id }) => id === 'eyes')!.recipe, {
        sampler: { id: 'none', params: { augment: 'crop-flip' } },
      }),
      'a mirrored image would have another value',
    ],
    [
      'a merged teacher of classes',
      { ...spiral, teacher: { ...curve.teacher, members: 3 } },
      'teacher.members is for tasks of real values; remove it.',
    ],
    [
      'too many members',
      { ...curve, teacher: { ...curve.teacher, members: 9 } },
      'teacher.members is 9, allowed is a whole number from 1 to 5.',
    ],
    [
      'pictures only',
      withStudent(curve, { method: { id: 'xcl-gaussian' }, sampler: { id: 'cutmix' } }),
      'cannot draw inputs of Curve',
    ],
  ])('%s', (_, recipe, sentence) => {
    expect(checkRecipe(recipe, catalogue).problems).toEqual(
      expect.arrayContaining([expect.stringContaining(sentence)]),
    );
  });
});
