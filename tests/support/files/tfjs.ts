import { LAYERS, WEIGHTS, floats } from './tiny';
import type { Part } from './tiny';

/** The JSON that a tiny model.json holds; a corpus changes it. */
export function layersJson() {
  const config = { name: 'tiny', layers: LAYERS };
  return {
    format: 'layers-model',
    generatedBy: 'keras v2.15.0',
    modelTopology: {
      keras_version: '2.15.0',
      model_config: { class_name: 'Sequential', config },
    },
    weightsManifest: [
      {
        paths: ['group1-shard1of1.bin'],
        weights: WEIGHTS.map(({ name, shape }) => ({
          name,
          shape: [...shape] as unknown[],
          dtype: 'float32',
        })),
      },
    ],
  };
}

/** All weights one after the other. */
export const shard = () => floats(WEIGHTS.flatMap(({ values }) => [...values]));

/** A LayersModel of TensorFlow.js with a convolution and a dense layer. */
export function tinyLayersModel(json: unknown = layersJson(), weights = shard()): Part[] {
  return [
    { name: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { name: 'group1-shard1of1.bin', bytes: weights },
  ];
}
