import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tapShapesOf } from '../../src/models/net/graph';
import type { Given, ReadNetwork, Reading } from '../../src/upload/given';
import { decodeJpeg } from '../../src/upload/data/jpeg';
import { readKerasH5 } from '../../src/upload/keras/h5';
import { readKeras3 } from '../../src/upload/keras/keras3';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { useCpu } from '../support/cpu';
import { reading } from '../support/given';
import { answersOf, expectedOf, haveReal, realFile, worst } from '../support/real';

beforeAll(useCpu);

type Reader = (file: Given, beside: readonly Given[], reading: Reading) => Promise<ReadNetwork>;

/** A folder of real teachers, its file or files, its reader, how many layers it has, and what was mended. */
type Case = readonly [string, readonly string[], Reader, number, string];

const SHARD = 'group1-shard1of1.bin';
const cases: readonly Case[] = [
  ['cifar10_resnet8_mlperf_tfjs_layers', ['model.json', SHARD], readLayersModel, 29, ''],
  ['cifar10_resnet8_mlperf_h5', ['pretrainedResnet.h5'], readKerasH5, 29, ''],
  ['cifar10_cnn_anshaj_h5_keras_onnx', ['cifar10_model.h5'], readKerasH5, 7, ''],
  ['cifar10_cnn_anshaj_h5_keras_onnx', ['cifar10_model.keras'], readKeras3, 7, 'backslashes'],
  ['mnist_cnn_dayyan_tfjs_layers', ['model.json', SHARD], readLayersModel, 7, ''],
  ['mnist_cnn_dayyan_tfjs_layers', ['mnist_cnn_model.keras'], readKeras3, 7, ''],
  ['mnist_cnn_subhadip_tfjs_graph', ['Subhadip_Hensh_MNIST_CNN.keras'], readKeras3, 8, ''],
];

describe.skipIf(!haveReal)('real networks of Keras answer as their authors say', () => {
  it.each<Case>(cases)('%s %s', async (folder, names, reader, layers, mended) => {
    const files = names.map((name) => realFile(`${folder}/${name}`));
    const read = await reader(files[0] as Given, files, reading);
    const { x, outputs } = expectedOf(folder);
    const error = worst(answersOf(read, x), outputs);
    expect(error).toBeLessThan(1e-4);
    expect(read.layers).toBe(layers);
    expect(read.layout).toBe('NHWC');
    expect(read.remarks).toEqual([]);
    expect(read.repairs).toHaveLength(mended === '' ? 0 : 1);
    expect(read.repairs.join()).toContain(mended);
  });

  it('a network for larger images has the shapes that its file says', async () => {
    const folder = 'tinyimagenet_tinyvgg_cnnexplainer_tfjs_layers';
    const files = ['model.json', SHARD].map((name) => realFile(`${folder}/${name}`));
    const { graph, weights, layers, repairs } = await readLayersModel(
      files[0] as Given,
      files,
      reading,
    );
    expect(graph.input).toEqual([64, 64, 3]);
    const taps = tapShapesOf(graph);
    expect(taps['conv_1_1']).toEqual([62, 62, 10]);
    expect(taps['max_pool_2']).toEqual([13, 13, 10]);
    expect(taps['output']).toEqual([10]);
    expect([...weights.values()].reduce((sum, { length }) => sum + 4 * length, 0)).toBe(79680);
    expect({ layers, repairs }).toEqual({ layers: 12, repairs: [] });
  });

  it('and answers on its ten JPEG images as its authors say, but for a level of rounding in their pixels', async () => {
    const folder = 'tinyimagenet_tinyvgg_cnnexplainer_tfjs_layers';
    const files = ['model.json', SHARD].map((name) => realFile(`${folder}/${name}`));
    const read = await readLayersModel(files[0] as Given, files, reading);
    const bytes = async (name: string) => {
      const file = realFile(`${folder}/${name}`);
      return file.read(0, file.size);
    };
    const text = new TextDecoder().decode(await bytes('expected.json'));
    const [{ samples, outputs }] = JSON.parse(text) as [
      { samples: readonly string[]; outputs: readonly (readonly number[])[] },
    ];
    const pixels: number[] = [];
    for (const name of samples) {
      const { rgba } = decodeJpeg(await bytes(`samples/${name}.jpeg`));
      rgba.forEach((value, i) => i % 4 < 3 && pixels.push(value / 255));
    }
    const x = tf.tensor4d(pixels, [samples.length, 64, 64, 3]);
    const error = worst(answersOf(read, x), outputs);
    expect(error).toBeLessThan(5e-3);
  });

  it('weights without an architecture are refused, and it is said what to save', async () => {
    const file = realFile('bad_h5_weights_only_no_config/model.h5');
    await expect(readKerasH5(file, [], reading)).rejects.toMatchObject({
      code: 'E_UPLOAD_NO_ARCHITECTURE',
      message: expect.stringContaining('conv2d_9, conv2d_10') as string,
      hint: expect.stringContaining('model.save') as string,
    });
  });
});
