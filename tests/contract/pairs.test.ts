import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { disposeConstants } from '../../src/gpu/constants';
import { methods } from '../../src/methods/registry';
import { transferOf } from '../../src/samplers/parts/compose';
import { poolsOf } from '../../src/samplers/parts/pool';
import { samplers } from '../../src/samplers/registry';
import { outputsOf } from '../../src/tasks/contract';
import { BatchMaker } from '../../src/train/batch';
import { pixelsOf } from '../../src/train/data';
import { standardised } from '../../src/train/gaussian';
import { Memory } from '../../src/train/memory';
import { RowSource } from '../../src/train/rows';
import { useCpu } from '../support/cpu';
import { areOf, kinds, KINDS, problemsOf } from '../support/kinds';
import { choose, recipeOf, student } from '../support/recipes';
import { drawnGenerator, drawnTeacher, trainerOf, weightsOf } from '../support/runs';

const pairs = KINDS.flatMap((kind) =>
  methods.all().flatMap((method) =>
    samplers.all().map((sampler) => ({
      kind,
      name: `${method.id} on ${sampler.id}`,
      method: method.id,
      sampler: sampler.id,
      of: areOf(kind, method, sampler),
      problems: problemsOf(kind, method.id, sampler.id),
    })),
  ),
);
type Pair = (typeof pairs)[number];
const running = pairs.filter(({ problems }) => problems.length === 0);

/** Whether two tensors hold the same numbers. Call inside a tidy. */
const equal = (a: tf.Tensor, b: tf.Tensor): boolean => tf.all(tf.equal(a, b)).dataSync()[0] === 1;
/** Whether every row of a matrix has a number that is not zero. Call inside a tidy. */
const full = (rows: tf.Tensor): boolean =>
  tf.all(tf.any(tf.notEqual(rows, 0), 1)).dataSync()[0] === 1;

/**
 * What a method needs and does not find in a drawn batch of a sampler, as the batch itself shows it: labels of every row,
 * labels and answers that are mixed of two, lines of the memory for every row. Null where it finds all.
 */
function missingIn({ kind, method: id, sampler }: Pair): string | null {
  const { data, model } = kinds[kind];
  const { needs } = methods.get(id);
  const { y, count } = data.train;
  const pixels = pixelsOf(data, data.train);
  const classes = outputsOf(data);
  const values = standardised(data, data.train);
  const choice = choose('sampler', sampler);
  const source = new RowSource(pixels, y, count, classes, poolsOf([choice]), values);
  const generator = drawnGenerator(data);
  const rows =
    sampler === 'generator' ? generator.rows(source.rows(), source.rows()) : source.rows();
  const parents = needs.teacher === 'parents';
  const asked = { logits: false, parents, taps: false, several: false };
  const maker = new BatchMaker(choice, 1, asked, rows);
  const teacher = drawnTeacher(data, model);
  maker.draw(
    Array.from({ length: 8 }, (_, row) => row),
    transferOf(y, count, data.shape, classes),
  );
  let missing: string | null = null;
  tf.tidy(() => {
    const batch = maker.make(teacher);
    const hard = batch.targets(false);
    const lines = batch.store(tf.zeros([count, 1]), tf.ones([8, 1]));
    if (needs.teacher === 'none' && needs.labels === 'hard' && !full(hard)) missing = 'labels';
    const mixed = batch.targets(true);
    if (needs.labels === 'mixed' && (!full(mixed) || equal(mixed, hard))) missing = 'mixed labels';
    if (batch.parents && equal(batch.parents.first, batch.parents.second)) missing = 'two parents';
    if (needs.index && !full(batch.lookUp(lines))) missing = 'lines in its memory';
  });
  teacher.dispose();
  generator.dispose();
  maker.dispose();
  source.dispose();
  return missing;
}

describe('what the check lets run together is what finds all that it needs', () => {
  beforeAll(useCpu);

  it.each(pairs.filter((pair) => pair.of))('$name ($kind)', (pair) => {
    const missing = missingIn(pair);
    expect(pair.problems.length === 0, missing ?? pair.problems.join(' ')).toBe(missing === null);
  });
});

