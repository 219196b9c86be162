import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distillationKl, softmaxAt } from '../../src/gpu/ops/losses';
import { meanCorrelation, standardised, togetherAt } from '../../src/gpu/ops/relations';
import { methods } from '../../src/methods/registry';
import { defaultsOf } from '../../src/recipe/fields';
import { useCpu } from '../support/cpu';
import { lossAndGradient, stepTensors } from '../support/methods';
import type { Rows } from '../support/methods';
import { expectClose } from '../support/numbers';

/** Values computed in float64: student [2, 1, -1], teacher [3, 1, 0.2], label 0. Those from PyTorch are in logit.json. */
const STUDENT = [2, 1, -1];
const TEACHER = [3, 1, 0.2];
const one: Rows = { logits: [STUDENT], teacher: [TEACHER], targets: [[1, 0, 0]] };
const three: Rows = {
  logits: [
    [2, 1, -1],
    [0, 0.5, 1],
    [1, 1.2, 0.1],
  ],
  teacher: [
    [3, 1, 0.2],
    [0.2, 0.1, 1.5],
    [0.3, 2, 0],
  ],
};

beforeAll(useCpu);

/** A method's raw terms, by its defaults where `params` says nothing else. */
function termsOf(id: string, params: object, rows: Rows): Record<string, number> {
  const method = methods.get(id);
  return tf.tidy(() => {
    const terms = method.terms(stepTensors(rows), { ...defaultsOf(method.params), ...params });
    return Object.fromEntries(
      Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0] ?? NaN]),
    );
  });
}

const lossOf = (id: string, params: object, rows: Rows) =>
  lossAndGradient(
    methods.get(id),
    { ...defaultsOf(methods.get(id).params), labelWeight: 0, ...params },
    rows,
  );

const logit = fc.double({ min: -4, max: 4, noNaN: true });
const vector = fc.array(logit, { minLength: 4, maxLength: 4 });
const RUNS = { numRuns: 30 };

describe('DKD', () => {
  it.each([
    [1, 0.045966569, 0.127857968, 0.836018803, 1.068830311],
    [4, 0.001972425, 0.010987916, 0.475484955, 1.43801199],
  ])('at temperature %d', (temperature, tckd, nckd, p, loss) => {
    const found = termsOf('dkd', { temperature }, one);
    expectClose([found.tckd!, found.nckd!], [tckd, nckd], 1e-6);
    const kl = { 1: 0.066932872, 4: 0.007735752 }[temperature]!;
    expectClose([found.tckd! + (1 - p) * found.nckd!], [kl], 1e-6);
    expectClose([lossOf('dkd', { temperature, beta: 8 }, one).loss], [loss], 2e-5);
  });

  it('is KL where the non-target part is weighed by what the teacher leaves to it', () => {
    fc.assert(
      fc.property(vector, vector, fc.nat(3), fc.constantFrom(1, 2.5, 4), (s, t, label, at) => {
        const targets = [t.map((_, c) => Number(c === label))];
        const found = termsOf('dkd', { temperature: at }, { logits: [s], teacher: [t], targets });
        const [kl, p] = tf.tidy(() => [
          distillationKl(tf.tensor2d([s]), tf.tensor2d([t]), at).dataSync()[0]!,
          softmaxAt(tf.tensor2d([t]), at).dataSync()[label]!,
        ]);
        expectClose([found.tckd! + (1 - p!) * found.nckd!], [kl!], 1e-5);
      }),
      RUNS,
    );
  });

  it('takes the class that the teacher is surest of where a row has no label', () => {
    const { targets, ...unlabelled } = one;
    expect(targets).toEqual([[1, 0, 0]]);
    expect(lossOf('dkd', {}, unlabelled)).toEqual(lossOf('dkd', {}, one));
    const other = lossOf('dkd', {}, { ...one, targets: [[0, 1, 0]] });
    expect(Math.abs(other.loss - lossOf('dkd', {}, one).loss)).toBeGreaterThan(0.01);
  });

  it('is warmed up over a share of the run, its labels are not', () => {
    const dkd = methods.get('dkd');
    const params = { ...defaultsOf(dkd.params), temperature: 2, alpha: 1, beta: 3, warmup: 0.1 };
    const at = (step: number) => dkd.weights(params, { step, steps: 100 });
    expect(at(0)).toEqual({ ce: 1, tckd: 0.4, nckd: expect.closeTo(1.2) });
    expect(at(4)).toEqual({ ce: 1, tckd: 2, nckd: 6 });
    for (const step of [9, 10, 99]) expect(at(step)).toEqual({ ce: 1, tckd: 4, nckd: 12 });
    const none = dkd.weights({ ...params, warmup: 0 }, { step: 0, steps: 100 });
    expect(none).toEqual({ ce: 1, tckd: 4, nckd: 12 });
  });
});

