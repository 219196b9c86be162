import * as tf from '@tensorflow/tfjs';
import { hasKernels } from '../gpu/kernels/launch';
import type { Weights } from '../models/net/draw';
import { FlatNetwork } from '../models/net/flat';
import type { Graph, WeightSpec } from '../models/net/graph';
import { Network } from '../models/net/network';
import type { Outputs } from '../models/net/network';
import type { Optimizer as OptimizerRecipe } from '../recipe/recipe';
import { Optimizer } from './optimizer';

/** A network with its optimizer. */
export interface Learner {
  readonly graph: Graph;
  readonly specs: readonly WeightSpec[];
  /** The training pass over x, [n, ...input]. Call inside a tidy. */
  forward(x: tf.Tensor): Outputs;
  /**
   * One optimizer step down a loss that is made of `forward`'s outputs. @returns the loss before it; the caller's to
   * dispose of
   */
  learn(loss: () => tf.Scalar, rate: number): tf.Scalar;
  /** A weight as it stands, to be read before the next step. Call inside a tidy. */
  weight(name: string): tf.Tensor;
  /** A copy of all weights in memory. */
  read(): Promise<Map<string, Float32Array>>;
  dispose(): void;
}

/** A learner in our own kernels where the backend runs them, else in tfjs's. */
export function learnerOf(graph: Graph, weights: Weights, optimizer: OptimizerRecipe): Learner {
  return hasKernels() && FlatNetwork.fits(graph)
    ? new FlatLearner(graph, weights, optimizer)
    : new PlainLearner(graph, weights, optimizer);
}

class FlatLearner extends FlatNetwork implements Learner {
  private readonly rule: OptimizerRecipe;

  constructor(graph: Graph, weights: Weights, rule: OptimizerRecipe) {
    super(graph, weights);
    this.rule = rule;
  }

  learn(loss: () => tf.Scalar, rate: number): tf.Scalar {
    const value = this.differentiate(loss);
    this.update(this.rule, rate);
    return value;
  }
}

class PlainLearner extends Network implements Learner {
  private readonly optimizer: Optimizer;

  constructor(graph: Graph, weights: Weights, optimizer: OptimizerRecipe) {
    super(graph, weights);
    this.optimizer = new Optimizer(optimizer);
  }

  learn(loss: () => tf.Scalar, rate: number): tf.Scalar {
    const variables = this.trainable().map(({ variable }) => variable);
    const { value, grads } = tf.variableGrads(loss, variables);
    this.optimizer.apply(this, grads, rate);
    tf.dispose(grads);
    return value;
  }

  override dispose(): void {
    super.dispose();
    this.optimizer.dispose();
  }
}
