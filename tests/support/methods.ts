import * as tf from '@tensorflow/tfjs';
import type { Method, Sizes, StepTensors } from '../../src/methods/contract';
import { methods } from '../../src/methods/registry';
import type { AnyValues } from '../../src/recipe/fields';
import { Auxiliaries } from '../../src/train/auxiliary';
import { wave } from './numbers';

/** Methods that learn classes. */
export const classMethods: readonly Method[] = methods
  .all()
  .filter(({ outputs = 'classes' }) => outputs === 'classes');

/** One batch for a method as plain rows. */
export interface Rows {
  readonly logits: readonly (readonly number[])[];
  readonly teacher?: readonly (readonly number[])[];
  readonly first?: readonly (readonly number[])[];
  readonly second?: readonly (readonly number[])[];
  readonly share?: readonly number[];
  readonly targets?: readonly (readonly number[])[];
  /** The student's inner outputs. */
  readonly taps?: Inner;
  /** More of each teacher than `teacher`, the first one first. */
  readonly teachers?: readonly {
    readonly logits: readonly (readonly number[])[];
    readonly taps: Inner;
  }[];
  readonly memory?: {
    readonly all: readonly (readonly number[])[];
    readonly rows: readonly (readonly number[])[];
    readonly labels?: readonly (readonly number[])[];
  };
}

/** Inner outputs of a whole batch by name, [n, ...]. */
type Inner = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
>;

/** Runs auxiliary networks by name. */
export type RunAuxiliary = NonNullable<StepTensors['auxiliary']>;

const matrix = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(
    rows.flatMap((row) => [...row]),
    [rows.length, rows[0]?.length ?? 0],
  );

const inner = (taps: Inner): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(taps).map(([name, { shape, values }]) => [
      name,
      tf.tensor([...values], [...shape]),
    ]),
  );

/** The rows as a method sees them. Call inside a tidy. */
export function stepTensors(rows: Rows, auxiliary?: RunAuxiliary): StepTensors {
  const logits = matrix(rows.logits);
  return {
    logits,
    teacher: rows.teacher ? matrix(rows.teacher) : null,
    parents:
      rows.first && rows.second && rows.share
        ? {
            first: matrix(rows.first),
            second: matrix(rows.second),
            share: tf.tensor2d([...rows.share], [rows.share.length, 1]),
          }
        : null,
    targets: rows.targets ? matrix(rows.targets) : (tf.zerosLike(logits) as tf.Tensor2D),
    ...(rows.taps && { taps: inner(rows.taps) }),
    teachers:
      rows.teachers?.map((one) => ({ logits: matrix(one.logits), taps: inner(one.taps) })) ??
      (rows.teacher ? [{ logits: matrix(rows.teacher), taps: {} }] : []),
    ...(rows.memory && {
      memory: {
        all: matrix(rows.memory.all),
        rows: matrix(rows.memory.rows),
        ...(rows.memory.labels && { labels: matrix(rows.memory.labels) }),
      },
    }),
    ...(auxiliary && { auxiliary }),
  };
}

/** Shapes of the inner outputs that `completed` gives: a student narrower than its teachers. */
const TAPS = { student: [3, 4], teachers: [5, 6] } as const;
const shapesFor = ([early, late]: readonly [number, number]) => ({
  stage1: [4, 4, early],
  stage2: [2, 2, late],
  pool: [late],
});

/** Sizes for a method's auxiliary networks and memory, where rows were completed. */
const sizesFor = (classes: number, rows: number): Sizes => ({
  classes,
  rows,
  student: shapesFor(TAPS.student),
  teachers: [shapesFor(TAPS.teachers), shapesFor(TAPS.teachers)],
});

