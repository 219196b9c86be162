import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sizes } from '../../src/methods/contract';
import { methods } from '../../src/methods/registry';
import { defaultsOf } from '../../src/recipe/fields';
import type { AnyValues } from '../../src/recipe/fields';
import { spreadLoss } from '../../src/train/teacher-loss';
import { useCpu } from '../support/cpu';
import { auxiliariesFrom, lossAndGradient, stepTensors } from '../support/methods';
import type { Rows } from '../support/methods';
import { expectClose, wave } from '../support/numbers';
import type { Wave } from '../support/golden';

/** Methods that look inside the networks, against PyTorch, values worked by hand, and what must not change them. */

type Named<T> = Readonly<Record<string, T>>;

interface FeatureCase {
  readonly method: string;
  readonly params: AnyValues;
  readonly rows: Rows;
  readonly auxiliary: Named<Named<Wave>>;
  readonly loss: number;
  readonly gradients: {
    readonly logits: readonly number[];
    readonly taps?: Named<readonly number[]>;
    readonly auxiliary?: Named<Named<readonly number[]>>;
  };
}

const file = new URL('feature.json', import.meta.url);
const { losses, spread } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly losses: readonly FeatureCase[];
  readonly spread: readonly {
    readonly weight: number;
    readonly logits: readonly (readonly number[])[];
    readonly targets: readonly (readonly number[])[];
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
};

beforeAll(useCpu);

const shapes = (taps: NonNullable<Rows['taps']> = {}) =>
  Object.fromEntries(Object.entries(taps).map(([name, { shape }]) => [name, shape.slice(1)]));

const sizesOf = ({ logits, taps, teachers = [], memory }: Rows): Sizes => ({
  classes: logits[0]?.length ?? 0,
  rows: memory?.all.length ?? 0,
  student: shapes(taps),
  teachers: teachers.map((one) => shapes(one.taps)),
});

/** The weighted loss with its gradients for logits, inner outputs and the weights of auxiliary networks. */
function evaluated({ method: id, params, rows, auxiliary }: FeatureCase) {
  const method = methods.get(id);
  const sizes = sizesOf(rows);
  const auxiliaries = auxiliariesFrom(method, params, sizes);
  const names = Object.keys(method.auxiliary?.(sizes, params) ?? {});
  const weights = auxiliaries.learners.map((learner, i) => {
    const name = names[i] ?? '';
    return Object.fromEntries(
      learner.specs.map(({ name: weight, shape }) => {
        const given = auxiliary[name]?.[weight];
        const variable = learner.weight(weight) as tf.Variable;
        variable.assign(
          tf.tensor(given ? wave(shape, given) : new Float32Array(variable.size), [...shape]),
        );
        return [weight, variable];
      }),
    );
  });
  const batch = stepTensors(rows, (name, x) => auxiliaries.run(name, x));
  const logits = tf.variable(batch.logits) as unknown as tf.Tensor2D;
  const taps = Object.fromEntries(
    Object.entries(batch.taps ?? {}).map(([name, x]) => [name, tf.variable(x)]),
  );
  const weighed = method.weights(params, { step: 0, steps: 1 });
  const { value, grads } = tf.variableGrads(() => {
    const terms = method.terms({ ...batch, logits, taps }, params);
    const parts = Object.entries(terms).map(([name, term]) => tf.mul(term, weighed[name] ?? 1));
    return tf.addN(parts) as tf.Scalar;
  });
  const of = (x: tf.Tensor) => [...(grads[(x as tf.Variable).name]?.dataSync() ?? [])];
  const found = {
    loss: value.dataSync()[0] ?? NaN,
    logits: of(logits),
    taps: Object.fromEntries(Object.entries(taps).map(([name, x]) => [name, of(x)])),
    auxiliary: Object.fromEntries(
      names.map((name, i) => [
        name,
        Object.fromEntries(Object.entries(weights[i] ?? {}).map(([key, x]) => [key, of(x)])),
      ]),
    ),
  };
  tf.dispose([logits, taps, value, grads]);
  auxiliaries.dispose();
  return found;
}

it('has three settings of each method', () => {
  for (const id of ['at', 'crd', 'feed', 'fitnets', 'icc', 'ps-kd', 'rkd'])
    expect(losses.filter(({ method }) => method === id).length, id).toBeGreaterThanOrEqual(3);
});

it.each(losses)('$method with $params', (golden) => {
  const { loss, gradients } = golden;
  const found = evaluated(golden);
  expectClose([found.loss], [loss], 1e-5, 'loss');
  expectClose(found.logits, gradients.logits, 1e-5, 'logits');
  for (const [tap, wanted] of Object.entries(gradients.taps ?? {}))
    expectClose(found.taps[tap] ?? [], wanted, 1e-5, tap);
  // What the loss does not depend on has no gradient there, and none or zeros here.
  for (const [tap, values] of Object.entries(found.taps))
    expect(gradients.taps?.[tap] !== undefined || values.every((value) => value === 0)).toBe(true);
  for (const [name, parts] of Object.entries(gradients.auxiliary ?? {}))
    for (const [weight, wanted] of Object.entries(parts))
      expectClose(found.auxiliary[name]?.[weight] ?? [], wanted, 1e-5, `${name}.${weight}`);
});

