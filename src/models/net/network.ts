import * as tf from '@tensorflow/tfjs';
import { whole } from '../../gpu/belongings';
import { batchNormTrain } from '../../gpu/ops/norm';
import { globalAveragePool } from '../../gpu/ops/pool';
import { reshapeRows, upsample } from '../../gpu/ops/resize';
import type { Weights } from './draw';
import { isGeneral, weightsOf } from './graph';
import type { Graph, Node, WeightSpec } from './graph';
import { runGeneral } from './run-general';

export interface Outputs {
  /** [n, classes] */
  readonly logits: tf.Tensor2D;
  readonly taps: Readonly<Record<string, tf.Tensor>>;
}

/**
 * A trainable network: one variable per weight of its graph. `forward` is the training pass (batch norm by the batch,
 * moving statistics updated); inference goes through a FrozenNetwork, which folds batch norm away.
 */
export class Network {
  readonly graph: Graph;
  readonly specs: readonly WeightSpec[];
  private readonly variables = new Map<string, tf.Variable>();

  /** @throws Error if a weight is missing or has another size than the graph says */
  constructor(graph: Graph, weights: Weights) {
    this.graph = graph;
    this.specs = weightsOf(graph);
    whole((parts) => {
      for (const spec of this.specs) {
        const values = weights.get(spec.name);
        if (!values) throw new Error(`weight ${spec.name} is missing`);
        const variable = tf.tidy(() =>
          tf.variable(tf.tensor(values, [...spec.shape]), spec.trainable),
        );
        this.variables.set(spec.name, parts.add(variable));
      }
    });
  }

  /** The variable of a weight. */
  weight(name: string): tf.Variable {
    const found = this.variables.get(name);
    if (!found) throw new Error(`there is no weight ${name}`);
    return found;
  }

  /** Trainable variables in graph order, with what they are. */
  trainable(): readonly { readonly spec: WeightSpec; readonly variable: tf.Variable }[] {
    return this.specs
      .filter((spec) => spec.trainable)
      .map((spec) => ({ spec, variable: this.weight(spec.name) }));
  }

  /** The training pass over x, [n, ...input]. Call inside a tidy. */
  forward(x: tf.Tensor): Outputs {
    const values = new Map<string, tf.Tensor>([['input', x]]);
    for (const node of this.graph.nodes) values.set(node.name, this.run(node, values));
    return outputsOf(this.graph, values);
  }

  /** What the pass computes with in place of a weight: the weight itself, unless a learner changes it. */
  protected used(name: string): tf.Tensor {
    return this.weight(name);
  }

  private run(node: Node, values: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
    const x = values.get(node.input) as tf.Tensor;
    const w = (part: string) => this.used(`${node.name}.${part}`);
    if (isGeneral(node))
      return runGeneral(node, x, {
        weight: w,
        value: (name) => values.get(name) as tf.Tensor,
        learns: true,
      });
    switch (node.op) {
      case 'conv': {
        const y = tf.conv2d(x as tf.Tensor4D, w('weight') as tf.Tensor4D, node.stride, node.pad);
        return node.bias ? tf.add(y, w('bias')) : y;
      }
      case 'norm':
        return batchNormTrain(
          x,
          w('gamma') as tf.Tensor1D,
          w('beta') as tf.Tensor1D,
          this.weight(`${node.name}.mean`),
          this.weight(`${node.name}.variance`),
        );
      case 'relu':
        return tf.relu(x);
      case 'tanh':
        return tf.tanh(x);
      case 'add':
        return tf.add(x, values.get(node.other) as tf.Tensor);
      case 'pool':
        return globalAveragePool(x);
      case 'reshape':
        return reshapeRows(x, node.shape);
      case 'upsample':
        return upsample(x as tf.Tensor4D);
      case 'dense':
        return denseRows(x, w('weight') as tf.Tensor2D, w('bias'));
    }
  }

  /** A copy of all weights in memory. */
  async read(): Promise<Map<string, Float32Array>> {
    const out = new Map<string, Float32Array>();
    for (const spec of this.specs)
      out.set(spec.name, Float32Array.from((await this.weight(spec.name).data()) as Float32Array));
    return out;
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
    this.variables.clear();
  }
}

/** A dense layer over the last axis of x, [n, ..., features]. */
export function denseRows(x: tf.Tensor, weight: tf.Tensor2D, bias: tf.Tensor): tf.Tensor {
  if (x.rank === 2) return tf.add(tf.matMul(x as tf.Tensor2D, weight), bias);
  const [features, units] = weight.shape;
  const y = tf.add(tf.matMul(tf.reshape(x, [-1, features]), weight), bias);
  return tf.reshape(y, [...x.shape.slice(0, -1), units]);
}

/** The logits and the named taps out of all node outputs. Throws if a tap names no node. */
export function outputsOf(graph: Graph, values: ReadonlyMap<string, tf.Tensor>): Outputs {
  const taps: Record<string, tf.Tensor> = {};
  for (const [tap, name] of Object.entries(graph.taps)) {
    const value = values.get(name);
    if (!value) throw new Error(`tap ${tap} names ${name}, which is not a node`);
    taps[tap] = value;
  }
  return { logits: values.get(graph.output) as tf.Tensor2D, taps };
}
