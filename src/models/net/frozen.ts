import * as tf from '@tensorflow/tfjs';
import { fusedConv } from '../../gpu/ops/inference';
import { reshapeRows, upsample } from '../../gpu/ops/resize';
import { foldNorm } from '../../gpu/ops/norm';
import { isGeneral, weightsOf } from './graph';
import type { Graph } from './graph';
import { planOf } from './plan';
import { denseRows, outputsOf } from './network';
import type { Outputs } from './network';
import type { Unit } from './plan';
import { runGeneral } from './run-general';

interface Folded {
  readonly unit: Unit;
  /** The parts of a general node's weights, in the order of `weights`. */
  readonly names: readonly string[];
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
   */
  constructor(graph: Graph, weight: (name: string) => tf.Tensor) {
    this.graph = graph;
    const parts = partsOf(graph);
    // In a tidy: where one layer cannot be folded, those before it are freed.
    let layers: readonly Folded[] = [];
    tf.tidy(() => {
      layers = planOf(graph).map((unit) => {
        const names = unit.op === 'plain' ? (parts.get(unit.node.name) ?? []) : [];
        return { unit, names, weights: fold(unit, names, weight) };
      });
      for (const { weights } of layers) for (const tensor of weights) tf.keep(tensor);
    });
    this.layers = layers;
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
    for (const layer of this.layers) values.set(layer.unit.output, run(layer, values));
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

/** The parts of every general node's weights, in their order. */
function partsOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>();
  for (const { name } of weightsOf(graph)) {
    const dot = name.lastIndexOf('.');
    const node = name.slice(0, dot);
    parts.set(node, [...(parts.get(node) ?? []), name.slice(dot + 1)]);
  }
  return parts;
}

/** The weights of a unit as its kernel takes them, as copies: training goes on in place on some backends. */
function fold(
  unit: Unit,
  names: readonly string[],
  weight: (name: string) => tf.Tensor,
): readonly tf.Tensor[] {
  return tf.tidy(() => {
    const normOf = (norm: string) => {
      const part = (role: string) => weight(`${norm}.${role}`);
      return foldNorm(part('gamma'), part('beta'), part('mean'), part('variance'));
    };
    if (unit.op === 'norm') {
      const { scale, shift } = normOf(unit.norm);
      return [scale, shift];
    }
    if (unit.op === 'dense') {
      const { name } = unit.dense;
      return [tf.clone(weight(`${name}.weight`)), tf.clone(weight(`${name}.bias`))];
    }
    if (unit.op === 'plain')
      return names.map((part) => tf.clone(weight(`${unit.node.name}.${part}`)));
    const { name, filters, bias } = unit.conv;
    const filter = weight(`${name}.weight`);
    const own = bias ? weight(`${name}.bias`) : null;
    if (unit.norm === null) return [tf.clone(filter), own ? tf.clone(own) : tf.zeros([filters])];
    const { scale, shift } = normOf(unit.norm);
    return [tf.mul(filter, scale), own ? tf.add(shift, tf.mul(own, scale)) : shift];
  });
}

function run({ unit, names, weights }: Folded, values: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
  const x = values.get(unit.input) as tf.Tensor;
  switch (unit.op) {
    case 'conv': {
      const [filter, bias] = weights as [tf.Tensor4D, tf.Tensor1D];
      const residual = unit.residual === null ? null : (values.get(unit.residual) as tf.Tensor4D);
      return fusedConv(x as tf.Tensor4D, filter, bias, unit.conv, residual, unit.relu);
    }
    case 'dense': {
      const [weight, bias] = weights as [tf.Tensor2D, tf.Tensor1D];
      const y = denseRows(x, weight, bias);
      if (unit.activation === 'linear') return y;
      return unit.activation === 'relu' ? tf.relu(y) : tf.tanh(y);
    }
    case 'norm': {
      const [scale, shift] = weights as [tf.Tensor, tf.Tensor];
      const y = tf.add(tf.mul(x, scale), shift);
      const { residual } = unit;
      const sum = residual === null ? y : tf.add(y, values.get(residual) as tf.Tensor);
      return unit.relu ? tf.relu(sum) : sum;
    }
    case 'plain':
      if (isGeneral(unit.node))
        return runGeneral(unit.node, x, {
          weight: (part) => weights[names.indexOf(part)] as tf.Tensor,
          value: (name) => values.get(name) as tf.Tensor,
          learns: false,
        });
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
