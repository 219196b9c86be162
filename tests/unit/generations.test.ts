import { beforeAll, describe, expect, it } from 'vitest';
import { spiralStudy } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { raise, youngRecipe } from '../../src/train/generations';
import { Keep } from '../../src/train/keep';
import { loadTeacher } from '../../src/train/prepare';
import type { Surroundings } from '../../src/train/prepare';
import { Stopped } from '../../src/train/stopped';
import { Teacher } from '../../src/train/teacher';
import { Trainer } from '../../src/train/trainer';
import { useCpu } from '../support/cpu';
import { choose, SMALL_MLP, student } from '../support/recipes';
import { quiet } from '../support/runs';
import { planeTask } from '../support/tasks';

beforeAll(useCpu);

const data = planeTask();
const training = spiralStudy.teacher;
if (training.source !== 'train') throw new Error('the study trains its teacher');
const KD = student(choose('method', 'kd'), choose('sampler', 'none'), SMALL_MLP, 'KD');
const ERM = student(choose('method', 'erm'), choose('sampler', 'none'), SMALL_MLP, 'ERM');
const recipe: Recipe = {
  ...spiralStudy,
  redraw: false,
  teacher: { ...training, model: SMALL_MLP, steps: 20 },
  students: [KD, ERM],
  steps: 12,
  evaluation: { every: 12, images: 20, testImages: 20 },
  generations: 3,
};
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  cards: [],
  sources: () => [],
  teacherFile: () => Promise.reject(new Error('nothing is bundled here')),
  pause: () => Promise.resolve(),
  progress: () => undefined,
  ...more,
});
const weightsOf = async ({ network }: Teacher) =>
  (await Promise.all(network.tensors().map((tensor) => tensor.data()))).flatMap((list) => [
    ...list,
  ]);

describe('generations', () => {
  it('end with a teacher that is the student of the generation before', async () => {
    const last = await loadTeacher(recipe, data, around());
    const { generations: _, ...plain } = recipe;
    // The same by hand: the teacher, its student, and that one's student.
    let teacher = await loadTeacher(plain, data, around());
    for (const generation of [1, 2]) {
      const trainer = new Trainer(youngRecipe(recipe, generation), data, teacher, quiet);
      await trainer.prepare();
      while (trainer.step < recipe.steps) await trainer.takeStep();
      const { network } = trainer.students[0]!;
      const next = new Teacher('next', network.graph, await network.read());
      trainer.dispose();
      teacher.dispose();
      teacher = next;
    }
    expect(await weightsOf(last)).toEqual(await weightsOf(teacher));
    teacher.dispose();
    last.dispose();
  });

  it('are told with their figures and what they cost', async () => {
    const words = new Set<string>();
    const finished: string[] = [];
    const last = await loadTeacher(
      recipe,
      data,
      around({ progress: (what) => words.add(what), finished: (what) => finished.push(what) }),
    );
    expect(words).toContain('Training generation 1 of 3');
    expect(words).toContain('Training generation 2 of 3');
    expect(words).toContain('Generation 2 of 3: testing');
    expect(finished).toEqual(['the teacher', 'generation 1 of 3', 'generation 2 of 3']);
    const trainer = new Trainer(recipe, data, last, quiet);
    const { generations = [], teacher } = await trainer.prepare();
    expect(teacher.title).toBe('Generation 2 of 3');
    expect(generations.map(({ title }) => title)).toEqual([
      'Trained in this run',
      'Generation 1 of 3',
      'Generation 2 of 3',
    ]);
    for (const { test } of generations) expect(test.nll).toBeGreaterThan(0);
    // Each generation remembered the answers on all points, and this run did so again.
    expect(last.rows).toBe(3 * data.train.count);
    trainer.dispose();
    last.dispose();
  });

  it('that were stopped in the middle go on from what was kept', async () => {
    const keep = new Keep();
    const abort = new AbortController();
    const finished: string[] = [];
    const pause = () => {
      if (abort.signal.aborted) throw abort.signal.reason as Error;
      return Promise.resolve();
    };
    const progress = (what: string) => {
      if (what.startsWith('Training generation 2')) abort.abort(new Stopped());
    };
    const given = around({ keep, pause, progress, finished: (what) => finished.push(what) });
    await expect(loadTeacher(recipe, data, given)).rejects.toBeInstanceOf(Stopped);
    expect(finished).toEqual(['the teacher', 'generation 1 of 3']);
    const words = new Set<string>();
    const resumed = await loadTeacher(
      recipe,
      data,
      around({ keep, progress: (what) => words.add(what) }),
    );
    expect([...words].filter((what) => what.startsWith('Training'))).toEqual([
      'Training generation 2 of 3',
    ]);
    const whole = await loadTeacher(recipe, data, around());
    expect(await weightsOf(resumed)).toEqual(await weightsOf(whole));
    // Another seed, or other settings, is another line.
    const others = new Set<string>();
    const other = await loadTeacher(
      { ...recipe, seed: 7, generations: 1 },
      data,
      around({ keep, progress: (what) => others.add(what) }),
    );
    expect([...others]).toEqual(['Training the teacher']);
    for (const one of [resumed, whole, other]) one.dispose();
  });

  it('diverge in a sentence that names the student', async () => {
    const { generations: _, ...plain } = recipe;
    const teacher = await loadTeacher(plain, data, around());
    const optimizer = { ...recipe.optimizer, kind: 'sgd', rate: 1000, weightDecay: 0.1 } as const;
    const reckless = { ...youngRecipe(recipe, 1), optimizer, steps: 100 };
    await expect(raise(reckless, data, teacher, '1 of 2', quiet)).rejects.toMatchObject({
      code: 'E_DIVERGED',
      message: expect.stringMatching(/^The loss of KD (ran away|is no finite number)/),
    });
    teacher.dispose();
  });
});
