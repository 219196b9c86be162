import * as tf from '@tensorflow/tfjs';
import { Belongings } from '../../gpu/belongings';
import { convLayer, denseLayer, normLayer, poolLayer } from '../../gpu/ops/layers';
import { reshapeRows, upsample } from '../../gpu/ops/resize';
import { FlatParameters } from '../../gpu/ops/parameters';
import type { Weights } from './draw';
import { isGeneral, weightsOf } from './graph';
import type { Graph, WeightSpec } from './graph';
import { outputsOf } from './network';
import type { Outputs } from './network';
import { planOf } from './plan';
import type { Unit } from './plan';

/**
 * A trainable network in our own kernels: the units of its plan, over flat parameters. The same function of the same
 * weights as Network, with an eighth of its kernel launches; only where the backend runs our kernels.
 */
export class FlatNetwork {
  readonly graph: Graph;
  readonly specs: readonly WeightSpec[];
  readonly parameters: FlatParameters;
  private readonly plan: readonly Unit[];
  private readonly handles = new Map<string, tf.Variable>();
  private readonly inputLearns: boolean;

  /**
   * @param inputLearns true where the input is another network's output, which needs its gradient
   * @throws Error if a weight is missing
   */
  constructor(graph: Graph, weights: Weights, inputLearns = false) {
    this.graph = graph;
    this.inputLearns = inputLearns;
    this.specs = weightsOf(graph);
    this.plan = planOf(graph);
    const parts = new Belongings();
    try {
      this.parameters = parts.add(
        new FlatParameters(
          this.specs.map(({ name, shape, role, trainable }) => {
            const values = weights.get(name);
            if (!values) throw new Error(`weight ${name} is missing`);
            const kind = role === 'kernel' ? 'kernel' : trainable ? 'other' : 'moving';
            return { name, shape, values, role: kind };
          }),
        ),
      );
      for (const unit of this.plan)
        for (const name of layersOf(unit))
          this.handles.set(name, parts.add(tf.tidy(() => tf.variable(tf.scalar(0)))));
    } catch (thrown) {
      parts.dispose();
      throw thrown;
    }
  }

  /** The training pass over x, [n, ...input]. Call inside a tidy. */
  forward(x: tf.Tensor): Outputs {
    const values = new Map<string, tf.Tensor>([['input', x]]);
    for (const unit of this.plan) values.set(unit.output, this.run(unit, values));
    return outputsOf(this.graph, values);
  }

  /**
   * What stands for the weights on the tape. Once a loss is differentiated for it, the weights' gradient lies in the
   * parameters' gradient buffer.
   */
  trained(): readonly tf.Variable[] {
    return [...this.handles.values()];
  }

  private run(unit: Unit, values: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
    const { parameters } = this;
    const x = values.get(unit.input) as tf.Tensor;
    const learns = unit.input !== 'input' || this.inputLearns;
    switch (unit.op) {
      case 'conv': {
        const { name } = unit.conv;
        const weight = `${name}.weight`;
        const y = convLayer(
          x as tf.Tensor4D,
          parameters,
          this.handle(name),
          weight,
          unit.conv,
          learns,
        );
        return unit.norm === null
          ? plainTail(y, unit, values)
          : this.normalise(y, unit.norm, unit, values);
      }
      case 'norm':
        return this.normalise(x, unit.norm, unit, values);
      case 'dense': {
        const { name, units } = unit.dense;
        const { activation } = unit;
        return denseLayer(
          x as tf.Tensor2D,
          parameters,
          this.handle(name),
          name,
          units,
          activation,
          learns,
        );
      }
      case 'plain':
        return runPlain(unit.node, x, values);
    }
  }

  private normalise(
    x: tf.Tensor,
    norm: string,
    unit: { residual: string | null; relu: boolean },
    values: ReadonlyMap<string, tf.Tensor>,
  ): tf.Tensor {
    const residual = unit.residual === null ? null : (values.get(unit.residual) as tf.Tensor);
    return normLayer(x, residual, this.parameters, this.handle(norm), norm, unit.relu);
  }

  private handle(name: string): tf.Scalar {
    return this.handles.get(name) as unknown as tf.Scalar;
  }

  /** A copy of a weight as a tensor; call inside a tidy. @throws Error where there is no such weight */
  weight(name: string): tf.Tensor {
    return this.parameters.tensor(name);
  }

  /** A copy of all weights in memory, in the graph's order. */
  async read(): Promise<Map<string, Float32Array>> {
    const found = await this.parameters.read();
    return new Map(this.specs.map(({ name }) => [name, found.get(name) as Float32Array]));
  }

  dispose(): void {
    this.parameters.dispose();
    for (const handle of this.handles.values()) handle.dispose();
    this.handles.clear();
  }
}

/** True where every node of a graph has a kernel of ours for training. */
export const runsFlat = ({ nodes }: Graph): boolean =>
  nodes.every((node) => !isGeneral(node) && !(node.op === 'conv' && node.bias));

/** Names of the layers with weights in a unit. */
function layersOf(unit: Unit): readonly string[] {
  if (unit.op === 'conv')
    return unit.norm === null ? [unit.conv.name] : [unit.conv.name, unit.norm];
  if (unit.op === 'norm') return [unit.norm];
  return unit.op === 'dense' ? [unit.dense.name] : [];
}

function plainTail(
  x: tf.Tensor,
  unit: { residual: string | null; relu: boolean },
  values: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor {
  const sum = unit.residual === null ? x : tf.add(x, values.get(unit.residual) as tf.Tensor);
  return unit.relu ? tf.relu(sum) : sum;
}

function runPlain(
  node: Extract<Unit, { op: 'plain' }>['node'],
  x: tf.Tensor,
  values: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor {
  if (isGeneral(node)) throw new Error(`node ${node.name} (${node.op}) is not for our own kernels`);
  switch (node.op) {
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
    case 'add':
      return tf.add(x, values.get(node.other) as tf.Tensor);
    case 'pool':
      return poolLayer(x as tf.Tensor4D);
    case 'reshape':
      return reshapeRows(x, node.shape);
    case 'upsample':
      return upsample(x as tf.Tensor4D);
  }
}
