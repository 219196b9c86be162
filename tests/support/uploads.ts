import * as tf from '@tensorflow/tfjs';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { weightsOf } from '../../src/models/net/graph';
import type { Graph } from '../../src/models/net/graph';
import type { Weights } from '../../src/models/net/draw';
import type { Meaning } from '../../src/recipe/meaning';
import type { ReadNetwork } from '../../src/upload/given';
import { NetBuilder } from '../../src/upload/net/builder';

/** A network as if it were read from a file. @param build writes it and gives the name of its output */
export function readNetwork(
  input: readonly number[],
  build: (builder: NetBuilder) => string | readonly string[],
  more: Partial<ReadNetwork> = {},
): ReadNetwork {
  const builder = new NetBuilder('net.onnx', input);
  const built = build(builder);
  const outputs = typeof built === 'string' ? [built] : built;
  return {
    format: 'onnx',
    title: 'net',
    ...builder.finish(outputs[0]!, outputs.slice(1)),
    outputs,
    layout: 'NHWC',
    layers: 1,
    classes: null,
    repairs: [],
    remarks: [],
    ...more,
  };
}

/** Values with a shape. */
export const values = (shape: readonly number[], numbers: readonly number[]) => ({
  shape,
  values: Float32Array.from(numbers),
});

/** The meaning of a network of classes whose inputs are pixels as they are. */
export function meaningOf(net: ReadNetwork, classes: number, more: Partial<Meaning> = {}): Meaning {
  return {
    output: net.outputs[0]!,
    resize: 'bilinear',
    flatten: 'pixels',
    input: { name: '0 to 255', order: 'rgb', scale: 1, mean: [0], std: [1], perImage: false },
    answers: { kind: 'logits', classes: Array.from({ length: classes }, (_, i) => i) },
    taps: {},
    ...more,
  };
}

/** What a graph answers on one row. */
export function answerOf(
  { graph, weights }: { readonly graph: Graph; readonly weights: Weights },
  row: readonly number[],
): number[] {
  const tensors = new Map(
    weightsOf(graph).map(({ name, shape }) => [name, tf.tensor(weights.get(name)!, [...shape])]),
  );
  const network = new FrozenNetwork(graph, (name) => tensors.get(name)!);
  const out = network.predict(tf.tensor([...row, ...row], [2, ...graph.input]));
  const [first, second] = out.arraySync() as [number[], number[]];
  network.dispose();
  tf.dispose([out, ...tensors.values()]);
  if (String(first) !== String(second)) throw new Error('two equal rows are answered differently');
  return first;
}

/** Numbers that rise and fall. */
export const wave = (count: number, scale: number, shift = 0) =>
  Array.from({ length: count }, (_, i) => shift + scale * Math.sin(1.7 * i + count));

/** A network of general layers: a convolution with a step, a curve, a window, a batch norm, a list from the file. */
export function smallNetwork(outputs: number, softmax = true): ReadNetwork {
  return readNetwork([8, 8, 3], (b) => {
    const conv = b.add(
      'conv',
      'input',
      {
        op: 'convolve',
        filters: 4,
        kernel: [3, 3],
        stride: [2, 2],
        dilation: [1, 1],
        groups: 1,
        margins: [1, 1, 1, 1],
        bias: true,
      },
      { weight: values([3, 3, 3, 4], wave(108, 0.3)), bias: values([4], wave(4, 0.1)) },
    );
    const norm = b.add(
      'norm',
      conv,
      { op: 'norm' },
      {
        gamma: values([4], wave(4, 0.2, 1)),
        beta: values([4], wave(4, 0.2)),
        mean: values([4], wave(4, 0.3)),
        variance: values([4], wave(4, 0.2, 1)),
      },
    );
    const curve = b.add('curve', norm, { op: 'curve', curve: 'silu' });
    const own = b.literal('own', values([1, 1, 4], [0.5, 1, 1.5, 2]));
    const times = b.add('times', curve, { op: 'binary', kind: 'multiply', other: own });
    const window = b.add('window', times, {
      op: 'window',
      kind: 'max',
      size: [2, 2],
      stride: [2, 2],
      margins: [0, 0, 0, 0],
      countMargins: false,
    });
    const list = b.add('list', window, { op: 'reshape', shape: [16] });
    const head = b.add(
      'head',
      list,
      { op: 'dense', units: outputs },
      {
        weight: values([16, outputs], wave(16 * outputs, 0.4)),
        bias: values([outputs], wave(outputs, 0.1)),
      },
    );
    b.tap('window', window);
    return softmax ? b.add('shares', head, { op: 'softmax' }) : head;
  });
}
