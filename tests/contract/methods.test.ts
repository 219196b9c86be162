import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Method, StepTensors } from '../../src/methods/contract';
import { defaultsOf } from '../../src/recipe/fields';
import type { Choice, Optimizer } from '../../src/recipe/recipe';
import { teach } from '../../src/train/teach';
import { Teacher } from '../../src/train/teacher';
import { useCpu } from '../support/cpu';
import { auxiliariesFor, classMethods, completed, stepTensors } from '../support/methods';
import type { Rows } from '../support/methods';
import { wave } from '../support/numbers';
import { choose, recipeOf, student } from '../support/recipes';
import { trainerOf } from '../support/runs';
import { imageTask } from '../support/tasks';

beforeAll(useCpu);

const rowsOf = (phase: number) =>
  Array.from({ length: 4 }, (_, i) => [...wave([5], [1.3, phase + i, 2])]);

describe.each(classMethods)('$id', (method) => {
  const params = defaultsOf(method.params);
  const rows = {
    logits: rowsOf(0.1),
    teacher: rowsOf(0.7),
    first: rowsOf(1.1),
    second: rowsOf(1.9),
    share: [0, 0.3, 0.7, 1],
    targets: [0, 1, 2, 3].map((label) => [0, 1, 2, 3, 4].map((c) => Number(c === label))),
  };

  const tensorsOf = (given: Rows, run: (batch: StepTensors) => void) => {
    const auxiliaries = auxiliariesFor(method, params, 5);
    tf.tidy(() => {
      run(
        stepTensors(completed(method, params, given), (name, x) => {
          auxiliaries.renew();
          return auxiliaries.run(name, x);
        }),
      );
    });
    auxiliaries.dispose();
  };

  it('has scalar terms and changes nothing that it is given', () => {
    tensorsOf(rows, (batch) => {
      const run = () =>
        Object.entries(method.terms(batch, params)).map(([name, term]) => {
          expect(term.shape, name).toEqual([]);
          return [name, term.dataSync()[0]];
        });
      expect(run()).toEqual(run());
      expect([...batch.logits.dataSync()]).toEqual(rows.logits.flat().map(Math.fround));
    });
  });

  it('weighs terms that it has, with finite numbers', () => {
    let named: readonly string[] = [];
    tensorsOf(rows, (batch) => {
      named = Object.keys(method.terms(batch, params));
    });
    expect(named.length).toBeGreaterThan(0);
    for (const step of [0, 5, 10]) {
      const weights = method.weights(params, { step, steps: 10 });
      for (const name of named) expect(weights[name], name).toSatisfy(Number.isFinite);
    }
  });

  it('does with nothing but what it says it needs', () => {
    const { needs } = method;
    const { logits, teacher, first, second, share, targets } = rows;
    const given = {
      logits,
      ...(needs.teacher === 'logits' && { teacher }),
      ...(needs.teacher === 'parents' && { first, second, share }),
      ...(needs.labels !== 'none' && { targets }),
    };
    tensorsOf(given, (batch) => {
      expect(() => method.terms(batch, params)).not.toThrow();
    });
  });
});

const taught = classMethods.filter(({ needs }) => needs.teacher !== 'none');
it.each(taught)('$id says so where it was given no teacher', (method) => {
  tf.tidy(() => {
    const batch = stepTensors({ logits: rowsOf(0.1) });
    expect(() => method.terms(batch, defaultsOf(method.params))).toThrow(/teacher/);
  });
});

describe('sixteen images learnt by heart', () => {
  const adam: Optimizer = {
    kind: 'adam',
    rate: 0.02,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 0,
    schedule: 'cosine',
    warmup: 0,
  };
  const small = imageTask({ count: 16 });
  const data = { ...small, validation: small.train };
  const model = choose('model', 'tinyconv', { widths: [8, 12] });
  let teacher: Teacher;

  beforeAll(async () => {
    const training = {
      model,
      augment: 'none',
      pad: 0,
      batch: 16,
      steps: 45,
      optimizer: adam,
    } as const;
    const taught = await teach(training, data, 5, () => Promise.resolve());
    teacher = new Teacher('small', taught.graph, taught.weights);
  }, 60_000);

  /** Methods that need mixed rows get real ones through a sampler of mixed ones, at share 0. */
  const samplerFor = ({ needs }: Method): Choice =>
    needs.labels === 'mixed' || needs.teacher === 'parents'
      ? choose('sampler', 'interpolation', { share: 0 })
      : choose('sampler', 'none');

  it.each(classMethods)('$id', async (method) => {
    const one = student(choose('method', method.id), samplerFor(method), model);
    const recipe = recipeOf([one], {
      transfer: 16,
      batch: 16,
      steps: 45,
      optimizer: adam,
      seed: 2,
    });
    const trainer = trainerOf(recipe, data, teacher);
    await trainer.prepare();
    await trainer.takeStep();
    const [before] = await trainer.trainPoints();
    while (trainer.step < 45) await trainer.takeStep();
    const [after] = await trainer.trainPoints();
    const { point } = await trainer.evaluate(0);
    trainer.dispose();
    // Features of a narrower network cannot be the teacher's, and an early answer is not a late one; where both count, less
    // still can be learnt.
    const { taps, index } = method.needs;
    const share = taps && index ? 0.45 : taps || index ? 0.35 : 0.05;
    // Both by the weights at the end: a warm-up changes what the terms count.
    // What an adversary sees of a student rises as the student learns.
    const weights: Readonly<Record<string, number>> = {
      ...method.weights(one.method.params, { step: 44, steps: 45 }),
      discriminator: 0,
    };
    const weighed = ({ terms }: typeof before & object) =>
      Object.entries(terms).reduce((sum, [name, term]) => sum + term * (weights[name] ?? 1), 0);
    expect(weighed(after!)).toBeLessThan(share * weighed(before!));
    expect(point.students[0]!.agreement).toBeGreaterThanOrEqual(0.9);
    expect(point.students[0]!.accuracy).toBeGreaterThanOrEqual(0.9);
  });
});
