import { beforeAll, describe, expect, it } from 'vitest';
import { tapShapesOf } from '../../src/models/net/graph';
import { readOnnx } from '../../src/upload/onnx/read';
import { useCpu } from '../support/cpu';
import { reading } from '../support/given';
import { answersOf, expectedOf, haveReal, realFile, worst } from '../support/real';

beforeAll(useCpu);

const CIFAR = 'cifar10_cnn_anshaj_h5_keras_onnx';

describe.skipIf(!haveReal)('real ONNX files answer as their authors say', () => {
  it('a Keras network from tf2onnx, whose images are channels last, without needless permutes', async () => {
    const read = await readOnnx(realFile(`${CIFAR}/cifar10_model.onnx`), [], reading);
    const { x, outputs } = expectedOf(CIFAR);
    expect(worst(answersOf(read, x), outputs)).toBeLessThan(1e-4);
    expect(read).toMatchObject({ layout: 'NHWC', title: 'cifar10_model', remarks: [] });
    const ops = read.graph.nodes.map(({ op }) => op);
    expect(ops.join(' ')).toBe(
      'conv relu window conv relu window reshape dense relu dense softmax',
    );
    expect(Object.values(tapShapesOf(read.graph))).toEqual([
      [30, 30, 32],
      [15, 15, 32],
      [13, 13, 64],
      [6, 6, 64],
      [64],
      [10],
    ]);
  });

  it('a network of CNTK with a batch of one', async () => {
    const read = await readOnnx(realFile('mnist_cntk_onnx/mnist.onnx'), [], reading);
    const { x, outputs } = expectedOf('mnist_cntk_onnx');
    expect(worst(answersOf(read, x), outputs)).toBeLessThan(1e-4);
    expect(read).toMatchObject({ layout: 'NCHW', title: 'mnist', layers: 12 });
    expect(read.graph.nodes.map(({ op }) => op).join(' ')).toBe(
      'conv relu window conv relu window reshape dense',
    );
  });

  it('weights that lie in a missing file are asked for by its name', async () => {
    const file = realFile('bad_onnx_external_data_missing/cifar10.onnx');
    await expect(readOnnx(file, [file], reading)).rejects.toMatchObject({
      code: 'E_UPLOAD_SHARDS',
      message: expect.stringContaining('cifar10.onnx.data, which is not there') as string,
    });
  });
});
