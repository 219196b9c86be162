import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/models/net/graph';
import { fitOf } from '../../src/upload/inspect/shape';
import type { ReadNetwork } from '../../src/upload/given';
import { readGraphModel } from '../../src/upload/tfjs/graph';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { readOnnx } from '../../src/upload/onnx/read';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import { graphFiles } from '../support/graph-file';
import { floats, longs, onnxFile } from '../support/onnx-file';
import { answersOf } from '../support/real';
import { wave } from '../support/uploads';

beforeAll(useCpu);

const UNITS = 3;
type Row = readonly number[];
const kernel = (size: number) => wave(size * UNITS, 0.5);

/** A dense layer over all numbers of an input of any shape, in each form that a file may have. */
const FORMS: Readonly<Record<string, (row: Row, batch?: number) => Promise<ReadNetwork>>> = {
  onnx: (row, batch) => {
    const size = sizeOf(row);
    const spec = {
      input: [batch ?? null, ...row],
      nodes: [
        { op: 'Reshape', inputs: ['x', 'list'], outputs: ['flat'] },
        { op: 'MatMul', inputs: ['flat', 'w'], outputs: ['y'] },
      ],
      weights: {
        w: floats([size, UNITS], kernel(size)),
        list: longs([2], [batch ?? -1, size]),
      },
    };
    return readOnnx(givenOf('a.onnx', onnxFile(spec)), [], reading);
  },
  'tfjs-layers': (row) => {
    const size = sizeOf(row);
    const layers = [
      { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, ...row] } },
      { class_name: 'Dense', config: { name: 'dense', units: UNITS, use_bias: false } },
    ];
    const json = {
      modelTopology: { model_config: { class_name: 'Sequential', config: { layers } } },
      weightsManifest: [
        {
          paths: ['w.bin'],
          weights: [{ name: 'dense/kernel', shape: [size, UNITS], dtype: 'float32' }],
        },
      ],
    };
    const data = new Uint8Array(Float32Array.from(kernel(size)).buffer);
    const files = [givenOf('model.json', JSON.stringify(json)), givenOf('w.bin', data)] as const;
    return readLayersModel(files[0], [files[1]], reading);
  },
  'tfjs-graph': (row) => {
    const size = sizeOf(row);
    const [json, data] = graphFiles({
      input: row,
      nodes: [
        { name: 'flat', op: 'Reshape', input: ['x', 'list'] },
        { name: 'y', op: 'MatMul', input: ['flat', 'w'] },
      ],
      weights: {
        w: { shape: [size, UNITS], values: kernel(size) },
        list: { shape: [2], values: [-1, size], whole: true },
      },
    });
    return readGraphModel(json, [data], reading);
  },
};

const task = (shape: readonly number[]) => ({
  shape,
  classes: ['a', 'b'],
  normalisation: { scale: 1, mean: [0], std: [1] },
});
const MNIST = task([28, 28, 1]);
const CIFAR = task([32, 32, 3]);

describe.each(Object.entries(FORMS))('%s', (_, read) => {
  it.each<Row>([[784], [784, 1], [1, 784], [1, 784, 1], [784, 1, 1], [1, 1, 784]])(
    '[N, %j] is a list of 784 numbers, which is an image of 28 x 28',
    async (...row: number[]) => {
      const list = await read([784]);
      const net = await read(row);
      expect(net.graph.input).toEqual([784]);
      expect(net.layout).toBe('none');
      const x = tf.tensor2d(wave(2 * 784, 1), [2, 784]);
      expect(answersOf(net, x)).toEqual(answersOf(list, x));
      expect(fitOf('a', net.graph.input, MNIST)).toMatchObject({
        image: [28, 28, 1],
        resized: false,
        reshaped: [784],
      });
      const said = `Its input has the shape [?, ${row.join(', ')}]; this was read as a list of 784 numbers.`;
      expect(net.remarks).toEqual(row.length === 1 ? [] : [said]);
    },
  );

  it('a row of a table is no image', async () => {
    const net = await read([1, 1, 5]);
    expect(net.graph.input).toEqual([5]);
    expect(() => fitOf('a', net.graph.input, MNIST)).toThrow('a reads inputs of shape 5');
  });

  it('pixels with their colours, or a list for each colour, are an image; a sequence is none', async () => {
    const pixels = await read([1024, 3]);
    expect(fitOf('a', pixels.graph.input, CIFAR)).toMatchObject({
      image: [32, 32, 3],
      order: 'pixels',
      resized: false,
    });
    const planes = await read([3, 1024]);
    expect(fitOf('a', planes.graph.input, CIFAR)).toMatchObject({
      image: [32, 32, 3],
      order: 'colours',
    });
    const sequence = await read([100, 7]);
    expect(() => fitOf('a', sequence.graph.input, MNIST)).toThrow('such as text, sound or tables');
    const picture = await read([28, 28]);
    expect(fitOf('a', picture.graph.input, MNIST)).toMatchObject({
      image: [28, 28, 1],
      resized: false,
    });
  });
});

it('an ONNX file for one row at a time, as verification benchmarks have them', async () => {
  const net = await FORMS['onnx']!([784, 1], 1);
  const list = await FORMS['onnx']!([784]);
  expect(net.graph.input).toEqual([784]);
  const x = tf.tensor2d(wave(784, 1), [1, 784]);
  expect(answersOf(net, x)).toEqual(answersOf(list, x));
});

it('what changes the proportions of an image is said', () => {
  const fit = fitOf('a', [28, 14, 1], MNIST);
  expect(fit.sentences).toEqual([
    'Images of 28 x 28 are resized to 28 x 14 for it, which changes their proportions.',
  ]);
});
