import * as tf from '@tensorflow/tfjs';
import type { LaterAnswers, PlaneGrid, StageSample } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Pixels } from '../samplers/parts/render';
import { render } from '../samplers/parts/render';
import { poolWords } from '../samplers/parts/pool';
import { realRow } from './data';
import type { Targets, TaskData } from '../tasks/contract';
import { answerInUnits, klAt } from './gaussian';
import type { Constant } from './gaussian';
import { entropy, klDivergence, probabilities } from './metrics';
import type { Answers } from './metrics';

/** One row as it is shown: RGBA bytes for images, coordinates for the plane. */
export function shown(pixels: Pixels, plan: RowPlan): Uint8ClampedArray | readonly number[] {
  return shownValues(pixels, render(pixels, [plan]));
}

/** The same of a row that is rendered already, in normalised units. */
function shownValues(pixels: Pixels, values: Float32Array): Uint8ClampedArray | readonly number[] {
  const { mean, std, scale } = pixels.normalisation;
  const channels = pixels.shape.at(-1) as number;
  const raw = (i: number) =>
    ((values[i] as number) * (std[i % channels] as number) + (mean[i % channels] as number)) /
    scale;
  if (pixels.shape.length === 1) return Array.from(values, (_, i) => raw(i));
  const count = values.length / channels;
  const out = new Uint8ClampedArray(count * 4).fill(255);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++)
      out[i * 4 + c] = Math.round(raw(i * channels + Math.min(c, channels - 1)));
  return out;
}

/** The parents of a row with their shares, as they stand in the data set. */
function parentsOf(plan: RowPlan, data: TaskData, pixels: Pixels): StageSample['parents'] {
  const { mix } = plan;
  if (mix.kind === 'other' || mix.kind === 'generator') return [];
  const parent = (row: number, view: RowPlan['view'], share: number) => ({
    row,
    ...truthOf(data, row),
    share,
    pixels: shown(pixels, { row, view, mix: { kind: 'real' } }),
  });
  if (mix.kind === 'real' || mix.kind === 'noise') return [parent(plan.row, plan.view, 1)];
  return [
    parent(plan.row, plan.view, mix.share),
    parent(mix.partner, mix.partnerView, 1 - mix.share),
  ];
}

/** The label of a training row, or its true values. */
function truthOf({ targets, train }: TaskData, row: number) {
  if (!targets) return { label: train.y[row] as number };
  const d = targets.names.length;
  return { label: -1, values: Array.from(train.values?.subarray(row * d, (row + 1) * d) ?? []) };
}

/** What a row is that was made of none of the data set's: "uniform noise", "63 % ring + 37 % star". */
function madeOf(
  { mix }: RowPlan,
  shape: readonly number[],
  classes: readonly string[],
): { readonly made?: string } {
  if (mix.kind === 'other') return { made: poolWords(mix.pool, shape) };
  if (mix.kind !== 'generator') return {};
  const name = (label: number) => classes[label] ?? `class ${label}`;
  const { code, second } = mix;
  if (!second) return { made: name(code.label) };
  const parts = [
    [second.share, name(code.label)],
    [1 - second.share, name(second.label)],
  ] as const;
  const words = [...parts]
    .sort(([a], [b]) => b - a)
    .map(([share, of]) => `${Math.round(share * 100)}\u00a0% ${of}`);
  return { made: words.join(' + ') };
}

/**
 * What networks answer to rendered rows. They are only read.
 *
 * @param values the rows in normalised units, row-major
 * @param shape of one row
 */
export async function askAll(
  networks: readonly FrozenNetwork[],
  values: Float32Array,
  shape: readonly number[],
): Promise<Answers[]> {
  const size = shape.reduce((a, b) => a * b, 1);
  const x = tf.tensor(values, [values.length / size, ...shape]);
  const answers: Answers[] = [];
  for (const network of networks) {
    const logits = network.predict(x);
    answers.push({ logits: (await logits.data()) as Float32Array, classes: logits.shape[1] });
    logits.dispose();
  }
  x.dispose();
  return answers;
}

/**
 * Sampled rows with what the teacher and every student have answered on them.
 *
 * @param values the rows rendered, in normalised units
 */
