import * as tf from '@tensorflow/tfjs';
import type { PlaneGrid, StageSample } from '../recipe/events';
import type { FrozenNetwork } from '../models/net/frozen';
import type { RowPlan } from '../samplers/parts/provenance';
import type { Pixels } from '../samplers/parts/render';
import { render } from '../samplers/parts/render';
import { poolWords } from '../samplers/parts/pool';
import { realRow } from './data';
import { entropy, klDivergence, probabilities } from './metrics';

/** Side of the grid on which a network's answers on the plane are drawn. */
const GRID = 64;

/** One row as it is shown: RGBA bytes for images, coordinates for the plane. */
export function shown(pixels: Pixels, plan: RowPlan): Uint8ClampedArray | readonly number[] {
  const values = render(pixels, [plan]);
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
function parentsOf(plan: RowPlan, labels: Uint8Array, pixels: Pixels): StageSample['parents'] {
  const { mix } = plan;
  if (mix.kind === 'other') return [];
  const parent = (row: number, view: RowPlan['view'], share: number) => ({
    row,
    label: labels[row] as number,
    share,
    pixels: shown(pixels, { row, view, mix: { kind: 'real' } }),
  });
  if (mix.kind === 'real' || mix.kind === 'noise') return [parent(plan.row, plan.view, 1)];
  return [
    parent(plan.row, plan.view, mix.share),
    parent(mix.partner, mix.partnerView, 1 - mix.share),
  ];
}

/** Sampled rows with what the teacher and every student answer on them. Networks are only read. */
export async function stageSamples(
  plans: readonly RowPlan[],
  firstId: number,
  step: number,
  pixels: Pixels,
  labels: Uint8Array,
  teacher: FrozenNetwork,
  students: readonly FrozenNetwork[],
): Promise<StageSample[]> {
  const x = tf.tensor(render(pixels, plans), [plans.length, ...pixels.shape]);
  const answer = async (network: FrozenNetwork) => {
    const logits = network.predict(x);
    const answers = { logits: (await logits.data()) as Float32Array, classes: logits.shape[1] };
    logits.dispose();
    return plans.map((_, row) => [...probabilities(answers, row)]);
  };
  const taught = await answer(teacher);
  const learnt: number[][][] = [];
  for (const student of students) learnt.push(await answer(student));
  x.dispose();
  return plans.map((plan, i) => {
    const p = taught[i] as number[];
    const answers = learnt.map((rows) => rows[i] as number[]);
    return {
      id: firstId + i,
      step,
      source: plan.mix.kind === 'real' ? 'none' : plan.mix.kind,
      ...(plan.mix.kind === 'other' && { made: poolWords(plan.mix.pool, pixels.shape) }),
      pixels: shown(pixels, plan),
      parents: parentsOf(plan, labels, pixels),
      teacher: p,
      students: answers,
      entropy: entropy(p) / Math.log(p.length),
      kl: answers.map((q) => klDivergence(p, q)),
    };
  });
}

/** Half-width of the square that holds every point of the task, with a margin. */
export function planeExtent(points: Float32Array | Uint8Array): number {
  let most = 0;
  for (const value of points) most = Math.max(most, Math.abs(value));
  return Math.ceil(most * 1.05 * 10) / 10;
}

/** The grid of inputs for `planeGrid`, [GRID * GRID, 2], top row first. The caller keeps and disposes of it. */
export function planeInputs(extent: number): tf.Tensor2D {
  const values = new Float32Array(GRID * GRID * 2);
  for (let i = 0; i < GRID * GRID; i++) {
    values[i * 2] = (((i % GRID) + 0.5) / GRID - 0.5) * 2 * extent;
    values[i * 2 + 1] = -((Math.floor(i / GRID) + 0.5) / GRID - 0.5) * 2 * extent;
  }
  return tf.tensor2d(values, [GRID * GRID, 2]);
}

/** A network's answers over the plane. */
export async function planeGrid(
  network: FrozenNetwork,
  inputs: tf.Tensor2D,
  extent: number,
): Promise<PlaneGrid> {
  const out = tf.tidy(() => tf.softmax(network.predict(inputs)));
  const probabilities = Float32Array.from((await out.data()) as Float32Array);
  out.dispose();
  return { side: GRID, extent, probabilities };
}

/** The first rows of a split, for a contact sheet or as the plane's training points. */
export function examplesOf(pixels: Pixels, labels: Uint8Array, count: number) {
  return Array.from({ length: count }, (_, row) => ({
    label: labels[row] as number,
    pixels: shown(pixels, realRow(row)),
  }));
}
