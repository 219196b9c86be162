import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { drawWeights } from '../../src/models/net/draw';
import { weightsOf } from '../../src/models/net/graph';
import type { Graph, Node } from '../../src/models/net/graph';
import { models } from '../../src/models/registry';
import type { Choice } from '../../src/recipe/recipe';
import { dataOf, presetOf, studentOf, teacherOf } from './cells';
import type { Cell, Run } from './cells';
import { MockDevice } from './mock-device';

const EPSILON = 1e-3;
const MOMENTUM = 0.99;

/**
 * The same training step out of stock tfjs operations, as a user of tfjs writes it: batch norm as tf.layers does it
 * (moments, batchNorm, moving statistics), tf.losses.softmaxCrossEntropy, tf.train.momentum (tf.train.adam where the
 * preset trains with Adam). It does a little less than our own step (no Nesterov, no weight decay) and gets its batches
 * ready-made.
 */
export async function plainRun(cell: Cell): Promise<Run> {
  const device = new MockDevice();
  const info = device.adapterInfo as unknown as GPUAdapterInfo;
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device.asDevice(), info), 5);
  await tf.setBackend('webgpu');
  const { batch } = cell;
  const data = dataOf(cell, batch);
  const classes = data.classes.length;
  const student = studentOf(cell);
  const net = new PlainNet(student.model, data.shape, classes, true);
  const teacher =
    cell.arm === 'xcl' ? new PlainNet(teacherOf(cell), data.shape, classes, false) : null;
  const answers = cell.arm === 'kd' ? tf.keep(tf.zeros([batch, classes])) : null;
  const { temperature = 1, alpha = 1 } = student.method.params as Record<string, number>;
  const { optimizer: wanted } = presetOf(cell);
  const optimizer =
    wanted.kind === 'adam'
      ? tf.train.adam(wanted.rate)
      : tf.train.momentum(wanted.rate, wanted.momentum);
  const pixels = Float32Array.from(data.train.x);
  const oneHot = new Float32Array(batch * classes);
  data.train.y.forEach((label, row) => {
    oneHot[row * classes + label] = 1;
  });
  const rows = Int32Array.from({ length: batch }, (_, i) => i);

  return {
    step() {
      tf.tidy(() => {
        const x = tf.tensor(pixels, [batch, ...data.shape]);
        const labels = () => tf.tensor2d(oneHot, [batch, classes]);
        const taught = teacher
          ? tf.tidy(() => teacher.run(x, false))
          : answers && tf.gather(answers, tf.tensor1d(rows, 'int32'));
        optimizer.minimize(
          () => {
            const logits = net.run(x, true);
            const ce = () => tf.losses.softmaxCrossEntropy(labels(), logits);
            if (!taught) return ce() as tf.Scalar;
            const kl = tf.mul(divergence(taught, logits, temperature), temperature ** 2);
            if (cell.arm === 'xcl') return kl as tf.Scalar;
            return tf.add(tf.mul(ce(), 1 - alpha), tf.mul(kl, alpha)) as tf.Scalar;
          },
          false,
          net.trainable,
        );
      });
      submitAll();
      return Promise.resolve();
    },
  };
}

/** KL(softmax(teacher / T) || softmax(student / T)), mean over rows. */
function divergence(teacher: tf.Tensor, student: tf.Tensor, temperature: number): tf.Tensor {
  const p = tf.softmax(tf.div(teacher, temperature));
  const logQ = tf.logSoftmax(tf.div(student, temperature));
  return tf.mean(tf.sum(tf.mul(p, tf.sub(tf.log(p), logQ)), -1));
}

/** Submits what tfjs recorded and still holds back, as reading the loss would. */
function submitAll(): void {
  const backend = tf.backend() as unknown as {
    commandEncoder: unknown;
    endComputePassEncoder(): void;
    submitQueue(): void;
  };
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** A network of src/models, run node by node by the operation of the same name. */
class PlainNet {
  readonly trainable: tf.Variable[] = [];
  private readonly graph: Graph;
  private readonly variables = new Map<string, tf.Variable>();

  constructor(model: Choice, shape: readonly number[], classes: number, trains: boolean) {
    this.graph = models.get(model.id).graph(shape, classes, model.params);
    const weights = drawWeights(this.graph, 1);
    for (const { name, shape: size, trainable } of weightsOf(this.graph)) {
      const values = weights.get(name);
      if (!values) throw new Error(`weight ${name} is missing`);
      const variable = tf.tidy(() =>
        tf.variable(tf.tensor(values, [...size]), trains && trainable),
      );
      this.variables.set(name, variable);
      if (trains && trainable) this.trainable.push(variable);
    }
  }

  /** Logits [n, classes] of x, [n, ...input]. */
  run(x: tf.Tensor, training: boolean): tf.Tensor {
    const values = new Map<string, tf.Tensor>([['input', x]]);
    const of = (name: string) => values.get(name) as tf.Tensor;
    for (const node of this.graph.nodes)
      values.set(node.name, this.node(node, of(node.input), of, training));
    return of(this.graph.output);
  }

  private node(
    node: Node,
    x: tf.Tensor,
    of: (name: string) => tf.Tensor,
    training: boolean,
  ): tf.Tensor {
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
      moving.assign(tf.sub(moving, tf.mul(tf.sub(moving, fresh), 1 - MOMENTUM)) as tf.Tensor1D);
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