/** Rows with whatever else a method needs, made up of waves: inner outputs, a second teacher, a memory. */
export function completed(method: Method, params: AnyValues, rows: Rows): Rows {
  const n = rows.logits.length;
  const classes = rows.logits[0]?.length ?? 0;
  const taps = (channels: readonly [number, number], phase: number): Inner =>
    Object.fromEntries(
      Object.entries(shapesFor(channels)).map(([name, shape], i) => {
        const values = [...wave([n, ...shape], [0.61 + 0.1 * i, phase + i, 1.2])];
        return [name, { shape: [n, ...shape], values }];
      }),
    );
  const lines = (count: number, columns: number, phase: number) =>
    Array.from({ length: count }, (_, i) => [...wave([columns], [1.7, phase + i, 0.5])]);
  const spec = method.memory?.(sizesFor(classes, n + 3), params);
  const columns = spec?.columns;
  // A memory of answers holds probabilities, one of features rows of length 1.
  const memory = (count: number, phase: number) =>
    lines(count, columns ?? 0, phase).map((line) => {
      if (spec?.start === 'directions') return directions(line, spec.parts ?? 1);
      const sum = line.reduce((a, b) => a + Math.exp(b), 0);
      return line.map((value) => Math.exp(value) / sum);
    });
  return {
    ...rows,
    ...(method.needs.taps && { taps: taps(TAPS.student, 0.2) }),
    ...(rows.teacher && {
      teachers: [rows.teacher, lines(n, classes, 2.2)].map((logits, i) => ({
        logits,
        taps: method.needs.taps ? taps(TAPS.teachers, 0.9 + i) : {},
      })),
    }),
    ...(columns && !rows.memory && { memory: { all: memory(n + 3, 0.4), rows: memory(n, 1.4) } }),
  };
}

/** Each part of a line at length 1. */
const directions = (line: readonly number[], parts: number): number[] => {
  const size = line.length / parts;
  return line.map((value, i) => {
    const from = i - (i % size);
    return value / Math.hypot(...line.slice(from, from + size));
  });
};

const RULE = {
  kind: 'sgd',
  rate: 0.1,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
  schedule: 'constant',
  warmup: 0,
} as const;

/** A method's auxiliary networks with drawn weights, for rows that were completed; the caller's to dispose of. */
export function auxiliariesFor(method: Method, params: AnyValues, classes: number): Auxiliaries {
  return auxiliariesFrom(method, params, sizesFor(classes, 8));
}

/** The same for rows of other sizes. */
export function auxiliariesFrom(method: Method, params: AnyValues, sizes: Sizes): Auxiliaries {
  return new Auxiliaries(method.auxiliary?.(sizes, params) ?? {}, 3, RULE);
}

/** A method's weighted loss of given logits, as the training step adds it up. Call inside a tidy. */
function weightedLoss(
  method: Method,
  params: AnyValues,
  batch: StepTensors,
  logits: tf.Tensor2D = batch.logits,
): tf.Scalar {
  const weights = method.weights(params, { step: 0, steps: 1 });
  const terms = Object.entries(method.terms({ ...batch, logits }, params));
  return tf.addN(terms.map(([name, term]) => tf.mul(term, weights[name] ?? 1))) as tf.Scalar;
}

/** Value and gradient as tensors, for the caller to read and dispose of. */
function evaluated(method: Method, params: AnyValues, rows: Rows) {
  const auxiliaries = auxiliariesFor(method, params, rows.logits[0]?.length ?? 0);
  const result = tf.tidy(() => {
    const batch = stepTensors(completed(method, params, rows), (name, x) =>
      auxiliaries.run(name, x),
    );
    return tf.valueAndGrad((z: tf.Tensor) => weightedLoss(method, params, batch, z as tf.Tensor2D))(
      batch.logits,
    );
  });
  auxiliaries.dispose();
  return result;
}

/** Loss, and its gradient for the logits, row by row. For backends that compute as they are called. */
export function lossAndGradient(
  method: Method,
  params: AnyValues,
  rows: Rows,
): { loss: number; gradient: number[] } {
  const { value, grad } = evaluated(method, params, rows);
  const out = { loss: value.dataSync()[0] ?? NaN, gradient: [...grad.dataSync()] };
  tf.dispose([value, grad]);
  return out;
}

/** The same on any backend. */
export async function lossAndGradientOf(
  method: Method,
  params: AnyValues,
  rows: Rows,
): Promise<{ loss: number; gradient: number[] }> {
  const { value, grad } = evaluated(method, params, rows);
  const out = { loss: (await value.data())[0] ?? NaN, gradient: [...(await grad.data())] };
  tf.dispose([value, grad]);
  return out;
}
