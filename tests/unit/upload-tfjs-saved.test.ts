import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import { answersOf, worst } from '../support/real';

beforeAll(useCpu);

/** What TensorFlow.js writes where a page lets its model be downloaded. */
async function saved(model: tf.LayersModel) {
  let found: tf.io.ModelArtifacts | null = null;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      found = artifacts;
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
      });
    }),
  );
  const { modelTopology, weightSpecs, weightData } = found as unknown as tf.io.ModelArtifacts;
  const json = {
    modelTopology,
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    weightsManifest: [{ paths: ['./model.weights.bin'], weights: weightSpecs }],
  };
  const data = new Uint8Array(weightData as ArrayBuffer);
  return [givenOf('model.json', JSON.stringify(json)), givenOf('model.weights.bin', data)] as const;
}

describe('a model that TensorFlow.js itself saved', () => {
  it('in a row', async () => {
    const { layers } = tf;
    const model = tf.sequential({
      layers: [
        layers.conv2d({
          inputShape: [6, 6, 2],
          filters: 3,
          kernelSize: 3,
          activation: 'hardSigmoid',
        }),
        layers.batchNormalization(),
        layers.leakyReLU({ alpha: 0.2 }),
        layers.depthwiseConv2d({ kernelSize: 2, padding: 'same', depthMultiplier: 2 }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 4, activation: 'softmax' }),
      ],
    });
    const x = tf.randomNormal([3, 6, 6, 2], 0, 1, 'float32', 5);
    const [json, shard] = await saved(model);
    const network = await readLayersModel(json, [json, shard], reading);
    const wanted = (model.predict(x) as tf.Tensor).arraySync() as number[][];
    expect(worst(answersOf(network, x), wanted)).toBeLessThan(1e-6);
    expect(network).toMatchObject({ title: 'model', repairs: [], remarks: [], layers: 8 });
  });

  it('with branches and a network inside', async () => {
    const { layers } = tf;
    const inner = tf.sequential({
      name: 'inner',
      layers: [layers.dense({ inputShape: [5], units: 5, activation: 'tanh', name: 'dense' })],
    });
    const start = tf.input({ shape: [5] });
    const a = inner.apply(start) as tf.SymbolicTensor;
    const b = layers.dense({ units: 5, name: 'side' }).apply(start) as tf.SymbolicTensor;
    const sum = layers.add().apply([a, b]) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: start,
      outputs: layers.reLU({ maxValue: 1 }).apply(sum) as tf.SymbolicTensor,
    });
    const x = tf.randomNormal([3, 5], 0, 1, 'float32', 5);
    const [json, shard] = await saved(model);
    const network = await readLayersModel(json, [json, shard], reading);
    const wanted = (model.predict(x) as tf.Tensor).arraySync() as number[][];
    expect(worst(answersOf(network, x), wanted)).toBeLessThan(1e-6);
    expect(Object.keys(network.graph.taps)).toContain('inner/dense');
  });
});
