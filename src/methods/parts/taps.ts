import * as tf from '@tensorflow/tfjs';
import type { ChoiceField } from '../../recipe/fields';
import type { Sizes, StepTensors, TeacherAnswer, Taps } from '../contract';

type Shapes = Sizes['student'];

/** Which of the inner layers a method looks at: networks of different depth are matched by how deep it lies. */
export const layer: ChoiceField<'early' | 'middle' | 'late'> = {
  kind: 'choice',
  label: 'Layer',
  help: 'Which stage of teacher and student is compared; late is the last one before pooling.',
  default: 'middle',
  options: [
    { value: 'early', label: 'early' },
    { value: 'middle', label: 'middle' },
    { value: 'late', label: 'late' },
  ],
};

/** Names of a network's stages in order: its taps without the stem and the pooled features. */
function stagesOf(shapes: Shapes): readonly string[] {
  return Object.keys(shapes).filter((tap) => tap !== 'stem' && tap !== 'pool');
}

/** Name of the stage at a depth. @throws Error where a network has no taps */
export function stageAt(shapes: Shapes, where: string): string {
  const stages = stagesOf(shapes);
  const at =
    where === 'early' ? 0 : where === 'late' ? stages.length - 1 : (stages.length - 1) >> 1;
  const found = stages[at];
  if (found === undefined) throw new Error('the network names no inner outputs');
  return found;
}

/** Inner outputs of stages that both networks have, matched from the last one backwards, the last first. */
export function sharedStages(
  own: Taps,
  theirs: Taps,
): readonly (readonly [tf.Tensor, tf.Tensor])[] {
  const others = stagesOf(shapesOfTaps(theirs)).toReversed();
  return stagesOf(shapesOfTaps(own))
    .toReversed()
    .slice(0, others.length)
    .map((stage, i) => [own[stage] as tf.Tensor, theirs[others[i] as string] as tf.Tensor]);
}

/** Name of what the head reads: the last of the inner outputs. @throws Error where a network has no taps */
export function headTap(of: Readonly<Record<string, unknown>>): string {
  const found = Object.keys(of).at(-1);
  if (found === undefined) throw new Error('the network names no inner outputs');
  return found;
}

/** Features that the head reads, [n, width]. */
export function headFeatures(taps: Taps): tf.Tensor2D {
  return taps[headTap(taps)] as tf.Tensor2D;
}

/** The student's taps and the teachers' answers. @throws Error where the engine gave none, which the check excludes */
export function innerOutputs(batch: StepTensors): {
  readonly student: Taps;
  readonly teachers: readonly [TeacherAnswer, ...TeacherAnswer[]];
} {
  const { taps, teachers } = batch;
  const [first, ...rest] = teachers ?? [];
  if (!taps || !first) throw new Error('this method was run without the teacher’s inner outputs');
  return { student: taps, teachers: [first, ...rest] };
}

/** Shapes of taps, without the batch. */
export function shapesOfTaps(taps: Taps): Shapes {
  return Object.fromEntries(Object.entries(taps).map(([tap, { shape }]) => [tap, shape.slice(1)]));
}

/**
 * A feature map [n, h, w, c] averaged down to a side of `side`, [n, side, side, c]; features without sides as they are.
 * Means over one axis at a time, which every backend differentiates cheaply.
 *
 * @throws Error where the side does not divide the map's
 */
function shrink(x: tf.Tensor, side: number): tf.Tensor {
  if (x.rank !== 4 || x.shape[1] === side) return x;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const factor = h / side;
  if (!Number.isInteger(factor) || w !== h)
    throw new Error(`a feature map of ${h} x ${w} cannot be averaged down to ${side} x ${side}`);
  const rows = tf.mean(tf.reshape(x, [n, side, factor, w * c]), 2);
  const cells = tf.mean(tf.reshape(rows, [n * side, side, factor, c]), 2);
  return tf.reshape(cells, [n, side, side, c]);
}

/** Two maps at the smaller one's size. */
export function sameSize(a: tf.Tensor, b: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
  const side = Math.min(a.shape[1] as number, b.shape[1] as number);
  return [shrink(a, side), shrink(b, side)];
}
