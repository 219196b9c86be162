import { beforeAll, describe, expect, it } from 'vitest';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { useCpu } from '../support/cpu';
import { reading } from '../support/given';
import { answersOf, expectedOf, haveReal, realFile, worst } from '../support/real';

beforeAll(useCpu);

describe.skipIf(!haveReal)(
  'real networks of Keras and TensorFlow.js answer as their authors say',
  () => {
    it.each(['cifar10_resnet8_mlperf_tfjs_layers', 'mnist_cnn_dayyan_tfjs_layers'])(
      '%s',
      async (folder) => {
        const json = realFile(`${folder}/model.json`);
        const shard = realFile(`${folder}/group1-shard1of1.bin`);
        const read = await readLayersModel(json, [json, shard], reading);
        const { x, outputs } = expectedOf(folder);
        const error = worst(answersOf(read, x), outputs);
        expect(error).toBeLessThan(1e-4);
      },
    );
  },
);