it.each(spread)('a teacher that spreads its answers, weight $weight', (golden) => {
  const { weight, logits, targets, loss, gradient } = golden;
  const { value, grad } = tf.tidy(() => {
    const rows = stepTensors({ logits, targets });
    return tf.valueAndGrad((z: tf.Tensor) => spreadLoss(weight).of(z as tf.Tensor2D, rows.targets))(
      rows.logits,
    );
  });
  expectClose(value.dataSync(), [loss], 1e-5);
  expectClose(grad.dataSync(), gradient, 1e-5);
  tf.dispose([value, grad]);
});

const map = (shape: readonly number[], values: readonly number[]) => ({ shape, values });

/** One stage and features, the same, of student and teacher; no labels. */
const inside = (own: ReturnType<typeof map>, theirs: ReturnType<typeof map>): Rows => {
  const logits = Array.from({ length: own.shape[0] ?? 0 }, () => [0, 0]);
  const pooled = ({ shape, values }: typeof own) =>
    shape.length === 2
      ? map(shape, values)
      : map(
          [logits.length, 1],
          logits.map(() => 0),
        );
  return {
    logits,
    teacher: logits,
    taps: { stage1: own, pool: pooled(own) },
    teachers: [{ logits, taps: { stage1: theirs, pool: pooled(theirs) } }],
  };
};

function termsOf(id: string, rows: Rows, params: AnyValues = {}): Record<string, number> {
  const method = methods.get(id);
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(
        method.terms(stepTensors(rows), { ...defaultsOf(method.params), ...params }),
      ).map(([name, term]) => [name, term.dataSync()[0] ?? NaN]),
    ),
  );
}

describe('worked by hand', () => {
  it('attention maps of two channels', () => {
    const own = map([1, 2, 2, 2], [1, 1, 2, 0, 0, 2, 1, 1]);
    const theirs = map([1, 2, 2, 2], [2, 0, 2, 0, 1, 1, 1, 3]);
    expectClose([termsOf('at', inside(own, theirs)).attention ?? NaN], [0.147488006], 1e-6);
  });

  it('distances and angles of three rows', () => {
    const own = map([3, 2], [0, 0, 1, 0, 0, 2]);
    const theirs = map([3, 2], [0, 0, 3, 0, 0, 3]);
    const { distance = NaN, angle = NaN } = termsOf('rkd', inside(own, theirs));
    expectClose([distance, angle], [0.018484453, 0.003801237], 1e-7);
    expectClose([25 * distance + 50 * angle], [0.652173191], 1e-6);
  });

  it('the distance of two maps at length 1, added up and averaged', () => {
    const [a, b] = [map([1, 2, 2, 1], [1, 2, 2, 0]), map([1, 2, 2, 1], [2, 0, 1, 2])];
    expectClose([termsOf('feed', inside(a, b), { reduction: 'sum' }).features ?? NaN], [2], 1e-6);
    expectClose(
      [termsOf('feed', inside(a, b), { reduction: 'mean' }).features ?? NaN],
      [0.5],
      1e-6,
    );
  });

  it('the share of the own earlier answer, and the loss at share 0.4', () => {
    const method = methods.get('ps-kd');
    const shares = [1, 150, 300].map((epoch) => {
      const progress = { step: 10 * (epoch - 1), steps: 3000, stepsPerEpoch: 10 };
      return method.weights({ final: 0.8 }, progress).self ?? NaN;
    });
    expectClose(shares, [0.002666667, 0.4, 0.8], 1e-8);
    const rows: Rows = {
      logits: [[0.5, 1.5, -0.5]],
      targets: [[0, 1, 0]],
      memory: { all: [[0.1, 0.7, 0.2]], rows: [[0.1, 0.7, 0.2]] },
    };
    const { loss, gradient } = lossAndGradient(method, { final: 0.4 }, rows);
    expectClose([loss], [0.607605964], 1e-6);
    expectClose(gradient, [0.20472847, -0.21475904, 0.01003057], 1e-6);
  });
});

