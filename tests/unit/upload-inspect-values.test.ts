import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/recipe/random';
import type { Meaning } from '../../src/recipe/meaning';
import type { Split, TaskData } from '../../src/tasks/contract';
import { inspect } from '../../src/train/inspect/inspect';
import type { ReadNetwork } from '../../src/upload/given';
import { useCpu } from '../support/cpu';
import { choose, recipeOf, student } from '../support/recipes';
import { readNetwork, values } from '../support/uploads';

beforeAll(useCpu);

const recipe = recipeOf([
  student(choose('method', 'gaussian-nll'), undefined, choose('model', 'mlp')),
]);
const asked = (net: ReadNetwork, data: TaskData, corrections: Partial<Meaning> = {}) =>
  inspect(net, 'ab'.repeat(32), data, recipe, corrections, {
    progress: () => undefined,
    pause: () => Promise.resolve(),
  });

/** A number x from -1 to 1 and an angle of 30 x + 10 degrees, with noise that grows with |x| where `noisy`. */
function line(noisy = false): TaskData {
  const random = Random.from(7, 'values');
  const split = (): Split => {
    const x = Float32Array.from({ length: 200 }, (_, i) => i / 100 - 1);
    const value = (n: number) => 30 * n + 10 + (noisy ? random.normal() * (0.5 + 4 * n * n) : 0);
    return { x, y: new Uint8Array(), values: x.map(value), count: 200 };
  };
  return {
    shape: [1],
    classes: [],
    targets: { names: ['angle'], unit: '°', mean: [10], std: [17] },
    train: split(),
    validation: split(),
    test: split(),
    normalisation: { scale: 1, mean: [0], std: [1] },
  };
}

/** Puts out a x + b. */
const mean = (a: number, b: number) =>
  readNetwork([1], (n) => n.dense('out', 'input', values([1, 1], [a]), values([1], [b])));

describe('units are found by least squares on labelled examples', () => {
  it.each([
    ['the task’s own', 30, 10, 1, 0],
    ['the task’s standardised ones', 30 / 17, 0, 17, 10],
    ['radians', (30 * Math.PI) / 180, (10 * Math.PI) / 180, 180 / Math.PI, 0],
    ['others', 3, 5, 10, -40],
  ])('%s', async (_, a, b, scale, shift) => {
    const report = await asked(mean(a, b), line());
    expect([report.puts, report.accuracy, report.chance]).toEqual(['values', null, null]);
    const { answers } = report.meaning;
    if (answers.kind !== 'values') throw new Error('classes were found');
    expect(answers.scale[0]).toBeCloseTo(scale, 4);
    expect(answers.shift[0]).toBeCloseTo(shift, 3);
    expect(report.values!.r2[0]).toBeCloseTo(1, 5);
    expect(report.values!.rmse[0]).toBeLessThan(0.01);
    expect(report.tried[0]).toMatchObject({ images: 100, logLikelihood: null });
  });

  it('what says nothing of the values is warned of', async () => {
    const net = readNetwork([1], (n) =>
      n.dense(
        'out',
        n.add('square', 'input', { op: 'curve', curve: 'square' }),
        values([1, 1], [1]),
        null,
      ),
    );
    const report = await asked(net, line());
    expect(report.warnings[0]).toContain('hardly more of the values than their mean');
  });
});

describe('how sure it is', () => {
  it('a mean alone gets a constant variance from the validation errors, which is said', async () => {
    const data = line(true);
    const report = await asked(mean(30, 10), data);
    expect(report.answers).toContain('a constant variance stands for that');
    const { answers } = report.meaning;
    if (answers.kind !== 'values' || answers.spread.kind !== 'constant')
      throw new Error('it is not constant');
    const { x, values: wanted } = data.validation;
    const square = wanted!.reduce((sum, v, i) => sum + (v - 30 * x[i]! - 10) ** 2, 0) / 200;
    expect(answers.spread.logVariance[0]).toBeCloseTo(Math.log(square / 17 ** 2), 2);
  });

  /** Puts out the mean and a number made of the true variance. */
  const both = (last: 'variance' | 'log-variance' | 'deviation') =>
    readNetwork([1], (n) => {
      const square = n.add('square', 'input', { op: 'curve', curve: 'square' });
      const centre = n.dense('mean', 'input', values([1, 1], [30]), values([1], [10]));
      const deviation = n.dense('deviation', square, values([1, 1], [4]), values([1], [0.5]));
      const variance = n.add('variance', deviation, { op: 'curve', curve: 'square' });
      const log = n.add('log', variance, { op: 'curve', curve: 'log' });
      const second = { variance, deviation, 'log-variance': log }[last];
      return n.add('out', centre, { op: 'concat', others: [second], axis: 0 });
    });

  it.each(['variance', 'log-variance', 'deviation'] as const)(
    'a %s is recognised',
    async (kind) => {
      const report = await asked(both(kind), line(true));
      expect(report.meaning.answers).toMatchObject({
        kind: 'values',
        scale: [1],
        shift: [0],
        spread: { kind, output: 'out' },
      });
    },
  );

  it('of another output too; and a person’s word is taken', async () => {
    const net = readNetwork([1], (n) => [
      n.dense('mean', 'input', values([1, 1], [30]), values([1], [10])),
      n.dense(
        'spread',
        n.add('square', 'input', { op: 'curve', curve: 'square' }),
        values([1, 1], [4]),
        values([1], [0.5]),
      ),
    ]);
    const found = await asked(net, line(true));
    expect(found.meaning).toMatchObject({
      output: 'mean',
      answers: { spread: { kind: 'deviation', output: 'spread' } },
    });
    const given = {
      kind: 'values',
      scale: [2],
      shift: [1],
      spread: { kind: 'constant', logVariance: [-3] },
    } as const;
    const report = await asked(net, line(), { answers: given });
    expect(report.meaning.answers).toEqual(given);
    expect(report.values!.rmse[0]).toBeGreaterThan(10);
  });
});
