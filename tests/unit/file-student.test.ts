import { beforeAll, describe, expect, it } from 'vitest';
import { withFileStudent, withoutFile } from '../../src/app/edit';
import { weightsOf } from '../../src/models/net/graph';
import { checkRecipe } from '../../src/recipe/check';
import { decodeLink, encodeLink } from '../../src/recipe/link';
import type { FileStudent, Meaning } from '../../src/recipe/meaning';
import { presets } from '../../src/recipe/presets';
import type { Recipe, Student } from '../../src/recipe/recipe';
import type { TaskData } from '../../src/tasks/contract';
import { loadGivenStudents } from '../../src/train/given-students';
import { Trainer } from '../../src/train/trainer';
import type { ReadNetwork } from '../../src/upload/given';
import { adapt } from '../../src/upload/inspect/adapt';
import { catalogue } from '../support/catalogue';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnTeacher, quiet } from '../support/runs';
import { imageTask } from '../support/tasks';
import {
  answerOf,
  meaningOf,
  readNetwork,
  smallNetwork as small,
  values,
  wave,
} from '../support/uploads';
import { lineTask } from '../support/values';

beforeAll(useCpu);

const SHA = 'ab'.repeat(32);
const range: Partial<Meaning> = {
  input: { name: '0 to 1', order: 'rgb', scale: 1 / 255, mean: [0], std: [1], perImage: false },
};

function fileOf(
  net: ReadNetwork,
  weights: FileStudent['weights'],
  classes: readonly (number | null)[],
  more: Partial<Meaning> = {},
): FileStudent {
  const answers = { kind: 'probabilities', classes } as const;
  return {
    name: 'mine',
    sha256: SHA,
    meaning: meaningOf(net, 5, { ...range, answers, ...more }),
    weights,
  };
}

const erm = student(choose('method', 'erm'));
const asTask = [0, 1, 2, 3, 4];

async function trainerFor(
  net: ReadNetwork,
  file: FileStudent,
  more: Partial<Recipe> = {},
  data: TaskData = imageTask(),
  arm: Student = erm,
): Promise<Trainer> {
  const recipe = recipeOf([{ ...arm, file }], more);
  const given = await loadGivenStudents(recipe, data, {
    uploaded: (sha256) => (sha256 === SHA ? net : undefined),
  });
  return new Trainer(recipe, data, drawnTeacher(data), quiet, true, new Map(), given);
}

function networkOf(trainer: Trainer) {
  return trainer.students[0]!.network;
}