export function stageSamples(
  plans: readonly RowPlan[],
  values: Float32Array,
  firstId: number,
  step: number,
  pixels: Pixels,
  data: TaskData,
  taught: Answers,
  learnt: readonly Answers[],
  constants: readonly (Constant | undefined)[] = [],
): StageSample[] {
  const size = values.length / plans.length;
  return plans.map((plan, i) => ({
    id: firstId + i,
    step,
    source: plan.mix.kind === 'real' ? 'none' : plan.mix.kind,
    ...madeOf(plan, pixels.shape, data.classes),
    pixels: shownValues(pixels, values.subarray(i * size, (i + 1) * size)),
    parents: parentsOf(plan, data, pixels),
    ...(data.targets
      ? valuesAnswered(taught, learnt, data.targets, constants, i)
      : classesAnswered(taught, learnt, i)),
  }));
}

/** What the students answer to a question that has the id, as one row of all their answers. */
export function laterAnswers(
  id: number,
  { targets }: TaskData,
  taught: Answers,
  learnt: readonly Answers[],
  constants: readonly (Constant | undefined)[],
  row: number,
): LaterAnswers {
  if (!targets) {
    const { students, kl } = classesAnswered(taught, learnt, row);
    return { id, students, kl };
  }
  const { students, kl, gaussian } = valuesAnswered(taught, learnt, targets, constants, row);
  return { id, students, kl, ...(gaussian && { gaussian: gaussian.students }) };
}

type Answered = Pick<StageSample, 'teacher' | 'students' | 'entropy' | 'kl' | 'gaussian'>;

function classesAnswered(taught: Answers, learnt: readonly Answers[], row: number): Answered {
  const p = [...probabilities(taught, row)];
  const students = learnt.map((answers) => [...probabilities(answers, row)]);
  return {
    teacher: p,
    students,
    entropy: entropy(p) / Math.log(p.length),
    kl: students.map((q) => klDivergence(p, q)),
  };
}

function valuesAnswered(
  taught: Answers,
  learnt: readonly Answers[],
  targets: Targets,
  constants: readonly (Constant | undefined)[],
  row: number,
): Answered {
  const teacher = answerInUnits(taught, targets, null, row);
  const share = (teacher.sd ?? []).reduce((sum, sd, k) => sum + sd / (targets.std[k] as number), 0);
  return {
    teacher: [],
    students: [],
    gaussian: {
      teacher,
      students: learnt.map((answers, i) => answerInUnits(answers, targets, constants[i], row)),
    },
    entropy: Math.min(1, share / targets.names.length),
    kl: learnt.map((answers, i) => {
      const constant = constants[i];
      return constant === undefined ? NaN : klAt(taught, answers, constant, row);
    }),
  };
}

/** Half-width of the square that holds every point of the task, with a margin. */
export function planeExtent(points: Float32Array | Uint8Array): number {
  let most = 0;
  for (const value of points) most = Math.max(most, Math.abs(value));
  return Math.ceil(most * 1.05 * 10) / 10;
}

/**
 * The centres of the cells of a square grid, [side * side, 2], top row first: inputs for `planeGrid`. The caller keeps
 * and disposes of them.
 *
 * @param extent half-width of the square
 */
export function planeInputs(extent: number, side: number): tf.Tensor2D {
  const values = new Float32Array(side * side * 2);
  for (let i = 0; i < side * side; i++) {
    values[i * 2] = (((i % side) + 0.5) / side - 0.5) * 2 * extent;
    values[i * 2 + 1] = -((Math.floor(i / side) + 0.5) / side - 0.5) * 2 * extent;
  }
  return tf.tensor2d(values, [side * side, 2]);
}

/** A network's answers over the plane. @param inputs the centres of the grid's cells */
export async function planeGrid(
  network: FrozenNetwork,
  inputs: tf.Tensor2D,
  extent: number,
): Promise<PlaneGrid> {
  const out = tf.tidy(() => tf.softmax(network.predict(inputs)));
  const probabilities = Float32Array.from((await out.data()) as Float32Array);
  out.dispose();
  return { side: Math.round(Math.sqrt(inputs.shape[0])), extent, probabilities };
}

/** The first rows of a split, for a contact sheet or as the plane's training points. */
export function examplesOf(pixels: Pixels, data: TaskData, count: number) {
  return Array.from({ length: count }, (_, row) => ({
    ...truthOf(data, row),
    pixels: shown(pixels, realRow(row)),
  }));
}