it.each(pairs.filter(({ problems }) => problems.length > 0))(
  '$name is refused in words ($kind)',
  ({ problems }) => {
    for (const sentence of problems) expect(sentence).toMatch(/^students\.0\b.{20,}\.$/);
  },
);

it.each(pairs.filter((pair) => !pair.of))('$name is refused ($kind)', ({ problems }) => {
  expect(problems.length).toBeGreaterThan(0);
});

it('a pair is possible once nothing of it is mixed', () => {
  expect(problemsOf('image', 'erm', 'cutmix', { share: 0 })).toEqual([]);
});

describe('a pair that runs changes the loss that it claims to change', () => {
  beforeAll(useCpu);
  afterEach(() => vi.restoreAllMocks());

  /** Weights after some steps on few rows, which are seen again and again. */
  const taught = async ({ kind, method, sampler }: Pair, seed: number, labels = 0) => {
    const { model, data: whole } = kinds[kind];
    const { train } = whole;
    const y = train.y.map((label) => (label + labels) % Math.max(1, whole.classes.length));
    const moved = train.values?.map((value) => value + labels);
    const data = { ...whole, train: { ...train, y, ...(moved && { values: moved }) } };
    const teacher = drawnTeacher(data, model, seed);
    teacher.companions = [drawnTeacher(data, model, seed + 1)];
    const one = student(choose('method', method), choose('sampler', sampler), model);
    const trainer = trainerOf(recipeOf([one], { steps: 4, transfer: 10 }), data, teacher);
    await trainer.prepare();
    for (let step = 0; step < 4; step++) await trainer.takeStep();
    const [weights] = await weightsOf(trainer);
    trainer.dispose();
    teacher.dispose();
    return weights;
  };

  it.each(running)('$name ($kind)', async (pair) => {
    const { needs, memory } = methods.get(pair.method);
    const weights = await taught(pair, 99);
    expect(await taught(pair, 99), 'the same again').toEqual(weights);
    const other = needs.teacher === 'none' ? await taught(pair, 99, 1) : await taught(pair, 55);
    expect(other, 'other labels, or another teacher').not.toEqual(weights);
    vi.spyOn(Memory.prototype, 'store').mockImplementation(() => undefined);
    const forgetful = await taught(pair, 99);
    expect(isDeepStrictEqual(forgetful, weights), 'nothing remembered').toBe(!memory);
  });
});

describe.each(running)('$name ($kind)', (pair) => {
  const { model, data } = kinds[pair.kind];
  const method = methods.get(pair.method);
  beforeAll(useCpu);

  it('trains: finite terms, one teacher call a step, no tensor left over, the teacher untouched', async () => {
    disposeConstants();
    const before = tf.memory().numTensors;
    const teacher = drawnTeacher(data, model);
    const bytes = async () =>
      Promise.all(teacher.network.tensors().map(async (tensor) => [...(await tensor.data())]));
    const taught = await bytes();
    const sampler = choose('sampler', pair.sampler);
    const recipe = recipeOf([student(choose('method', pair.method), sampler, model)]);
    const trainer = trainerOf(recipe, data, teacher);
    await trainer.prepare();
    const [first] = await weightsOf(trainer);
    const tensors: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      await trainer.takeStep();
      tensors.push(tf.memory().numTensors);
    }
    expect(new Set(tensors.slice(1)).size).toBe(1);
    const [point] = await trainer.trainPoints();
    const terms = Object.entries(point?.terms ?? {});
    expect(terms.length).toBeGreaterThan(0);
    for (const [name, value] of terms) expect(Number.isFinite(value), name).toBe(true);
    const callsPerStep = { none: 0, logits: 1, parents: 2 }[method.needs.teacher];
    expect(teacher.calls).toBe(5 * callsPerStep);
    expect(await bytes()).toEqual(taught);
    const [last] = await weightsOf(trainer);
    expect(last).not.toEqual(first);
    expect(last?.every(Number.isFinite)).toBe(true);
    trainer.dispose();
    teacher.dispose();
    disposeConstants();
    expect(tf.memory().numTensors).toBe(before);
  });
});