describe('a student whose architecture is a file’s', () => {
  it('learns: its loss falls, its weights change, its constants do not', async () => {
    const net = small(5);
    const trainer = await trainerFor(net, fileOf(net, 'fresh', asTask), { steps: 20 });
    const before = await networkOf(trainer).read();
    const losses: number[] = [];
    for (let step = 0; step < 20; step += 1) {
      await trainer.takeStep();
      losses.push((await trainer.trainPoints())[0]!.loss);
    }
    const mean = (list: readonly number[]) => list.reduce((a, b) => a + b) / list.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    const after = await networkOf(trainer).read();
    const constants: string[] = [];
    for (const { name, role } of weightsOf(networkOf(trainer).graph)) {
      const same = String(before.get(name)) === String(after.get(name));
      expect(same, name).toBe(role === 'constant');
      if (role === 'constant') constants.push(name);
    }
    expect([...after.get('own.value')!]).toEqual([0.5, 1, 1.5, 2]);
    // The file's own list, and the normalisation before the network.
    expect(constants).toHaveLength(3);
    trainer.dispose();
  });

  it('with kept weights starts with exactly the file’s answers', async () => {
    const net = small(6);
    const data = imageTask();
    const file = fileOf(net, 'kept', [3, 1, 0, 5, 2]);
    const trainer = await trainerFor(net, file);
    const row = wave(192, 1);
    const start = await networkOf(trainer).read();
    const got = answerOf({ graph: networkOf(trainer).graph, weights: start }, row);
    const adapted = adapt(net, data, file.meaning);
    expect(got).toEqual(answerOf(adapted, row));
    // The same by hand: the file's own logits on the same pixels, in the task's order.
    const { scale, mean, std } = data.normalisation;
    const pixels = row.map((x, i) => (x * std[i % 3]! + mean[i % 3]!) / scale / 255);
    const own = answerOf(small(6, false), pixels);
    [3, 1, 0, 5, 2].forEach((place, i) => expect(got[i]).toBeCloseTo(own[place]!, 4));
    trainer.dispose();
  });

  it('with fresh weights starts from its seed, all but the constants', async () => {
    const net = small(5);
    const file = fileOf(net, 'fresh', asTask);
    const starts: ReadonlyMap<string, Float32Array>[] = [];
    for (const seed of [1, 1, 2]) {
      const trainer = await trainerFor(net, file, { seed });
      starts.push(await networkOf(trainer).read());
      trainer.dispose();
    }
    const [one, again, two] = starts as [
      (typeof starts)[0],
      (typeof starts)[0],
      (typeof starts)[0],
    ];
    expect(again).toEqual(one);
    for (const name of ['conv.weight', 'head.weight']) {
      expect(one.get(name)).not.toEqual(two.get(name));
      expect(one.get(name)).not.toEqual(net.weights.get(name));
    }
    expect([...two.get('norm.variance')!]).toEqual([1, 1, 1, 1]);
    expect([...two.get('own.value')!]).toEqual([0.5, 1, 1.5, 2]);
  });

  it('gets a last layer of the task’s classes where it had another number, and says so', async () => {
    const net = small(9);
    const trainer = await trainerFor(net, fileOf(net, 'fresh', [0, 1, 2, 3, null]));
    const { graph } = networkOf(trainer);
    const head = graph.nodes.find(({ name }) => name === 'head')!;
    expect(head).toMatchObject({ op: 'dense', units: 5 });
    expect(graph.output).toBe('head');
    await trainer.prepare();
    expect(trainer.notices).toEqual([
      'The last layer of mine had 9 outputs; one with 5 takes its place, for what the task asks.',
      '4 numbers of mine are constants in its file, not weights of a layer: they stay as they are.',
    ]);
    await trainer.takeStep();
    expect(Number.isFinite((await trainer.trainPoints())[0]!.loss)).toBe(true);
    trainer.dispose();
  });

  it('learns by a method that looks inside, at the values that its meaning names', async () => {
    const net = small(5);
    const file = fileOf(net, 'fresh', asTask, { taps: { layer1: 'window' } });
    const at = student(choose('method', 'at'));
    const trainer = await trainerFor(net, file, {}, imageTask(), at);
    await trainer.takeStep();
    const [point] = await trainer.trainPoints();
    expect(point!.terms.attention).toBeGreaterThan(0);
    trainer.dispose();
  });

  it('gets a mean and a log-variance for each real value, and learns', async () => {
    const data = lineTask();
    const net = readNetwork(data.shape, (b) => {
      const size = data.shape[0]!;
      const parts = { weight: values([size, 6], wave(size * 6, 1)), bias: values([6], wave(6, 1)) };
      const hidden = b.add('hidden', 'input', { op: 'dense', units: 6 }, parts);
      const curve = b.add('curve', hidden, { op: 'curve', curve: 'softplus' });
      const last = { weight: values([6, 1], wave(6, 1)), bias: values([1], [0]) };
      return b.add('last', curve, { op: 'dense', units: 1 }, last);
    });
    const d = data.targets!.mean.length;
    const each = Array<number>(d).fill(1);
    const spread = { kind: 'constant', logVariance: each } as const;
    const answers = { kind: 'values', scale: each, shift: each, spread } as const;
    const input = { ...range.input!, scale: 1 };
    const file = fileOf(net, 'fresh', [], { answers, input });
    const arm = student(choose('method', 'gaussian-nll'));
    const trainer = await trainerFor(net, file, {}, data, arm);
    const { graph } = networkOf(trainer);
    expect(graph.nodes.find(({ name }) => name === 'last')).toMatchObject({ units: 2 * d });
    // Nothing but the file's layers and a new order of the same numbers: no units of what it meant before.
    expect(graph.nodes.some(({ name }) => /units|spread-log/.test(name))).toBe(false);
    await trainer.takeStep();
    expect(Number.isFinite((await trainer.trainPoints())[0]!.loss)).toBe(true);
    trainer.dispose();
  });

  it.each<[string, ReadNetwork | undefined, number, RegExp]>([
    ['is not here', undefined, 8, /own network as a student, "mine" .* whose file is not here/],
    ['does not fit into memory', small(5), 1e9, /cannot be trained with a batch of/],
    [
      'holds nothing that learns',
      readNetwork([8, 8, 3], (b) => {
        const pool = b.add('pool', 'input', { op: 'pool' });
        return b.add('all', pool, { op: 'pick', places: [0, 1, 2, 0, 1] });
      }),
      8,
      /no weights that could learn/,
    ],
  ])('is refused where its file %s', async (_, net, batch, words) => {
    const file = fileOf(net ?? small(5), 'kept', asTask);
    const logits = { kind: 'logits', classes: asTask } as const;
    const meaning = { ...file.meaning, answers: logits };
    const recipe = { students: [{ ...erm, file: { ...file, meaning } }], batch };
    await expect(loadGivenStudents(recipe, imageTask(), { uploaded: () => net })).rejects.toThrow(
      words,
    );
  });
});

