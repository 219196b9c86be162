import { hdf5 } from './hdf5';
import type { H5Node } from './hdf5';
import { LAYERS, WEIGHTS } from './tiny';
import type { Part } from './tiny';
import { zip } from './zip';

/** What Keras 2 writes into model_config. */
export const kerasConfig = (layers: unknown = LAYERS) => ({
  class_name: 'Sequential',
  config: { name: 'tiny', layers },
});

const dataOf = (name: string): H5Node => {
  const found = WEIGHTS.find((weight) => weight.name === name);
  return { data: found ?? { shape: [1], values: [0] } };
};

/** The group of one layer, as Keras 2 has it. */
const layer = (name: string): H5Node => ({
  attributes: { weight_names: [`${name}/kernel:0`, `${name}/bias:0`] },
  members: {
    [name]: {
      members: { 'kernel:0': dataOf(`${name}/kernel`), 'bias:0': dataOf(`${name}/bias`) },
    },
  },
});

/** The tree of an .h5 file; a corpus changes it. */
export function kerasTree(config: unknown = kerasConfig()): H5Node {
  return {
    attributes: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      ...(config !== null && { model_config: JSON.stringify(config) }),
    },
    members: {
      model_weights: {
        attributes: { layer_names: ['conv', 'flatten', 'dense'] },
        members: {
          conv: layer('conv'),
          dense: layer('dense'),
          flatten: { attributes: {} },
        },
      },
    },
  };
}

/** An .h5 file of Keras 2. */
export const tinyH5 = (tree = kerasTree()): Part[] => [{ name: 'tiny.h5', bytes: hdf5(tree) }];

const own = (name: string): H5Node => ({
  members: { vars: { members: { 0: dataOf(`${name}/kernel`), 1: dataOf(`${name}/bias`) } } },
});

/** The parts of a .keras file. */
export function keras3Parts(config: unknown = kerasConfig()): Part[] {
  const weights = hdf5({
    members: { layers: { members: { conv2d: own('conv'), dense: own('dense') } } },
  });
  return [
    { name: 'metadata.json', bytes: Buffer.from('{"keras_version": "3.3.3"}') },
    { name: 'config.json', bytes: Buffer.from(JSON.stringify(config)) },
    { name: 'model.weights.h5', bytes: weights },
  ];
}

/** A .keras file of Keras 3. */
export const tinyKeras3 = (parts = keras3Parts()): Part[] => [
  { name: 'tiny.keras', bytes: zip(parts) },
];
