import { drawWeights } from '../../src/models/net/draw';
import type { Weights } from '../../src/models/net/draw';
import type { Graph } from '../../src/models/net/graph';
import { models } from '../../src/models/registry';
import { Random } from '../../src/recipe/random';
import type { Choice, Optimizer, Recipe } from '../../src/recipe/recipe';
import { composeRows, transferOf } from '../../src/samplers/parts/compose';
import { render } from '../../src/samplers/parts/render';
import { samplers } from '../../src/samplers/registry';
import type { TaskData } from '../../src/tasks/contract';
import { pixelsOf, realRow } from '../../src/train/data';
import { Order } from '../../src/train/order';
import { targetsOf } from '../../src/train/rows';
import { countOf, dataOf, presetOf, studentOf, teacherOf } from './cells';
import type { Setup } from './cells';

/**
 * What is timed everywhere alike: SGD with momentum, which every peer has in the same form. (Counts are taken with the
 * preset's own optimizer.)
 */
export const MOMENTUM: Optimizer = {
  kind: 'sgd',
  rate: 0.05,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0,
  schedule: 'constant',
  warmup: 0,
};

/** The seed of a teacher's drawn weights. */
const TEACHER_SEED = 2;

/** A network with the weights that it starts from. */
export interface Network {
  readonly graph: Graph;
  readonly weights: Weights;
}

/** A training step as data: what an implementation needs to take the same one as ours. */
export interface Problem {
  readonly setup: Setup;
  readonly data: TaskData;
  /** Shape of one input. */
  readonly shape: readonly number[];
  readonly classes: number;
  readonly recipe: Recipe;
  readonly student: Network;
  readonly teacher: Network;
  readonly temperature: number;
  /** The teacher's share in KD's loss. */
  readonly alpha: number;
}

/** One batch as peers get it: rendered, in normalised units. */
export interface Batch {
  /** [batch, ...shape] */
  readonly x: Float32Array;
  /** One-hot labels [batch, classes]; zeros where a row was mixed. */
  readonly targets: Float32Array;
  /** The rows' places in the set. */
  readonly rows: Int32Array;
}

export function problemOf(setup: Setup): Problem {
  const data = dataOf(setup, countOf(setup));
  const { shape } = data;
  const classes = data.classes.length;
  const recipe = presetOf(setup);
  const student = studentOf(setup);
  const { temperature = 1, alpha = 1 } = student.method.params as Record<string, number>;
  const network = (model: Choice, seed: number): Network => {
    const graph = models.get(model.id).graph(shape, classes, model.params);
    return { graph, weights: drawWeights(graph, seed) };
  };
  return {
    setup,
    data,
    shape,
    classes,
    recipe,
    student: network(student.model, recipe.seed),
    teacher: network(teacherOf(setup), TEACHER_SEED),
    temperature,
    alpha,
  };
}

/** The batches that our trainer draws for a setup, one after another, from the same streams of chance. */
export class Batches {
  private readonly problem: Problem;
  private readonly order: Order;
  private readonly random: Random;

  constructor(problem: Problem) {
    const { seed } = problem.recipe;
    this.problem = problem;
    this.order = new Order(problem.data.train.count, seed);
    this.random = Random.from(seed, 'draws');
  }

  next(): Batch {
    const { setup, data, shape, classes } = this.problem;
    const { train } = data;
    const { sampler } = studentOf(setup);
    const transfer = transferOf(train.y, train.count, shape, classes);
    const rows = this.order.next(setup.batch);
    const { id, params } = sampler;
    const plans = composeRows(samplers.get(id), params, rows, transfer, this.random);
    return {
      x: render(pixelsOf(data, train), plans),
      targets: targetsOf(plans, train.y, classes, false),
      rows: Int32Array.from(plans, ({ row }) => row),
    };
  }
}

/** The whole set as inputs, [count, ...shape]: what a teacher is asked about once where its answers are remembered. */
export function wholeSet({ data }: Problem): Float32Array {
  const { train } = data;
  const plans = Array.from({ length: train.count }, (_, row) => realRow(row));
  return render(pixelsOf(data, train), plans);
}
