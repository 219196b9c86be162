import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { drawWeights } from '../../src/models/net/draw';
import type { FrozenNetwork } from '../../src/models/net/frozen';
import { sizeOf, weightsOf } from '../../src/models/net/graph';
import { writeSafetensors } from '../../src/models/net/safetensors';
import { models } from '../../src/models/registry';
import { presets, spiralStudy } from '../../src/recipe/presets';
import type { Recipe, TeacherCard } from '../../src/recipe/recipe';
import { loadTask, loadTeacher } from '../../src/train/prepare';
import type { Surroundings } from '../../src/train/prepare';
import { useCpu } from '../support/cpu';
import { choose } from '../support/recipes';
import { planeTask } from '../support/tasks';
import { meaningOf, readNetwork, values } from '../support/uploads';

beforeAll(useCpu);

const presetOf = (id: string): Recipe => presets.find((preset) => preset.id === id)!.recipe;
const spiral = presetOf('spiral');
const data = planeTask();
const model = { id: 'mlp', params: { hidden: [4] } };
const graph = models.get('mlp').graph([2], 3, model.params);
const weights = drawWeights(graph, 1);

const fileOf = (names = weightsOf(graph)) =>
  writeSafetensors({
    tensors: new Map(names.map(({ name, shape }) => [name, { shape, values: weights.get(name)! }])),
    metadata: {},
  });
const cardOf = (file: Uint8Array): TeacherCard => ({
  id: 'spiral',
  title: 'Small',
  task: spiral.task,
  model,
  parameters: 27,
  macs: 20,
  examples: 0,
  data: '',
  accuracy: {},
  sha256: createHash('sha256').update(file).digest('hex'),
  bytes: file.length,
});
const around = (file: Uint8Array, more: Partial<Surroundings> = {}): Surroundings => ({
  cards: [cardOf(file)],
  sources: () => [],
  teacherFile: () => Promise.resolve(file),
  pause: () => Promise.resolve(),
  progress: () => undefined,
  ...more,
});

