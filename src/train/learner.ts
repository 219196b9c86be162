import * as tf from '@tensorflow/tfjs';
import { hasKernels } from '../gpu/kernels/launch';
import type { WeightChange } from '../compression/contract';
import type { Weights } from '../models/net/draw';
import { FlatNetwork, runsFlat } from '../models/net/flat';
import type { Graph, WeightSpec } from '../models/net/graph';
import { Network } from '../models/net/network';
import type { Outputs } from '../models/net/network';
import type { Optimizer as OptimizerRecipe } from '../recipe/recipe';
import { Optimizer } from './optimizer';

/** A network with its optimizer and its weight average. */
export interface Learner {
  readonly graph: Graph;
  readonly specs: readonly WeightSpec[];
  /** Why its steps cannot be replayed, as half a sentence; null where they can. */
  readonly unrepeatable: string | null;
  /** From the next step on it computes with changed weights, or with its own again (null). The change stays the caller's. */
  change(change: WeightChange | null): void;
  /** What comes before a pass whose loss is differentiated: changed weights are made ready. */
  ready(): void;
  /** The training pass over x, [n, ...input]. Call inside a tidy. */
  forward(x: tf.Tensor): Outputs;
  /** Sets what differs from step to step: the rate, and how much of the weight average stays. */
  begin(rate: number, decay: number): void;
  /** What a loss is differentiated for. */
  trained(): readonly tf.Variable[];
  /** One optimizer step. @param gradients of what is trained, by name */
  apply(gradients: tf.NamedTensorMap): void;
  /** Moves the weight average one step on; batch norm's statistics are averaged with it. */
  follow(): void;
  /** A weight as it stands, to be read before the next step. Call inside a tidy. */
  weight(name: string): tf.Tensor;
  /** The average of a weight. Call inside a tidy. @throws Error before the first `follow` */
  average(name: string): tf.Tensor;
  /** A copy of all weights in memory. */
  read(): Promise<Map<string, Float32Array>>;
  dispose(): void;
}

/**
 * A learner in our own kernels where the backend runs them, else in tfjs's.
 *
 * @param inputLearns true where the input is another network's output, which needs its gradient
 */
export function learnerOf(
  graph: Graph,
  weights: Weights,
  optimizer: OptimizerRecipe,
  inputLearns = false,
): Learner {
  return hasKernels() && runsFlat(graph)
    ? new FlatLearner(graph, weights, optimizer, inputLearns)
    : new PlainLearner(graph, weights, optimizer);
}

/**
 * One optimizer step of several networks down a loss that is made of their `forward`s' outputs.
 *
 * @returns the loss before it; the caller's to dispose of
 */
export function learn(loss: () => tf.Scalar, learners: readonly Learner[]): tf.Scalar {
  for (const learner of learners) learner.ready();
  const { value, grads } = tf.variableGrads(
    loss,
    learners.flatMap((learner) => [...learner.trained()]),
  );
  try {
    for (const learner of learners) learner.apply(grads);
    return value;
  } catch (thrown) {
    value.dispose();
    throw thrown;
  } finally {
    tf.dispose(grads);
  }
}

class FlatLearner extends FlatNetwork implements Learner {
  readonly unrepeatable = null;
  private readonly rule: OptimizerRecipe;
  private changed: WeightChange | null = null;
  /** The weights themselves while changed ones lie in their places, and what the change goes on with. */
  private aside = new Map<
    string,
    { readonly weight: tf.Tensor; readonly state: tf.Tensor | null }
  >();

  constructor(graph: Graph, weights: Weights, rule: OptimizerRecipe, inputLearns: boolean) {
    super(graph, weights, inputLearns);
    this.rule = rule;
  }

  change(change: WeightChange | null): void {
    this.changed = change;
  }

  ready(): void {
    const change = this.changed;
    for (const name of change?.names ?? [])
      tf.tidy(() => {
        const weight = tf.keep(this.parameters.tensor(name));
        change?.settle(name, weight);
        const changed = change?.apply(name, weight);
        if (!changed) return;
        this.parameters.put(name, changed.used);
        this.aside.set(name, { weight, state: changed.state && tf.keep(changed.state) });
      });
  }

  /**
   * The layers' gradient is that of the changed weights: it becomes that of the weights themselves, which go back to their
   * places.
   */
  private restore(change: WeightChange): void {
    for (const [name, { weight, state }] of this.aside) {
      tf.tidy(() => {
        const through = tf.grad((w) => change.apply(name, w).used);
        const gradient = through(weight, this.parameters.gradientOf(name));
        this.parameters.putGradient(name, gradient);
        this.parameters.put(name, weight, true);
        if (state) change.carry(name, state);
      });
      tf.dispose(state ? [weight, state] : [weight]);
    }
    this.aside.clear();
  }

  begin(rate: number, decay: number): void {
    this.parameters.begin(this.rule, rate, decay);
  }

  apply(): void {
    if (this.changed) this.restore(this.changed);
    this.parameters.update(this.rule);
  }

  follow(): void {
    this.parameters.follow();
  }

  average(name: string): tf.Tensor {
    return this.parameters.average(name);
  }
}

class PlainLearner extends Network implements Learner {
  readonly unrepeatable = 'a student has a layer that our kernels do not train';
  private readonly optimizer: Optimizer;
  private averages: Map<string, tf.Variable> | null = null;
  private rate = 0;
  private decay = 0;
  private changed: WeightChange | null = null;
  /** What the change goes on with after the pass. */
  private readonly states = new Map<string, tf.Tensor>();

  constructor(graph: Graph, weights: Weights, optimizer: OptimizerRecipe) {
    super(graph, weights);
    this.optimizer = new Optimizer(optimizer);
  }

  change(change: WeightChange | null): void {
    this.changed = change;
  }

  ready(): void {
    for (const name of this.changed?.names ?? []) this.changed?.settle(name, this.weight(name));
  }

  protected override used(name: string): tf.Tensor {
    const { changed } = this;
    if (!changed?.names.includes(name)) return super.used(name);
    const { used, state } = changed.apply(name, this.weight(name));
    if (state) {
      this.states.get(name)?.dispose();
      this.states.set(name, tf.keep(state));
    }
    return used;
  }

  begin(rate: number, decay: number): void {
    this.rate = rate;
    this.decay = decay;
  }

  trained(): readonly tf.Variable[] {
    return this.trainable().map(({ variable }) => variable);
  }

  apply(gradients: tf.NamedTensorMap): void {
    this.optimizer.apply(this, gradients, this.rate);
    for (const [name, state] of this.states) {
      this.changed?.carry(name, state);
      state.dispose();
    }
    this.states.clear();
  }

  follow(): void {
    const averages = (this.averages ??= new Map(
      this.specs.map(({ name }) => [
        name,
        // In a tidy, because a variable takes a tensor of its own over the one that it is made from.
        tf.tidy(() => tf.variable(tf.clone(this.weight(name)), false)),
      ]),
    ));
    tf.tidy(() => {
      for (const [name, average] of averages)
        average.assign(
          tf.add(tf.mul(average, this.decay), tf.mul(this.weight(name), 1 - this.decay)),
        );
    });
  }

  average(name: string): tf.Tensor {
    const found = this.averages?.get(name);
    if (!found) throw new Error('there is no weight average yet');
    return found;
  }

  override dispose(): void {
    super.dispose();
    tf.dispose([...this.states.values()]);
    this.optimizer.dispose();
    for (const average of this.averages?.values() ?? []) average.dispose();
  }
}
