import * as tf from '@tensorflow/tfjs';
import type { LineAnswer } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import { normaliser } from '../samplers/parts/render';
import type { Pixels } from '../samplers/parts/render';
import type { Targets } from '../tasks/contract';
import { answerInUnits } from './gaussian';
import type { Constant } from './gaussian';

/** The line reaches beyond the outermost points by this part of their distance. */
const MARGIN = 0.05;

/** Inputs along the line, in the task's units and as a tensor [places, 1]. */
export interface Line {
  readonly places: readonly number[];
  readonly inputs: tf.Tensor2D;
}

/**
 * The line that holds every point of a set. The caller keeps and disposes of its tensor.
 *
 * @param count of the places along it, at least 2
 */
export function lineOf(pixels: Pixels, count: number): Line {
  const points = Array.from(pixels.x);
  const low = points.reduce((a, b) => Math.min(a, b));
  const high = points.reduce((a, b) => Math.max(a, b));
  const margin = MARGIN * (high - low);
  const places = Array.from(
    { length: count },
    (_, i) => low - margin + ((high - low + 2 * margin) * i) / (count - 1),
  );
  const normalise = normaliser(pixels);
  return { places, inputs: tf.tensor2d(places.map((x) => [normalise(x, 0)])) };
}

/** A network's answers along the line, for the first target. @param constant see `answerInUnits` */
export async function lineAnswer(
  network: FrozenNetwork,
  inputs: tf.Tensor2D,
  targets: Targets,
  constant: Constant | undefined,
): Promise<LineAnswer> {
  const out = network.predict(inputs);
  const answers = { logits: (await out.data()) as Float32Array, classes: out.shape[1] };
  out.dispose();
  const rows = Array.from({ length: inputs.shape[0] }, (_, row) =>
    answerInUnits(answers, targets, constant, row),
  );
  return {
    mean: rows.map(({ mean }) => mean[0] ?? NaN),
    sd: constant === undefined ? null : rows.map(({ sd }) => sd?.[0] ?? NaN),
  };
}
