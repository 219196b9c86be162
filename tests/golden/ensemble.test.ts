import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/registry';
import { binaryCrossEntropy, reversed } from '../../src/methods/parts/adversary';
import { defaultsOf } from '../../src/recipe/fields';
import type { AnyValues } from '../../src/recipe/fields';
import { useCpu } from '../support/cpu';
import type { Wave } from '../support/golden';
import { auxiliariesFrom, stepTensors } from '../support/methods';
import type { Rows } from '../support/methods';
import { expectClose, wave } from '../support/numbers';

/** MEAL V2 against PyTorch, and values worked by hand. */

type Named<T> = Readonly<Record<string, T>>;

interface MealCase {
  readonly params: AnyValues;
  readonly rows: Rows;
  readonly discriminator: Named<Wave>;
  readonly loss: number;
  /** For the logits. */
  readonly gradient: readonly number[];
  /** For the discriminator's weights. */
  readonly weights: Named<readonly number[]>;
}

const file = new URL('ensemble.json', import.meta.url);
const { meal } = JSON.parse(readFileSync(file, 'utf8')) as { meal: readonly MealCase[] };
const method = methods.get('meal-v2');

beforeAll(useCpu);

/** The weighted loss with its gradients for the logits and for the discriminator's weights. */
function evaluated(given: Pick<MealCase, 'params' | 'rows' | 'discriminator'>) {
  const params = { ...defaultsOf(method.params), ...given.params };
  const { logits: rows } = given.rows;
  const sizes = { classes: rows[0]?.length ?? 0, rows: 0, student: {}, teachers: [] };
  const auxiliaries = auxiliariesFrom(method, params, sizes);
  const weights = Object.fromEntries(
    auxiliaries.learners.flatMap(({ specs }, i) =>
      specs.map(({ name, shape }) => {
        const variable = auxiliaries.learners[i]?.weight(name) as tf.Variable;
        const values = given.discriminator[name];
        if (values) variable.assign(tf.tensor(wave(shape, values), [...shape]));
        return [name, variable] as const;
      }),
    ),
  );
  const batch = stepTensors(given.rows, (name, x) => auxiliaries.run(name, x));
  const logits = tf.variable(batch.logits) as unknown as tf.Tensor2D;
  const weighed = method.weights(params, { step: 0, steps: 1 });
  let named: readonly string[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const terms = method.terms({ ...batch, logits }, params);
    named = Object.keys(terms);
    const parts = Object.entries(terms).map(([name, term]) => tf.mul(term, weighed[name] ?? 1));
    return tf.addN(parts) as tf.Scalar;
  });
  const of = (x: unknown) => [...(grads[(x as tf.Variable).name]?.dataSync() ?? [])];
  const found = {
    terms: named,
    loss: value.dataSync()[0] ?? NaN,
    gradient: of(logits),
    weights: Object.fromEntries(Object.entries(weights).map(([name, x]) => [name, of(x)])),
  };
  auxiliaries.dispose();
  return found;
}

it.each(meal)('MEAL V2 with $params', (golden) => {
  const found = evaluated(golden);
  expectClose([found.loss], [golden.loss], 1e-5, 'loss');
  expectClose(found.gradient, golden.gradient, 1e-5, 'logits');
  expect(Object.keys(found.weights)).toEqual(Object.keys(golden.weights));
  for (const [name, wanted] of Object.entries(golden.weights))
    expectClose(found.weights[name] ?? [], wanted, 1e-5, name);
});

describe('worked by hand', () => {
  const two: Rows = {
    logits: [[1, 0.5, 0.2]],
    teacher: [[4, 0, 0]],
    teachers: [
      { logits: [[4, 0, 0]], taps: {} },
      { logits: [[0, 2, 0]], taps: {} },
    ],
  };

  it('the mean of two softmaxes is not the softmax of their mean', () => {
    const params = { discriminator: 'off' };
    const found = evaluated({ params, rows: two, discriminator: {} });
    expect(found.terms).toEqual(['kl']);
    expectClose([found.loss], [0.098241595], 1e-6);
    expectClose(found.gradient, [-0.04917053, -0.1073019, 0.15647244], 1e-6);
  });

  it('a discriminator that knows nothing is off by ln 2', () => {
    const logits = tf.zeros([6, 1]) as tf.Tensor2D;
    const truth = tf.tensor2d([1, 1, 1, 0, 0, 0], [6, 1]);
    const { value, grad } = tf.valueAndGrad((z: tf.Tensor) =>
      binaryCrossEntropy(z as tf.Tensor2D, truth),
    )(logits);
    expectClose([...value.dataSync()], [Math.LN2], 1e-6);
    expectClose(
      [...grad.dataSync()],
      [-1, -1, -1, 1, 1, 1].map((sign) => sign / 12),
      1e-7,
    );
  });

  it('and one that is sure stays finite', () => {
    const logits = tf.tensor2d([1e4, -1e4], [2, 1]);
    const value = binaryCrossEntropy(logits, tf.tensor2d([0, 0], [2, 1]));
    expectClose([...value.dataSync()], [5000], 1e-2);
  });

  it('a reversal turns the gradient and leaves the value', () => {
    const x = tf.tensor2d([[0.3, -1.2]]);
    const loss = (z: tf.Tensor) => tf.sum(tf.square(z)) as tf.Scalar;
    const plain = tf.valueAndGrad(loss)(x);
    const turned = tf.valueAndGrad((z: tf.Tensor) => loss(reversed(z)))(x);
    expect(turned.value.dataSync()).toEqual(plain.value.dataSync());
    expect([...turned.grad.dataSync()]).toEqual([...plain.grad.dataSync()].map((g) => -g));
  });
});

it('the discriminator learns alike whether the student runs from it or to it', () => {
  const [first] = meal;
  if (!first) throw new Error('there is no golden value');
  const rows = first.rows;
  const of = (how: string) =>
    evaluated({ ...first, rows, params: { ...first.params, discriminator: how } });
  const [adversarial, released, off] = ['adversarial', 'as released', 'off'].map(of) as [
    ReturnType<typeof of>,
    ReturnType<typeof of>,
    ReturnType<typeof of>,
  ];
  expect(adversarial.weights).toEqual(released.weights);
  expect(adversarial.loss).toBe(released.loss);
  const beyond = (found: typeof off) => found.gradient.map((g, i) => g - off.gradient[i]!);
  expectClose(
    beyond(adversarial),
    beyond(released).map((g) => -g),
    1e-7,
  );
  expect(Math.max(...beyond(released).map(Math.abs))).toBeGreaterThan(1e-4);
});