describe('DIST', () => {
  it('of three rows at temperature 1', () => {
    const { inter, intra } = termsOf('dist', { temperature: 1 }, three);
    expectClose([inter!, intra!], [0.125127192, 0.039332117], 1e-6);
  });

  const rowsOf = (list: readonly (readonly number[])[]) => tf.tensor2d(list.map((row) => [...row]));

  it('does not see a scale and a shift of what it compares', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (scale, shift) => {
          for (const axis of [0, 1] as const) {
            const [same, moved] = tf.tidy(() => {
              const [a, b] = [rowsOf(three.logits), rowsOf(three.teacher!)];
              const affine = tf.add(tf.mul(a, scale), shift) as tf.Tensor2D;
              return [a, affine].map((x) => meanCorrelation(x, b, axis).dataSync()[0]!);
            });
            expectClose([moved!], [same!], 1e-5);
          }
          const itself = tf.tidy(() => {
            const b = rowsOf(three.teacher!);
            return meanCorrelation(tf.add(tf.mul(b, scale), shift), b, 1).dataSync()[0]!;
          });
          expectClose([itself], [1], 1e-6);
        },
      ),
      RUNS,
    );
  });

  it('says nothing of two rows: their classes always correlate by one', () => {
    const two = { logits: three.logits.slice(0, 2), teacher: three.teacher!.slice(0, 2) };
    const { intra } = termsOf('dist', {}, two);
    expect(Math.min(...[0, 2 / 3, 4 / 3, 2].map((value) => Math.abs(intra! - value)))).toBeLessThan(
      1e-5,
    );
  });

  it('stays finite where nothing varies, and gives no gradient there', () => {
    const flat = { logits: [0, 1, 2].map(() => [0, 0, 0]), teacher: three.teacher! };
    const { loss, gradient } = lossOf('dist', { temperature: 1 }, flat);
    expectClose([loss, ...gradient], [4, ...gradient.map(() => 0)], 1e-6);
  });
});

describe('logit standardisation', () => {
  it('makes z-scores with n - 1', () => {
    const scores = tf.tidy(() => [...standardised(tf.tensor2d([STUDENT, TEACHER])).dataSync()]);
    const wanted = [0.8728715, 0.21821788, -1.09108938, 1.10940032, -0.27735008, -0.83205024];
    expectClose(scores, wanted, 1e-6);
    const { loss } = lossOf('logit-standard', { temperature: 2, weight: 1 }, one);
    expectClose([loss], [0.056184536], 2e-6);
    // What the population's deviation, or none, would give.
    for (const other of [0.081422258, 0.105850085])
      expect(Math.abs(loss - other)).toBeGreaterThan(0.01);
  });

  it('does not see a positive scale and a shift of either side', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (scale, shift) => {
          const moved = (rows: readonly (readonly number[])[]) =>
            rows.map((z) => z.map((value) => scale * value + shift));
          const both = { logits: moved(three.logits), teacher: moved(three.teacher!) };
          const plain = lossOf('logit-standard', {}, three);
          expectClose([lossOf('logit-standard', {}, both).loss], [plain.loss], 1e-4);
          for (const id of ['logit-standard', 'dkd'])
            expectClose(
              [lossOf(id, { standardise: true }, both).loss],
              [lossOf(id, { standardise: true }, three).loss],
              1e-4,
            );
        },
      ),
      RUNS,
    );
  });

  it('makes zeros of a row without spread, and gives it no gradient', () => {
    const flat = { logits: [[1.3, 1.3, 1.3]], teacher: [TEACHER] };
    const { loss, gradient } = lossOf('logit-standard', {}, flat);
    expect(Number.isFinite(loss)).toBe(true);
    expectClose(gradient, [0, 0, 0], 1e-6);
  });
});

it('function matching at temperature 1 is the KL of the answers', () => {
  const { loss, gradient } = lossOf('function-matching', {}, one);
  expectClose([loss], [0.066932872], 1e-6);
  expectClose(gradient, [-0.13063429, 0.14635362, -0.01571933], 1e-6);
});

describe('CutMixPick', () => {
  const kl = { 1: 0.066932872, 4: 0.123772025 };
  const ce = 0.349012217;
  const twice = { logits: [STUDENT, STUDENT], teacher: [TEACHER, TEACHER] };

  it('counts clean and augmented rows as parts of their own', () => {
    const half = {
      ...twice,
      targets: [
        [1, 0, 0],
        [0, 0, 0],
      ],
    };
    expectClose([lossOf('good-da', {}, half).loss], [0.1 * ce + 0.9 * 2 * kl[4]], 1e-5);
    const more = { logits: [STUDENT, STUDENT, TEACHER], teacher: [TEACHER, TEACHER, TEACHER] };
    const unequal = {
      ...more,
      targets: [
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    };
    const found = termsOf('good-da', { temperature: 1 }, unequal);
    expectClose([found.ce!, found.klClean!, found.klAugmented!], [ce, kl[1], kl[1] / 2], 1e-5);
  });

  it('is KD where every row has a label, and pure imitation where none has', () => {
    const labelled = {
      ...twice,
      targets: [
        [1, 0, 0],
        [1, 0, 0],
      ],
    };
    const kd = lossAndGradient(methods.get('kd'), { temperature: 4, alpha: 0.9 }, labelled);
    const found = lossOf('good-da', {}, labelled);
    expectClose([found.loss, ...found.gradient], [kd.loss, ...kd.gradient], 1e-5);
    const pure = lossAndGradient(methods.get('kd'), { temperature: 4, alpha: 1 }, twice);
    const without = lossOf('good-da', { alpha: 1 }, twice);
    expectClose([without.loss, ...without.gradient], [pure.loss, ...pure.gradient], 1e-5);
  });
});

describe('classes taken together', () => {
  it('have the softmax as their gradient, at any size', () => {
    const z = [1e4, 1e4 - 3, -1e4];
    const { value, grad } = tf.tidy(() =>
      tf.valueAndGrad((x: tf.Tensor) => tf.sum(togetherAt(x as tf.Tensor2D, 2)))(tf.tensor2d([z])),
    );
    const lower = Math.exp(-1.5);
    expectClose([value.dataSync()[0]!], [1e4 + 2 * Math.log(1 + lower)], 1e-6);
    expectClose([...grad.dataSync()], [1 / (1 + lower), lower / (1 + lower), 0], 1e-6);
  });
});
