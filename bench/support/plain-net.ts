import * as tf from '@tensorflow/tfjs';
import { isGeneral, weightsOf } from '../../src/models/net/graph';
import type { Node } from '../../src/models/net/graph';
import type { Tensors } from './cells';
import type { Network } from './problem';

/** As in PyTorch, and as in our own batch norm. */
const EPSILON = 1e-5;
const KEEP = 0.9;

/** A network of src/models out of stock tfjs operations, run node by node by the operation of the same name. */
export class PlainNet {
  readonly trainable: tf.Variable[] = [];
  private readonly network: Network;
  private readonly variables = new Map<string, tf.Variable>();

  constructor(network: Network, trains: boolean) {
    this.network = network;
    for (const { name, shape, trainable } of weightsOf(network.graph)) {
      const values = network.weights.get(name);
      if (!values) throw new Error(`weight ${name} is missing`);
      const variable = tf.tidy(() =>
        tf.variable(tf.tensor(values, [...shape]), trains && trainable),
      );
      this.variables.set(name, variable);
      if (trains && trainable) this.trainable.push(variable);
    }
  }

  /** Logits [n, classes] of x, [n, ...input]. */
  run(x: tf.Tensor, training: boolean): tf.Tensor {
    const { graph } = this.network;
    const values = new Map<string, tf.Tensor>([['input', x]]);
    const of = (name: string) => values.get(name) as tf.Tensor;
    for (const node of graph.nodes)
      values.set(node.name, this.node(node, of(node.input), of, training));
    return of(graph.output);
  }

  /** Copies of the trainable weights. */
  async read(): Promise<Tensors> {
    const found = new Map<string, { shape: readonly number[]; values: Float32Array }>();
    for (const { name, shape, trainable } of weightsOf(this.network.graph)) {
      if (!trainable) continue;
      const values = (await this.variables.get(name)?.data()) as Float32Array;
      found.set(name, { shape, values: Float32Array.from(values) });
    }
    return found;
  }

  private node(
    node: Node,
    x: tf.Tensor,
    of: (name: string) => tf.Tensor,
    training: boolean,
  ): tf.Tensor {
    if (isGeneral(node)) throw new Error(`no network that is compared has a node ${node.op}`);
    switch (node.op) {
      case 'conv': {
        const filter = this.weight(node, 'weight') as tf.Tensor4D;
        return tf.conv2d(x as tf.Tensor4D, filter, node.stride, node.pad);
      }
      case 'norm':
        return this.norm(node, x, training);
      case 'relu':
        return tf.relu(x);
      case 'tanh':
        return tf.tanh(x);
      case 'add':
        return tf.add(x, of(node.other));
      case 'pool':
        return tf.mean(x, [1, 2]);
      case 'reshape':
      case 'upsample':
        throw new Error(`no network that is compared has a node ${node.op}`);
      case 'dense':
        return tf.add(tf.matMul(x, this.weight(node, 'weight')), this.weight(node, 'bias'));
    }
  }

  private norm(node: Node, x: tf.Tensor, training: boolean): tf.Tensor {
    const part = (role: string) => this.weight(node, role) as tf.Variable<tf.Rank.R1>;
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map(part) as [
      tf.Variable<tf.Rank.R1>,
      tf.Variable<tf.Rank.R1>,
      tf.Variable<tf.Rank.R1>,
      tf.Variable<tf.Rank.R1>,
    ];
    if (!training) return tf.batchNorm(x, mean, variance, beta, gamma, EPSILON);
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const batch = tf.moments(x, axes);
    for (const [moving, fresh] of [
      [mean, batch.mean],
      [variance, batch.variance],
    ] as const)
      moving.assign(tf.sub(moving, tf.mul(tf.sub(moving, fresh), 1 - KEEP)) as tf.Tensor1D);
    return tf.batchNorm(
      x,
      batch.mean as tf.Tensor1D,
      batch.variance as tf.Tensor1D,
      beta,
      gamma,
      EPSILON,
    );
  }

  private weight(node: Node, part: string): tf.Variable {
    const found = this.variables.get(`${node.name}.${part}`);
    if (!found) throw new Error(`there is no weight ${node.name}.${part}`);
    return found;
  }
}