describe('what must not change it', () => {
  const value = fc.float({ min: -3, max: 3, noNaN: true, noDefaultInfinity: true });
  const values = (length: number) => fc.array(value, { minLength: length, maxLength: length });
  const positive = fc.constantFrom(0.1, 0.5, 3, 20);
  const RUNS = { numRuns: 40 };

  it('attention does not see how large a map is', () => {
    fc.assert(
      fc.property(values(16), values(16), positive, (a, b, scale) => {
        const maps = (times: number) =>
          inside(
            map(
              [2, 2, 2, 2],
              a.map((v) => v * times),
            ),
            map([2, 2, 2, 2], b),
          );
        const [plain = NaN, scaled = NaN] = [maps(1), maps(scale)].map(
          (rows) => termsOf('at', rows).attention,
        );
        // Maps of next to nothing have no direction, at one size or the other.
        fc.pre(Math.hypot(...a.slice(0, 8)) > 0.01 && Math.hypot(...a.slice(8)) > 0.01);
        expectClose([scaled], [plain], 1e-5);
      }),
      RUNS,
    );
  });

  it('distances and angles do not see how large features are or where they lie', () => {
    fc.assert(
      fc.property(values(8), values(8), positive, value, (a, b, scale, shift) => {
        const features = (change: (v: number) => number) =>
          inside(map([4, 2], a.map(change)), map([4, 2], b));
        const apart = [0, 1, 2, 3].flatMap((i) =>
          [0, 1, 2, 3]
            .filter((j) => j > i)
            .map((j) => Math.hypot(a[2 * i]! - a[2 * j]!, a[2 * i + 1]! - a[2 * j + 1]!)),
        );
        // Rows that all but coincide have a direction of rounding.
        fc.pre(Math.min(...apart) > 0.05);
        const plain = termsOf(
          'rkd',
          features((v) => v),
        );
        const moved = termsOf(
          'rkd',
          features((v) => scale * v + shift),
        );
        expectClose([moved.distance!, moved.angle!], [plain.distance!, plain.angle!], 1e-4);
      }),
      RUNS,
    );
  });

  it.each(['mean', 'sum'])('features five times as large are the same (%s)', (reduction) => {
    fc.assert(
      fc.property(values(12), (a) => {
        fc.pre(Math.hypot(...a) > 0.01);
        const rows = inside(
          map([1, 2, 2, 3], a),
          map(
            [1, 2, 2, 3],
            a.map((v) => 5 * v),
          ),
        );
        expectClose([termsOf('feed', rows, { reduction }).features ?? NaN], [0], 1e-5);
      }),
      RUNS,
    );
  });

  it('classes turned with their features correlate alike', () => {
    fc.assert(
      fc.property(values(12), positive, (a, scale) => {
        // Two classes whose means all but meet have no direction from their middle.
        const apart = [0, 1].map((c) =>
          a.reduce((sum, v, i) => (i % 2 === c ? sum + ((i >> 1) % 2 === 0 ? v : -v) : sum), 0),
        );
        fc.pre(Math.hypot(...apart) > 0.1);
        const turned = a.map((_, i) => scale * (i % 2 === 0 ? -a[i + 1]! : a[i - 1]!));
        const rows = inside(map([6, 2], a), map([6, 2], turned));
        const targets = [0, 1, 0, 1, 0, 1].map((label) => [1 - label, label]);
        const { correlation = NaN, frobenius = NaN } = termsOf('icc', { ...rows, targets });
        expectClose([correlation, frobenius], [0, 0], 1e-4);
      }),
      RUNS,
    );
  });
});

it('attention matches stages from the last one backwards: an earlier one of the teacher alone is left out', () => {
  const one = (phase: number) => map([1, 2, 2, 2], [...wave([8], [1.7, phase, 1])]);
  const rows = inside(one(0.2), one(0.9));
  const [teacher] = rows.teachers ?? [];
  const { stage1, pool } = teacher?.taps ?? {};
  const deeper = { stem: one(3), stage0: one(2), stage1: stage1!, pool: pool! };
  const found = termsOf('at', { ...rows, teachers: [{ logits: rows.logits, taps: deeper }] });
  expect(found.attention).toBeGreaterThan(0.001);
  expect(found).toEqual(termsOf('at', rows));
});

describe('nothing to compare', () => {
  const zero = (n: number) =>
    inside(
      map(
        [n, 2],
        Array.from({ length: 2 * n }, () => 0),
      ),
      map(
        [n, 2],
        Array.from({ length: 2 * n }, (_, i) => i),
      ),
    );

  it.each([1, 2])('RKD of %d row(s) is zero, with finite gradients', (n) => {
    const rows = inside(
      map(
        [n, 2],
        Array.from({ length: 2 * n }, (_, i) => i + 1),
      ),
      map(
        [n, 2],
        Array.from({ length: 2 * n }, (_, i) => i * i),
      ),
    );
    const { distance, angle } = termsOf('rkd', rows);
    expectClose([distance!, angle!], [0, 0], 1e-7);
  });

  it.each(['at', 'rkd', 'icc', 'feed'])('%s has finite gradients where features are zero', (id) => {
    const n = 4;
    const rows =
      id === 'at' || id === 'feed'
        ? inside(
            map(
              [n, 2, 2, 1],
              Array.from({ length: 4 * n }, () => 0),
            ),
            map(
              [n, 2, 2, 1],
              Array.from({ length: 4 * n }, (_, i) => i),
            ),
          )
        : zero(n);
    const targets = rows.logits.map(() => [1, 0]);
    const params = defaultsOf(methods.get(id).params);
    const found = evaluated({
      method: id,
      params,
      rows: { ...rows, targets },
      auxiliary: {},
      loss: 0,
      gradients: { logits: [] },
    });
    for (const numbers of [[found.loss], found.logits, ...Object.values(found.taps)])
      expect(numbers.every(Number.isFinite)).toBe(true);
  });
});
