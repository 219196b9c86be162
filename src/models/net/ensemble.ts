import * as tf from '@tensorflow/tfjs';
import { whole } from '../../gpu/belongings';
import { mergedGaussian } from '../../gpu/ops/gaussian';
import { FrozenNetwork } from './frozen';
import type { Graph } from './graph';

/** Several frozen networks of one graph with Gaussian heads, which answer as one Gaussian of the same moments. */
export class Ensemble extends FrozenNetwork {
  private readonly others: readonly FrozenNetwork[];

  /** @param weights for every network, a way to read its weights by name; at least one */
  constructor(graph: Graph, weights: readonly ((name: string) => tf.Tensor)[]) {
    const [first, ...others] = weights;
    if (!first) throw new Error('an ensemble has no networks');
    super(graph, first);
    try {
      this.others = whole((parts) =>
        others.map((weight) => parts.add(new FrozenNetwork(graph, weight))),
      );
    } catch (thrown) {
      super.dispose();
      throw thrown;
    }
  }

  /** Merged heads [n, 2d] of x, [n, ...input]. */
  override predict(x: tf.Tensor): tf.Tensor2D {
    if (this.others.length === 0) return super.predict(x);
    return tf.tidy(() =>
      mergedGaussian([super.predict(x), ...this.others.map((other) => other.predict(x))]),
    );
  }

  override tensors(): readonly tf.Tensor[] {
    return [...super.tensors(), ...this.others.flatMap((other) => other.tensors())];
  }
}
