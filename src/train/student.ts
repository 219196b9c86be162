import * as tf from '@tensorflow/tfjs';
import type { TrainPoint } from '../recipe/events';
import type { Recipe, Student as StudentRecipe } from '../recipe/recipe';
import { UserError } from '../recipe/errors';
import { methods } from '../methods/registry';
import type { Method } from '../methods/contract';
import { models } from '../models/registry';
import { drawWeights } from '../models/net/draw';
import { FrozenNetwork } from '../models/net/frozen';
import { countMacs, countParameters } from '../models/net/graph';
import type { Batch } from './batch';
import { learnerOf } from './learner';
import type { Learner } from './learner';
import { rateAt } from './optimizer';

/** One arm of a run: a network that learns by a method from the batches of its sampler setting. */
export class Student {
  readonly name: string;
  readonly method: Method;
  readonly network: Learner;
  readonly parameters: number;
  readonly macs: number;
  private readonly recipe: StudentRecipe;
  private readonly run: Recipe;
  private average: Map<string, tf.Variable> | null = null;
  private last: Readonly<Record<string, tf.Scalar>> | null = null;
  private weights: Readonly<Record<string, number>> = {};

  constructor(recipe: StudentRecipe, run: Recipe, shape: readonly number[], classes: number) {
    this.name = recipe.name;
    this.recipe = recipe;
    this.run = run;
    this.method = methods.get(recipe.method.id);
    const graph = models.get(recipe.model.id).graph(shape, classes, recipe.model.params);
    this.network = learnerOf(graph, drawWeights(graph, run.seed), run.optimizer);
    this.parameters = countParameters(graph);
    this.macs = countMacs(graph);
  }

  /** One training step on a batch. @param step counted from 0 */
  learn(batch: Batch, step: number): void {
    const { params } = this.recipe.method;
    const weights = this.method.weights(params, { step, steps: this.run.steps });
    const targets = batch.targets(this.method.needs.labels === 'mixed');
    let terms: Readonly<Record<string, tf.Scalar>> = {};
    const value = this.network.learn(
      () => {
        const { logits } = this.network.forward(batch.x);
        terms = this.method.terms(
          { logits, teacher: batch.teacher, parents: batch.parents, targets },
          params,
        );
        for (const term of Object.values(terms)) tf.keep(term);
        const weighted = Object.entries(terms).map(([name, term]) =>
          tf.mul(term, weights[name] ?? 1),
        );
        return tf.addN(weighted) as tf.Scalar;
      },
      rateAt(this.run.optimizer, step, this.run.steps),
    );
    tf.dispose([value, targets]);
    if (this.last) tf.dispose({ ...this.last });
    this.last = terms;
    this.weights = weights;
    this.follow(step);
  }

  /**
   * The terms of the last step. @throws UserError E_DIVERGED where one is not finite
   */
  async lastPoint(step: number): Promise<TrainPoint> {
    const terms: Record<string, number> = {};
    let loss = 0;
    for (const [name, tensor] of Object.entries(this.last ?? {})) {
      const value = (await tensor.data())[0] ?? NaN;
      terms[name] = value;
      loss += value * (this.weights[name] ?? 1);
    }
    if (!Number.isFinite(loss) || Math.abs(loss) > 1e6)
      throw new UserError(
        'E_DIVERGED',
        `The loss of ${this.name} became infinite at step ${step}, because the steps were too large.`,
        'Lower the learning rate and start again.',
      );
    return { loss, terms };
  }

  /** Moves the weight average one step on; its batch norm statistics are averaged with it. */
  private follow(step: number): void {
    if (this.run.averageDecay === 0) return;
    const decay = Math.min(this.run.averageDecay, (1 + step) / (10 + step));
    const averages = (this.average ??= new Map(
      this.network.specs.map(({ name }) => [
        name,
        // In a tidy, because a variable takes a tensor of its own over the one that it is made from.
        tf.tidy(() => tf.variable(tf.clone(this.network.weight(name)), false)),
      ]),
    ));
    tf.tidy(() => {
      for (const [name, average] of averages)
        average.assign(
          tf.add(tf.mul(average, decay), tf.mul(this.network.weight(name), 1 - decay)),
        );
    });
  }

  /** The network in inference mode as it stands now. The caller disposes of it. */
  freeze(): FrozenNetwork {
    return new FrozenNetwork(this.network.graph, (name) => this.network.weight(name));
  }

  /** The averaged network, or null where the recipe asks for none. The caller disposes of it. */
  freezeAverage(): FrozenNetwork | null {
    const { average } = this;
    if (!average) return null;
    return new FrozenNetwork(this.network.graph, (name) => average.get(name) as tf.Variable);
  }

  dispose(): void {
    this.network.dispose();
    for (const variable of this.average?.values() ?? []) variable.dispose();
    if (this.last) tf.dispose({ ...this.last });
    this.last = null;
  }
}
