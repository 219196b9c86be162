import * as tf from '@tensorflow/tfjs';
import { fence } from '../gpu/fence';
import { LiveRows } from '../gpu/ops/live';
import { drawLatents, latentKl, reconstruction } from '../gpu/ops/variational';
import { Belongings } from '../gpu/belongings';
import { Stepper } from '../gpu/replay/stepper';
import { decoderOf, defaultGenerator, drawSmall, encoderOf } from '../models/generator/vae';
import type { GeneratorModel } from '../models/generator/vae';
import type { Weights } from '../models/net/draw';
import { Random } from '../recipe/random';
import type { Optimizer } from '../recipe/recipe';
import none from '../samplers/none';
import { composeRows, transferOf } from '../samplers/parts/compose';
import type { Pixels } from '../samplers/parts/render';
import { learn, learnerOf } from './learner';
import { rateAt } from './optimizer';
import { Order } from './order';
import { RowSource } from './rows';
import { TermLog } from './terms';
import { Diverged, LossWatch } from './watch';

/** How a generator is trained. */
export interface GeneratorTraining {
  readonly model: GeneratorModel;
  /** Standard deviation of the decoder's Gaussian, in normalised units: small values weigh the reconstruction more. */
  readonly spread: number;
  readonly steps: number;
  readonly batch: number;
  /** Adam's rate, which falls to zero by a cosine. */
  readonly rate: number;
}

/** How a generator is trained by the shape of an input; what bench/results/generator.json compares. */
export function defaultTraining(shape: readonly number[], steps: number): GeneratorTraining {
  const model = defaultGenerator(shape);
  return shape.length === 3
    ? { model, spread: 1, steps, batch: 64, rate: 0.002 }
    : { model, spread: 0.5, steps, batch: 90, rate: 0.005 };
}

/** Inputs with the classes on which the generator is to be conditioned: labels, or a teacher's answers. */
export interface Examples {
  readonly pixels: Pixels;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly classes: number;
}

/** How far a training is; the loss is the negative evidence bound in nats, without constants. */
export interface GeneratorProgress {
  readonly step: number;
  readonly reconstruction: number;
  readonly kl: number;
}

/** Steps between two reports; the first step is reported too. */
const REPORT = 20;

/**
 * Trains a class-conditional variational autoencoder on examples and returns its decoder's weights: minimises
 * sum (x - x')^2 / 2 spread^2 + KL(q(n | x) || N(0, 1)), mean over rows, with n ~ q(n | x) from an encoder and x' from a
 * decoder that gets n and the one-hot class. Deterministic in its seed on one backend.
 *
 * @param report awaited every few steps; false ends the training, and what is there is kept
 * @throws Diverged
 */
export async function trainGenerator(
  training: GeneratorTraining,
  examples: Examples,
  seed: number,
  report: (share: number, progress: GeneratorProgress) => Promise<boolean>,
): Promise<{ weights: Weights; steps: number }> {
  const { model, steps } = training;
  const { pixels, labels, count, classes } = examples;
  const { shape } = pixels;
  const rule: Optimizer = {
    kind: 'adam',
    rate: training.rate,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 0,
    schedule: 'cosine',
    warmup: 0,
  };
  const [first, last] = [encoderOf(shape, model), decoderOf(shape, classes, model)];
  const parts = new Belongings();
  const transfer = transferOf(labels, count, shape, classes);
  const order = new Order(count, seed);
  const random = Random.from(seed, 'generator');
  const batch = Math.min(training.batch, count);
  const view = { augment: 'none', pad: 0 };
  const watch = new LossWatch();
  let taken = 0;
  try {
    const encoder = parts.add(learnerOf(first, drawSmall(first, seed), rule));
    const decoder = parts.add(learnerOf(last, drawSmall(last, seed), rule, true));
    const source = parts.add(new RowSource(pixels, labels, count, classes));
    const rows = parts.add(source.rows());
    const noise = parts.add(new LiveRows());
    const terms = parts.add(new TermLog(1));
    const stepper = parts.add(new Stepper());
    const step = () => {
      const passing = new Belongings();
      try {
        const x = passing.add(rows.inputs('mixed'));
        const classCodes = passing.add(rows.targets(false));
        let sums: Record<string, tf.Scalar> = {};
        const bound = () => {
          const head = encoder.forward(x).logits;
          const code = tf.concat([drawLatents(head, noise.tensor), classCodes], 1);
          const decoded = decoder.forward(code).logits;
          sums = {
            reconstruction: passing.add(tf.keep(reconstruction(decoded, x, training.spread))),
            kl: passing.add(tf.keep(latentKl(head))),
          };
          return tf.addN(Object.values(sums)) as tf.Scalar;
        };
        passing.add(learn(bound, [encoder, decoder]));
        terms.put(0, sums);
      } finally {
        passing.dispose();
      }
    };
    for (let goesOn = true; goesOn && taken < steps;) {
      rows.set(composeRows(none, view, order.next(batch), transfer, random));
      const normals = new Float32Array(batch * model.latent);
      for (let i = 0; i < normals.length; i++) normals[i] = random.normal();
      noise.set(normals, model.latent);
      const rate = rateAt(rule, taken, steps);
      encoder.begin(rate, 0);
      decoder.begin(rate, 0);
      terms.begin(taken);
      await stepper.run(step);
      taken += 1;
      const last = taken === steps;
      const shown = taken === 1 || taken % REPORT === 0 || last;
      if (shown || terms.due) {
        const progress = await watched(terms, watch, last);
        if (shown) goesOn = await report(taken / steps, progress);
      }
      await fence();
    }
    return { weights: await decoder.read(), steps: taken };
  } finally {
    parts.dispose();
  }
}

/** The last terms; all since the last reading are looked at. @throws Diverged where the loss has left for good */
async function watched(log: TermLog, watch: LossWatch, last: boolean): Promise<GeneratorProgress> {
  const [steps = []] = await log.read();
  for (const read of steps) {
    const left = watch.add(read);
    if (left) throw new Diverged('of the generator', left, null);
  }
  const left = last ? watch.end() : null;
  if (left) throw new Diverged('of the generator', left, null);
  const { step = 0, terms = {} } = steps.at(-1) ?? {};
  return { step: step + 1, reconstruction: terms.reconstruction ?? NaN, kl: terms.kl ?? NaN };
}
