import { shard, tinyLayersModel } from './tfjs';
import { WEIGHTS } from './tiny';
import type { Part } from './tiny';

const shapeOf = (dims: readonly number[]) => ({
  dim: dims.map((size) => ({ size: String(size) })),
});
const constant = (name: string, dtype = 'DT_FLOAT') => ({
  name,
  op: 'Const',
  attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: { dim: [] } } } },
});
const float = { T: { type: 'DT_FLOAT' } };

/** The JSON of a GraphModel of the same network; a corpus changes it. */
export function graphJson() {
  const weights = WEIGHTS.map(({ name, shape }) => ({
    name,
    shape: [...shape] as unknown[],
    dtype: 'float32',
  }));
  const strides = { list: { i: ['1', '1', '1', '1'] } };
  const conv = { ...float, strides, padding: { s: 'VkFMSUQ=' }, data_format: { s: 'TkhXQw==' } };
  const node = [
    {
      name: 'x',
      op: 'Placeholder',
      input: [] as string[],
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: shapeOf([-1, 8, 8, 1]) } },
    },
    ...WEIGHTS.map(({ name }) => constant(name)),
    constant('shape', 'DT_INT32'),
    { name: 'c', op: 'Conv2D', input: ['x', 'conv/kernel'], attr: conv },
    { name: 'b', op: 'BiasAdd', input: ['c', 'conv/bias'], attr: float },
    { name: 'r', op: 'Relu', input: ['b'], attr: float },
    { name: 'f', op: 'Reshape', input: ['r', 'shape'], attr: float },
    { name: 'd', op: 'MatMul', input: ['f', 'dense/kernel'], attr: float },
    { name: 'y', op: 'BiasAdd', input: ['d', 'dense/bias'], attr: float },
  ];
  const info = (name: string, dims: readonly number[]) => ({
    [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeOf(dims) },
  });
  return {
    format: 'graph-model',
    signature: { inputs: info('x', [-1, 8, 8, 1]), outputs: info('y', [-1, 3]) },
    modelTopology: { node, versions: { producer: 1 } },
    weightsManifest: [
      {
        paths: ['group1-shard1of1.bin'],
        weights: [...weights, { name: 'shape', shape: [2] as unknown[], dtype: 'int32' }],
      },
    ],
  };
}

/** A GraphModel of TensorFlow.js. */
export function tinyGraphModel(
  json: unknown = graphJson(),
  weights = Buffer.concat([shard(), Buffer.from(Int32Array.of(-1, 72).buffer)]),
): Part[] {
  return tinyLayersModel(json, weights);
}