describe('a recipe whose student is a file’s', () => {
  const base = presets.find(({ id }) => id === 'shapes-b')!.recipe;
  const [first] = base.students as [Student];
  const net = small(5);
  const file = fileOf(net, 'kept', asTask);
  const judged = (one: object) =>
    checkRecipe(JSON.parse(JSON.stringify({ ...base, students: [one] })), catalogue);

  it('passes as it is', () => {
    const wanted = { ...first, file };
    expect(judged(wanted).recipe?.students).toEqual([wanted]);
  });

  const spread = { kind: 'constant', logVariance: [0] } as const;
  const ofValues = { kind: 'values', scale: [1], shift: [0], spread } as const;
  it.each<[string, object, RegExp]>([
    [
      'real values',
      { file: { ...file, meaning: { ...file.meaning, answers: ofValues } } },
      /^students\.0\.file \("mine"\) answers with real values/,
    ],
    [
      'a method that looks inside',
      { file, method: choose('method', 'fitnets') },
      /^students\.0\.file \("mine"\) names no inner values, and /,
    ],
    [
      'a compression that rebuilds',
      { file, compression: choose('compression', 'low-rank') },
      /rebuilds the networks that it knows, and this one is from a file/,
    ],
    ['other weights', { file: { ...file, weights: 'old' } }, /kept or fresh/],
  ])('%s are refused', (_, change, words) => {
    const { recipe, problems } = judged({ ...first, ...change });
    expect(recipe).toBeNull();
    expect(problems.join(' ')).toMatch(words);
  });

  it('travels by a link as its model, with a notice', () => {
    const link = encodeLink({
      ...base,
      students: base.students.map((one, i) => (i === 0 ? { ...one, file } : one)),
    });
    expect(link).toBe('preset=shapes-b&ownStudent=%5B%22mine%22%2C%22abababababab%22%5D');
    const read = decodeLink(link);
    expect(read.recipe).toEqual(base);
    expect(read.notices).toEqual([
      'This link used someone’s own network mine, abababababab.. as a student; using the model of the settings instead.',
    ]);
  });

  it('is made by adding one to the students, and unmade', () => {
    const one = withFileStudent(base, file);
    const two = withFileStudent(one, file);
    expect(two.students.map(({ name }) => name).slice(-2)).toEqual(['mine', 'mine 2']);
    expect(two.students.at(-1)!.file).toEqual(file);
    expect(withoutFile(two.students.at(-1)!)).toEqual({ ...base.students.at(-1), name: 'mine 2' });
    let many = base;
    for (let i = 0; i < 9; i += 1) many = withFileStudent(many, file);
    expect(many.students).toHaveLength(8);
    expect(new Set(many.students.map(({ name }) => name)).size).toBe(8);
  });
});
