import * as tf from '@tensorflow/tfjs';
import type { AnyValues } from '../recipe/fields';
import type { TrainPoint } from '../recipe/events';
import type { Recipe, Student as StudentRecipe } from '../recipe/recipe';
import { UserError } from '../recipe/errors';
import { LiveNumber } from '../gpu/ops/live';
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
import type { StepTerms } from './terms';

/** One arm of a run: a network that learns by a method from the batches of its sampler setting. */
export class Student {
  readonly name: string;
  readonly method: Method;
  readonly network: Learner;
  readonly parameters: number;
  readonly macs: number;
  private params: AnyValues;
  private readonly run: Recipe;
  private readonly temperature = new LiveNumber();
  private readonly live = new Map<string, LiveNumber>();
  private followed = 0;
  private weights: Readonly<Record<string, number>> = {};

  constructor(recipe: StudentRecipe, run: Recipe, shape: readonly number[], classes: number) {
    this.name = recipe.name;
    this.params = recipe.method.params;
    this.run = run;
    this.method = methods.get(recipe.method.id);
    const graph = models.get(recipe.model.id).graph(shape, classes, recipe.model.params);
    this.network = learnerOf(graph, drawWeights(graph, run.seed), run.optimizer);
    this.parameters = countParameters(graph);
    this.macs = countMacs(graph);
  }

  /** Goes on with other numbers of the method's parameters. */
  adjust(params: AnyValues): void {
    this.params = params;
  }

  /** Sets what differs from step to step. @param step counted from 0 */
  begin(step: number): void {
    const { steps, averageDecay, optimizer } = this.run;
    this.weights = this.method.weights(this.params, { step, steps });
    for (const [name, weight] of Object.entries(this.weights)) this.liveWeight(name).set(weight);
    // A temperature of 1 and one of 4 are the same launches with another number.
    const { temperature } = this.params;
    if (typeof temperature === 'number') this.temperature.set(temperature);
    const first = this.followed === 0;
    this.followed += averageDecay > 0 ? 1 : 0;
    const decay = first ? 0 : Math.min(averageDecay, (1 + step) / (10 + step));
    this.network.begin(rateAt(optimizer, step, steps), decay);
  }

  /** One training step on a batch: the same launches each time. @param put takes the terms of its loss */
  learn(batch: Batch, put: (terms: Readonly<Record<string, tf.Scalar>>) => void): void {
    const targets = batch.targets(this.method.needs.labels === 'mixed');
    let terms: Readonly<Record<string, tf.Scalar>> = {};
    const value = this.network.learn(() => {
      const { logits } = this.network.forward(batch.x);
      terms = this.method.terms(
        {
          logits,
          teacher: batch.teacher,
          parents: batch.parents,
          targets,
          ...(typeof this.params.temperature === 'number' && {
            live: { temperature: this.temperature },
          }),
        },
        this.params,
      );
      for (const term of Object.values(terms)) tf.keep(term);
      const weighted = Object.entries(terms).map(([name, term]) =>
        name in this.weights ? tf.mul(term, this.liveWeight(name).tensor) : term,
      );
      return tf.addN(weighted) as tf.Scalar;
    });
    put(terms);
    tf.dispose([value, targets, ...Object.values(terms)]);
    if (this.run.averageDecay > 0) this.network.follow();
  }

  private liveWeight(name: string): LiveNumber {
    const found = this.live.get(name);
    if (found) return found;
    const made = new LiveNumber();
    this.live.set(name, made);
    return made;
  }

  /**
   * The last of some steps' terms, with the loss that they make.
   *
   * @throws UserError E_DIVERGED where one of the steps was not finite
   */
  pointOf(steps: readonly StepTerms[]): TrainPoint {
    let point: TrainPoint = { loss: 0, terms: {} };
    for (const { step, terms } of steps) {
      const weights = this.method.weights(this.params, {
        step,
        steps: this.run.steps,
      });
      let loss = 0;
      for (const [name, value] of Object.entries(terms)) loss += value * (weights[name] ?? 1);
      if (!Number.isFinite(loss) || Math.abs(loss) > 1e6)
        throw new UserError(
          'E_DIVERGED',
          `The loss of ${this.name} became infinite at step ${step + 1}, because the steps were too large.`,
          'Lower the learning rate and start again.',
        );
      point = { loss, terms };
    }
    return point;
  }

  /** The network in inference mode as it stands now. The caller disposes of it. */
  freeze(): FrozenNetwork {
    return new FrozenNetwork(this.network.graph, (name) => this.network.weight(name));
  }

  /** The averaged network, or null where the recipe asks for none. The caller disposes of it. */
  freezeAverage(): FrozenNetwork | null {
    if (this.followed === 0) return null;
    return new FrozenNetwork(this.network.graph, (name) => this.network.average(name));
  }

  dispose(): void {
    this.network.dispose();
    for (const number of this.live.values()) number.dispose();
    this.temperature.dispose();
  }
}
