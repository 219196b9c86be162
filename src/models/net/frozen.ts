import * as tf from '@tensorflow/tfjs';
import { fusedConv } from '../../gpu/ops/inference';
import { reshapeRows, upsample } from '../../gpu/ops/resize';
import { foldNorm } from '../../gpu/ops/norm';
import type { Graph } from './graph';
import { planOf } from './plan';
import { outputsOf } from './network';
import type { Outputs } from './network';
import type { Unit } from './plan';

interface Folded {
  readonly unit: Unit;
  /** What the unit's kernel needs: filter and bias of a convolution, weight and bias of a dense layer. */
  readonly weights: readonly tf.Tensor[];
}

/**
 * A network in inference mode with batch norm folded into the convolution before it, and the residual sum and ReLU after
 * it fused where the backend can: one kernel per unit of its plan. It owns copies, so that the network it came from may
 * train on; free it with `dispose`.
 */
export class FrozenNetwork {
  readonly graph: Graph;
  private readonly layers: readonly Folded[];

  /**
   * @param weight gives a weight by name as a tensor; only read here
   * @throws Error on a batch norm that does not follow a convolution directly
   */
  constructor(graph: Graph, weight: (name: string) => tf.Tensor) {
    this.graph = graph;
    this.layers = planOf(graph).map((unit) => ({ unit, weights: fold(unit, weight) }));
  }

  /** Logits [n, classes] of x, [n, ...input]. Records nothing for a gradient. */
  predict(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.values(x).get(this.graph.output) as tf.Tensor2D);
  }

  /** Logits and taps of x. The caller disposes of them. */
  outputs(x: tf.Tensor): Outputs {
    return tf.tidy(() => {
      const { logits, taps } = outputsOf(this.graph, this.values(x));
      return { logits, taps: { ...taps } };
    });
  }

  private values(x: tf.Tensor): Map<string, tf.Tensor> {
    const values = new Map<string, tf.Tensor>([['input', x]]);
    for (const { unit, weights } of this.layers)
      values.set(unit.output, run(unit, weights, values));
    return values;
  }

  /** The folded weights it owns. */
  tensors(): readonly tf.Tensor[] {
    return this.layers.flatMap(({ weights }) => weights);
  }

  dispose(): void {
    tf.dispose([...this.tensors()]);
  }
}

/** The weights of a unit as its kernel takes them, as copies: training goes on in place on some backends. */
function fold(unit: Unit, weight: (name: string) => tf.Tensor): readonly tf.Tensor[] {
  return tf.tidy(() => {
    if (unit.op === 'norm')
      throw new Error(`batch norm ${unit.norm} does not follow a convolution directly`);
    if (unit.op === 'dense') {
      const { name } = unit.dense;
      return [tf.clone(weight(`${name}.weight`)), tf.clone(weight(`${name}.bias`))];
    }
    if (unit.op === 'plain') return [];
    const filter = weight(`${unit.conv.name}.weight`);
    if (unit.norm === null) return [tf.clone(filter), tf.zeros([unit.conv.filters])];
    const part = (role: string) => weight(`${unit.norm}.${role}`);
    const { scale, shift } = foldNorm(part('gamma'), part('beta'), part('mean'), part('variance'));
    return [tf.mul(filter, scale), shift];
  });
}

function run(
  unit: Unit,
  weights: readonly tf.Tensor[],
  values: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor {
  const x = values.get(unit.input) as tf.Tensor;
  switch (unit.op) {
    case 'conv': {
      const [filter, bias] = weights as [tf.Tensor4D, tf.Tensor1D];
      const residual = unit.residual === null ? null : (values.get(unit.residual) as tf.Tensor4D);
      return fusedConv(x as tf.Tensor4D, filter, bias, unit.conv, residual, unit.relu);
    }
    case 'dense': {
      const [weight, bias] = weights as [tf.Tensor2D, tf.Tensor1D];
      const y = tf.add(tf.matMul(x as tf.Tensor2D, weight), bias);
      if (unit.activation === 'linear') return y;
      return unit.activation === 'relu' ? tf.relu(y) : tf.tanh(y);
    }
    case 'norm':
      throw new Error(`batch norm ${unit.norm} cannot run in inference mode`);
    case 'plain':
      switch (unit.node.op) {
        case 'relu':
          return tf.relu(x);
        case 'tanh':
          return tf.tanh(x);
        case 'add':
          return tf.add(x, values.get(unit.node.other) as tf.Tensor);
        case 'pool':
          return tf.mean(x, [1, 2]);
        case 'reshape':
          return reshapeRows(x, unit.node.shape);
        case 'upsample':
          return upsample(x as tf.Tensor4D);
      }
  }
}
