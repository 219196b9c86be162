import * as tf from '@tensorflow/tfjs';
import type { Teacher as TeacherRecipe } from '../recipe/recipe';
import { Random } from '../recipe/random';
import { models } from '../models/registry';
import { drawWeights } from '../models/net/draw';
import type { Weights } from '../models/net/draw';
import type { Graph } from '../models/net/graph';
import { composeRows, transferOf } from '../samplers/parts/compose';
import none from '../samplers/none';
import { outputsOf } from '../tasks/contract';
import type { TaskData } from '../tasks/contract';
import { pixelsOf } from './data';
import { standardised } from './gaussian';
import { RowSource } from './rows';
import { classLoss, GaussianTeacherLoss, spreadLoss } from './teacher-loss';
import { TermLog } from './terms';
import { Diverged, LossWatch } from './watch';
import { learn, learnerOf } from './learner';
import { rateAt } from './optimizer';
import { Order } from './order';
import { fence } from '../gpu/fence';
import { Belongings } from '../gpu/belongings';
import { Stepper } from '../gpu/replay/stepper';

/**
 * How a teacher is trained on the labels of the whole training split: by cross-entropy, or by Gaussian likelihood where
 * the targets are real values.
 */
export interface Training extends Omit<Extract<TeacherRecipe, { source: 'train' }>, 'source'> {
  /**
   * Stochastic weight averaging (Izmailov et al. 2018) after the schedule: so many steps more at a constant rate, and the
   * mean of the weights after every so many of them.
   */
  readonly finish?: { readonly steps: number; readonly rate: number; readonly every: number };
}

/** The part of the steps in which a Gaussian teacher learns the mean alone, where its training does not say it. */
const MEAN_WARMUP = 0.25;
/** What separates the seeds of a teacher's members. */
const MEMBER_SEED = 1_000_003;

/** Longest stretch of work without a rest, in milliseconds. */
const TURN_MS = 100;

/** Batches from which averaged weights get their batch norm statistics. */
const STATISTICS_BATCHES = 100;

/**
 * Trains a teacher and returns its weights. Deterministic in its seed on one backend.
 * @param progress told the share that is done; awaited, so that it may let messages in
 * @param rest awaited more often, where steps are slow; may throw to end the training
 * @param enough asked after each rest: true ends the training with the weights as they stand
 * @throws Diverged
 */
export async function teach(
  training: Training,
  data: TaskData,
  seed: number,
  progress: (share: number, loss: number) => Promise<void>,
  rest: () => Promise<void> = () => Promise.resolve(),
  enough: () => boolean = () => false,
): Promise<Taught> {
  const classes = outputsOf(data);
  const graph = models.get(training.model.id).graph(data.shape, classes, training.model.params);
  const parts = new Belongings();
  const order = new Order(data.train.count, seed);
  const random = Random.from(seed, 'draws');
  const transfer = transferOf(data.train.y, data.train.count, data.shape, classes);
  const view = { augment: training.augment, pad: training.pad };
  const batch = Math.min(training.batch, data.train.count);
  try {
    const network = parts.add(learnerOf(graph, drawWeights(graph, seed), training.optimizer));
    const source = parts.add(
      new RowSource(
        pixelsOf(data, data.train),
        data.train.y,
        data.train.count,
        classes,
        [],
        standardised(data, data.train),
      ),
    );
    const rows = parts.add(source.rows());
    const terms = parts.add(new TermLog(1));
    const stepper = parts.add(new Stepper());
    const aim = parts.add(
      data.targets
        ? new GaussianTeacherLoss((training.meanWarmup ?? MEAN_WARMUP) * training.steps)
        : training.nonTargetEntropy
          ? spreadLoss(training.nonTargetEntropy)
          : classLoss,
    );
    const finish = training.finish ?? { steps: 0, rate: 0, every: 1 };
    const total = training.steps + finish.steps;
    const draw = () => rows.set(composeRows(none, view, order.next(batch), transfer, random));
    const step = () => {
      const passing = new Belongings();
      try {
        const x = passing.add(rows.inputs('mixed'));
        const targets = passing.add(rows.targets(false));
        const loss = () => aim.of(network.forward(x).logits, targets);
        terms.put(0, { loss: passing.add(learn(loss, [network])) });
      } finally {
        passing.dispose();
      }
    };
    const mean = new WeightMean();
    const watch = new LossWatch();
    let loss = NaN;
    let turn = performance.now();
    for (let taken = 0; taken < total; taken++) {
      const beyond = taken + 1 - training.steps;
      draw();
      network.begin(
        beyond > 0 ? finish.rate : rateAt(training.optimizer, taken, training.steps),
        0,
      );
      aim.begin(taken);
      terms.begin(taken);
      await stepper.run(step);
      if (beyond > 0 && beyond % finish.every === 0) mean.add(await network.read());
      const last = taken + 1 === total;
      const shown = taken % 20 === 19 || last;
      if (shown || terms.due) {
        loss = await watched(terms, watch, last);
        if (shown) await progress((taken + 1) / total, loss);
      }
      await fence();
      if (performance.now() - turn < TURN_MS) continue;
      await rest();
      if (enough()) break;
      turn = performance.now();
    }
    if (mean.count === 0) return { graph, weights: await network.read() };
    const averaged = parts.add(learnerOf(graph, mean.weights, training.optimizer));
    for (let i = 0; i < STATISTICS_BATCHES; i++)
      tf.tidy(() => {
        draw();
        averaged.forward(rows.inputs('mixed'));
      });
    return { graph, weights: await averaged.read() };
  } finally {
    parts.dispose();
  }
}

/** A trained teacher. */
export interface Taught {
  readonly graph: Graph;
  readonly weights: Weights;
}

/** Trains the members of a teacher one after the other, each from a seed of its own; the first from `seed`. */
export async function teachMembers(
  training: Training,
  data: TaskData,
  seed: number,
  progress: (share: number, loss: number) => Promise<void>,
  rest?: () => Promise<void>,
  enough: () => boolean = () => false,
): Promise<[Taught, ...Taught[]]> {
  const members = training.members ?? 1;
  const one = (member: number) =>
    teach(
      training,
      data,
      (seed + member * MEMBER_SEED) % 2 ** 31,
      (share, loss) => progress((member + share) / members, loss),
      rest,
      enough,
    );
  const taught: [Taught, ...Taught[]] = [await one(0)];
  while (taught.length < members && !enough()) taught.push(await one(taught.length));
  return taught;
}

/** The last loss; all since the last reading are looked at. @throws Diverged where it has left for good */
async function watched(terms: TermLog, watch: LossWatch, last: boolean): Promise<number> {
  const [steps = []] = await terms.read();
  for (const step of steps) {
    const left = watch.add(step);
    if (left) throw new Diverged('of the teacher', left, 'teacher');
  }
  const left = last ? watch.end() : null;
  if (left) throw new Diverged('of the teacher', left, 'teacher');
  return steps.at(-1)?.terms.loss ?? NaN;
}

/** The mean of weights that come one set after the other. */
class WeightMean {
  count = 0;
  readonly weights = new Map<string, Float32Array>();

  add(weights: Weights): void {
    this.count += 1;
    for (const [name, values] of weights) {
      const mean = this.weights.get(name) ?? new Float32Array(values.length);
      for (let i = 0; i < mean.length; i++)
        mean[i] = (mean[i] as number) + ((values[i] as number) - (mean[i] as number)) / this.count;
      this.weights.set(name, mean);
    }
  }
}
