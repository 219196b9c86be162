import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReadNetwork } from '../../src/upload/given';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import { answersOf } from '../support/real';

interface Case {
  readonly name: string;
  readonly topology: object;
  readonly weights: readonly object[];
  readonly data: string;
  readonly shape: readonly number[];
  readonly x: string;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly y: string }[];
}

const path = new URL('keras-layers.json', import.meta.url);
const { keras, cases } = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly keras: string;
  readonly cases: readonly Case[];
};

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const floats = (text: string) => new Float32Array(bytesOf(text).buffer);

function read({ topology, weights, data }: Case): Promise<ReadNetwork> {
  const json = {
    format: 'layers-model',
    generatedBy: `keras v${keras}`,
    modelTopology: { keras_version: keras, model_config: topology },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  const file = givenOf('tiny/model.json', JSON.stringify(json));
  return readLayersModel(file, [givenOf('tiny/weights.bin', bytesOf(data))], reading);
}

beforeAll(useCpu);

describe('every layer answers as Keras does', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', async (name, each) => {
    const network = await read(each);
    const { graph, weights, outputs } = network;
    const first = name === 'channels first';
    const given = tf.tensor(floats(each.x), [...each.shape]);
    const x = first
      ? given.transpose([0, 2, 3, 1])
      : given.reshape([each.shape[0] as number, ...graph.input]);
    expect(outputs).toHaveLength(each.outputs.length);
    for (const [i, { y }] of each.outputs.entries()) {
      const output = outputs[i] as string;
      const found = answersOf({ graph: { ...graph, output }, weights }, x).flat();
      const wanted = floats(y);
      expect(found, output).toHaveLength(wanted.length);
      const worst = Math.max(
        ...found.map(
          (v, j) => Math.abs(v - (wanted[j] as number)) / (1 + Math.abs(wanted[j] as number)),
        ),
      );
      expect(worst, output).toBeLessThan(1e-5);
    }
    expect(network.layout).toBe(first ? 'NCHW' : graph.input.length === 3 ? 'NHWC' : 'none');
  });
});
