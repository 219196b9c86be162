import * as tf from '@tensorflow/tfjs';
import { foldNorm } from '../../gpu/ops/norm';
import type { Graph, Node } from './graph';

type Folded =
  | {
      readonly op: 'conv';
      readonly node: Extract<Node, { op: 'conv' }>;
      readonly filter: tf.Tensor4D;
      readonly bias: tf.Tensor1D;
      readonly activation: 'relu' | 'linear';
      readonly input: string;
      readonly output: string;
    }
  | {
      readonly op: 'dense';
      readonly weight: tf.Tensor2D;
      readonly bias: tf.Tensor1D;
      readonly input: string;
      readonly output: string;
    }
  | { readonly op: 'plain'; readonly node: Node; readonly input: string; readonly output: string };

/**
 * A network in inference mode with batch norm folded into the convolution before it, and the ReLU after it fused: one
 * kernel per layer. It owns copies, so that the network it came from may train on; free it with `dispose`.
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
    this.layers = fold(graph, weight);
  }

  /** Logits [n, classes] of x, [n, ...input]. Records nothing for a gradient. */
  predict(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => {
      const values = new Map<string, tf.Tensor>([['input', x]]);
      for (const layer of this.layers) values.set(layer.output, run(layer, values));
      return values.get(this.graph.output) as tf.Tensor2D;
    });
  }

  /** The folded weights it owns. */
  tensors(): readonly tf.Tensor[] {
    return this.layers.flatMap((layer): tf.Tensor[] => {
      if (layer.op === 'conv') return [layer.filter, layer.bias];
      return layer.op === 'dense' ? [layer.weight, layer.bias] : [];
    });
  }

  dispose(): void {
    tf.dispose([...this.tensors()]);
  }
}

function fold(graph: Graph, weight: (name: string) => tf.Tensor): readonly Folded[] {
  const readers = new Map<string, Node[]>();
  const tapped = new Set(Object.values(graph.taps));
  for (const node of graph.nodes)
    for (const input of node.op === 'add' ? [node.input, node.other] : [node.input])
      readers.set(input, [...(readers.get(input) ?? []), node]);
  const only = (name: string): Node | undefined => {
    const after = readers.get(name);
    return after?.length === 1 && !tapped.has(name) ? after[0] : undefined;
  };
  const done = new Set<string>();
  const layers: Folded[] = [];
  for (const node of graph.nodes) {
    if (done.has(node.name)) continue;
    if (node.op === 'conv') {
      const norm = only(node.name);
      const relu = norm?.op === 'norm' ? only(norm.name) : undefined;
      const fused = relu?.op === 'relu';
      const output = fused ? relu.name : norm?.op === 'norm' ? norm.name : node.name;
      if (norm?.op === 'norm') done.add(norm.name);
      if (fused) done.add(relu.name);
      layers.push({
        op: 'conv',
        node,
        ...foldConv(node, norm?.op === 'norm' ? norm.name : null, weight),
        activation: fused ? 'relu' : 'linear',
        input: node.input,
        output,
      });
    } else if (node.op === 'dense') {
      layers.push({
        op: 'dense',
        weight: tf.clone(weight(`${node.name}.weight`)) as tf.Tensor2D,
        bias: tf.clone(weight(`${node.name}.bias`)) as tf.Tensor1D,
        input: node.input,
        output: node.name,
      });
    } else if (node.op === 'norm') {
      throw new Error(`batch norm ${node.name} does not follow a convolution directly`);
    } else {
      layers.push({ op: 'plain', node, input: node.input, output: node.name });
    }
  }
  return layers;
}

function foldConv(
  node: Extract<Node, { op: 'conv' }>,
  norm: string | null,
  weight: (name: string) => tf.Tensor,
): { filter: tf.Tensor4D; bias: tf.Tensor1D } {
  const folded = tf.tidy(() => {
    const filter = weight(`${node.name}.weight`) as tf.Tensor4D;
    if (!norm) return [tf.clone(filter), tf.zeros([node.filters])];
    const part = (role: string) => weight(`${norm}.${role}`);
    const { scale, shift } = foldNorm(part('gamma'), part('beta'), part('mean'), part('variance'));
    return [tf.mul(filter, scale), shift];
  });
  return { filter: folded[0] as tf.Tensor4D, bias: folded[1] as tf.Tensor1D };
}

function run(layer: Folded, values: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
  const x = values.get(layer.input) as tf.Tensor;
  if (layer.op === 'conv')
    return tf.fused.conv2d({
      x: x as tf.Tensor4D,
      filter: layer.filter,
      strides: layer.node.stride,
      pad: layer.node.pad,
      bias: layer.bias,
      activation: layer.activation,
    });
  if (layer.op === 'dense') return tf.add(tf.matMul(x as tf.Tensor2D, layer.weight), layer.bias);
  switch (layer.node.op) {
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
    case 'add':
      return tf.add(x, values.get(layer.node.other) as tf.Tensor);
    case 'pool':
      return tf.mean(x, [1, 2]);
    default:
      throw new Error(`node ${layer.node.name} cannot run in inference mode`);
  }
}