describe('a bundled teacher', () => {
  it('is read from its file', async () => {
    const teacher = await loadTeacher(spiral, data, around(fileOf()));
    expect([teacher.title, teacher.parameters, teacher.macs]).toEqual(['Small', 27, 20]);
    expect(weightsOf(graph).reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(27);
    teacher.dispose();
  });

  it.each([
    [
      'whose file is another one',
      around(fileOf(), { teacherFile: async () => new Uint8Array(9) }),
      'E_TEACHER_DIGEST',
    ],
    ['that is not there', around(fileOf(), { cards: [] }), 'E_TEACHER'],
  ])('%s is refused', async (_, surroundings, code) => {
    await expect(loadTeacher(spiral, data, surroundings)).rejects.toMatchObject({ code });
  });

  it('that lacks a weight is refused with its name', async () => {
    const file = fileOf(weightsOf(graph).slice(1));
    await expect(loadTeacher(spiral, data, around(file))).rejects.toThrow('hidden1.weight');
  });
});

describe('a teacher from a file', () => {
  const net = readNetwork([2], (b) =>
    b.dense('out', 'input', values([2, 3], [1, 0, -1, 0, 1, 2]), values([3], [0, 1, 0])),
  );
  const sha256 = 'ab'.repeat(32);
  const meaning = meaningOf(net, 3);
  const recipe: Recipe = {
    ...spiral,
    teacher: { source: 'file', name: 'mine', sha256, meaning },
  };

  it('answers as the file’s network does', async () => {
    const uploaded = (wanted: string) => (wanted === sha256 ? net : undefined);
    const teacher = await loadTeacher(recipe, data, around(fileOf(), { uploaded }));
    expect([teacher.title, teacher.parameters, teacher.macs]).toEqual(['mine', 9, 6]);
    const logits = teacher.ask(tf.tensor2d([0.5, -2], [1, 2]));
    expect([...logits.dataSync()]).toEqual([0.5, -1, -4.5]);
    logits.dispose();
    teacher.dispose();
  });

  it('whose file nobody gave is refused', async () => {
    await expect(loadTeacher(recipe, data, around(fileOf()))).rejects.toMatchObject({
      code: 'E_TEACHER_FILE',
      message: expect.stringContaining('"mine" (SHA-256 abababababab...)'),
    });
  });
});

describe('a teacher trained in the run', () => {
  const training = spiralStudy.teacher;
  if (training.source !== 'train') throw new Error('the study trains its teacher');
  const recipe: Recipe = { ...spiralStudy, teacher: { ...training, model, steps: 25 } };
  const bytesOf = async (seed: number) => {
    const teacher = await loadTeacher({ ...recipe, seed }, data, around(fileOf()));
    const lists = await Promise.all(teacher.network.tensors().map((tensor) => tensor.data()));
    teacher.dispose();
    return lists.flatMap((list) => [...list]);
  };

  it('is the same for the same seed, another for another, and tells how far it is', async () => {
    const first = await bytesOf(1);
    expect(await bytesOf(1)).toEqual(first);
    expect(await bytesOf(2)).not.toEqual(first);
    const shares: number[] = [];
    const progress = (_: string, share: number) => shares.push(share);
    (await loadTeacher(recipe, data, around(fileOf(), { progress }))).dispose();
    expect(shares).toEqual([20 / 25, 1]);
  });

  it('that diverges is refused in a sentence', async () => {
    const optimizer = { ...training.optimizer, kind: 'sgd', rate: 1e6, weightDecay: 0.1 } as const;
    const reckless: Recipe = {
      ...recipe,
      teacher: { ...training, model, steps: 100, optimizer },
    };
    await expect(loadTeacher(reckless, data, around(fileOf()))).rejects.toMatchObject({
      code: 'E_DIVERGED',
      message: expect.stringMatching(/^The loss of the teacher (ran away|is no finite number)/),
      rate: 'teacher',
    });
  });
});

describe('several teachers', () => {
  const training = spiralStudy.teacher;
  if (training.source !== 'train') throw new Error('the study trains its teacher');
  const small = { ...training, model, steps: 25 };
  const meal = { ...spiral.students[0]!, method: choose('method', 'meal-v2') };
  const recipe: Recipe = { ...spiral, teacher: small, companions: [small, small] };
  const bytesOf = async (network: FrozenNetwork) =>
    (await Promise.all(network.tensors().map((tensor) => tensor.data()))).flatMap((list) => [
      ...list,
    ]);

  it('have seeds of their own, and words say which of them is trained', async () => {
    const words = new Set<string>();
    const progress = (what: string) => words.add(what);
    const several = { ...recipe, students: [meal] };
    const teacher = await loadTeacher(several, data, around(fileOf(), { progress }));
    expect([...words]).toEqual([1, 2, 3].map((n) => `Training teacher ${n} of 3`));
    const all = [teacher, ...teacher.companions];
    const weights = await Promise.all(all.map(({ network }) => bytesOf(network)));
    expect(new Set(weights.map(String)).size).toBe(3);
    const alone = await loadTeacher({ ...recipe, companions: [] }, data, around(fileOf()));
    expect(weights[0]).toEqual(await bytesOf(alone.network));
    teacher.dispose();
    alone.dispose();
  });

  it('may be bundled and trained', async () => {
    const mixed: Recipe = { ...recipe, teacher: spiral.teacher, students: [meal] };
    const teacher = await loadTeacher(mixed, data, around(fileOf()));
    expect([teacher, ...teacher.companions].map(({ title }) => title)).toEqual([
      'Small',
      'Trained in this run, 2 of 3',
      'Trained in this run, 3 of 3',
    ]);
    teacher.dispose();
  });

  it('are left out where no student asks them, and freed where one of them fails', async () => {
    const teacher = await loadTeacher(recipe, data, around(fileOf()));
    expect(teacher.companions).toEqual([]);
    teacher.dispose();
    disposeConstants();
    const before = tf.memory().numTensors;
    const lost: Recipe = { ...recipe, companions: [spiral.teacher], students: [meal] };
    await expect(loadTeacher(lost, data, around(fileOf(), { cards: [] }))).rejects.toThrow(
      'no bundled teacher',
    );
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the data of a run', () => {
  const load = (recipe: Recipe) => loadTask(recipe, around(fileOf()));

  it('stays the same over seeds, unless the recipe redraws it', async () => {
    const [one, two] = await Promise.all([load(spiral), load({ ...spiral, seed: 2 })]);
    expect(two.train).toEqual(one.train);
    const [first, second] = await Promise.all([
      load(spiralStudy),
      load({ ...spiralStudy, seed: 2 }),
    ]);
    expect(second.train.x).not.toEqual(first.train.x);
  });

  it('that the user brings is asked for where it was not given', async () => {
    await expect(load(presetOf('cifar10'))).rejects.toMatchObject({
      code: 'E_DATA_NEEDED',
      message: expect.stringMatching(/^CIFAR-10 needs its files/),
    });
  });
});
