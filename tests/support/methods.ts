import * as tf from '@tensorflow/tfjs';
import type { Method, StepTensors } from '../../src/methods/contract';
import type { AnyValues } from '../../src/recipe/fields';

/** One batch for a method as plain rows. */
export interface Rows {
  readonly logits: readonly (readonly number[])[];
  readonly teacher?: readonly (readonly number[])[];
  readonly first?: readonly (readonly number[])[];
  readonly second?: readonly (readonly number[])[];
  readonly share?: readonly number[];
  readonly targets?: readonly (readonly number[])[];
}

const matrix = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(
    rows.flatMap((row) => [...row]),
    [rows.length, rows[0]?.length ?? 0],
  );

/** The rows as a method sees them. Call inside a tidy. */
export function stepTensors(rows: Rows): StepTensors {
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
  };
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
  return tf.tidy(() => {
    const batch = stepTensors(rows);
    return tf.valueAndGrad((z: tf.Tensor) => weightedLoss(method, params, batch, z as tf.Tensor2D))(
      batch.logits,
    );
  });
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
