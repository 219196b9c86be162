import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReadNetwork } from '../../src/upload/given';
import { atSize, rangesOf, sidesSaid } from '../../src/upload/net/sides';
import { readOnnx } from '../../src/upload/onnx/read';
import { readGraphModel } from '../../src/upload/tfjs/graph';
import { readLayersModel } from '../../src/upload/tfjs/layers';
import { readKerasH5 } from '../../src/upload/keras/h5';
import { readKeras3 } from '../../src/upload/keras/keras3';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';
import { writeSafetensors } from '../../src/models/net/safetensors';
import { changed } from '../support/corpus/case';
import { useCpu } from '../support/cpu';
import { hdf5 } from '../support/files/hdf5';
import { keras3Parts, kerasConfig, kerasTree } from '../support/files/keras';
import { zip } from '../support/files/zip';
import { givenOf, reading } from '../support/given';
import { graphFiles } from '../support/graph-file';
import { floats, longs, onnxFile } from '../support/onnx-file';
import { answersOf } from '../support/real';
import { wave } from '../support/uploads';

beforeAll(useCpu);

type Sides = readonly [number | null, number | null];
const kernel = wave(9 * 3 * 4, 0.3);
/** Axes of [height, width, in, out] as ONNX has them. */
const turned = (
  values: readonly number[],
  [h, w, i, o]: readonly [number, number, number, number],
) =>
  Array.from({ length: values.length }, (_, at) => {
    const x = at % w;
    const y = Math.floor(at / w) % h;
    const from = Math.floor(at / (w * h)) % i;
    const to = Math.floor(at / (w * h * i));
    return values[((y * w + x) * i + from) * o + to] as number;
  });
const head = wave(4 * 2, 0.5);

interface Layers {
  /** Whether a dense layer over all pixels ends it, for last images of three by three; else a mean over the image. */
  readonly flat: boolean;
}
const flatHead = wave(36 * 2, 0.2);

/** A convolution of step 2 with TensorFlow's margins, a pool of the same kind, and an end. */
const FORMS: Readonly<Record<string, (sides: Sides, how?: Layers) => Promise<ReadNetwork>>> = {
  onnx: ([h, w], { flat } = { flat: false }) => {
    const nodes = [
      {
        op: 'Conv',
        inputs: ['x', 'k'],
        outputs: ['c'],
        attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
      },
      {
        op: 'MaxPool',
        inputs: ['c'],
        outputs: ['p'],
        attributes: {
          kernel_shape: [2, 2],
          strides: [2, 2],
          ...(!flat && { auto_pad: 'SAME_LOWER' }),
        },
      },
      ...(flat
        ? [
            { op: 'Reshape', inputs: ['p', 'list'], outputs: ['f'] },
            { op: 'MatMul', inputs: ['f', 'd'], outputs: ['y'] },
          ]
        : [
            { op: 'GlobalAveragePool', inputs: ['p'], outputs: ['m'] },
            { op: 'Flatten', inputs: ['m'], outputs: ['f'] },
            { op: 'MatMul', inputs: ['f', 'd'], outputs: ['y'] },
          ]),
    ];
    const weights = {
      k: floats([4, 3, 3, 3], turned(kernel, [3, 3, 3, 4])),
      d: flat ? floats([36, 2], flatHead) : floats([4, 2], head),
      list: longs([2], [-1, 36]),
    };
    const bytes = onnxFile({ input: [null, 3, h, w], nodes, weights });
    return readOnnx(givenOf('a.onnx', bytes), [], reading);
  },
  'tfjs-layers': ([h, w], { flat } = { flat: false }) => {
    const layers = [
      {
        class_name: 'Conv2D',
        config: {
          name: 'c',
          batch_input_shape: [null, h, w, 3],
          filters: 4,
          kernel_size: 3,
          strides: 2,
          padding: 'same',
          use_bias: false,
        },
      },
      { class_name: 'MaxPooling2D', config: { name: 'p', padding: flat ? 'valid' : 'same' } },
      flat
        ? { class_name: 'Flatten', config: { name: 'f' } }
        : { class_name: 'GlobalAveragePooling2D', config: { name: 'm' } },
      { class_name: 'Dense', config: { name: 'd', units: 2, use_bias: false } },
    ];
    const dense = flat ? flatHead : head;
    const weights = [
      { name: 'c/kernel', shape: [3, 3, 3, 4], dtype: 'float32' },
      { name: 'd/kernel', shape: [dense.length / 2, 2], dtype: 'float32' },
    ];
    const json = {
      modelTopology: { model_config: { class_name: 'Sequential', config: { layers } } },
      weightsManifest: [{ paths: ['w.bin'], weights }],
    };
    const bytes = new Uint8Array(Float32Array.from([...kernel, ...dense]).buffer);
    return readLayersModel(
      givenOf('model.json', JSON.stringify(json)),
      [givenOf('w.bin', bytes)],
      reading,
    );
  },
  'tfjs-graph': ([h, w], { flat } = { flat: false }) => {
    const [json, data] = graphFiles({
      input: [h ?? -1, w ?? -1, 3],
      nodes: [
        {
          name: 'c',
          op: 'Conv2D',
          input: ['x', 'k'],
          attributes: { strides: [1, 2, 2, 1], padding: 'SAME' },
        },
        {
          name: 'p',
          op: 'MaxPool',
          input: ['c'],
          attributes: {
            ksize: [1, 2, 2, 1],
            strides: [1, 2, 2, 1],
            padding: flat ? 'VALID' : 'SAME',
          },
        },
        flat
          ? { name: 'f', op: 'Reshape', input: ['p', 'list'] }
          : { name: 'f', op: 'Mean', input: ['p', 'axes'] },
        { name: 'y', op: 'MatMul', input: ['f', 'd'] },
      ],
      weights: {
        k: { shape: [3, 3, 3, 4], values: kernel },
        d: flat ? { shape: [36, 2], values: flatHead } : { shape: [4, 2], values: head },
        list: { shape: [2], values: [-1, 36], whole: true },
        axes: { shape: [2], values: [1, 2], whole: true },
      },
    });
    return readGraphModel(json, [data], reading);
  },
};

const picture = (side: number) => tf.tensor(wave(side * side * 3, 1), [1, side, side, 3]);

describe.each(Object.entries(FORMS))('%s whose images have open sides', (_, read) => {
  it.each([28, 33, 45, 64])('is at %i what the same file of that size is', async (side) => {
    const open = await read([null, null]);
    expect([open.graph.input, open.anySize]).toEqual([[32, 32, 3], true]);
    expect(open.remarks.join(' ')).toContain(
      'It takes images of any size; where no task says one, 32 by 32 pixels were assumed.',
    );
    const fixed = await read([side, side]);
    const there = atSize(open, [side, side, 3]);
    expect(there.graph).toEqual(fixed.graph);
    expect(answersOf(there, picture(side))).toEqual(answersOf(fixed, picture(side)));
    expect(fixed.anySize).toBeUndefined();
  });

  it('with a dense layer over its pixels takes the sides that this one fits, and says them', async () => {
    const open = await read([null, null], { flat: true });
    // (side + 1) / 2, halved, is three: 11 to 14.
    expect(open.sides).toEqual([11, 12, 13, 14]);
    expect(open.remarks.join(' ')).toContain(
      'Images of 11 to 14 pixels a side all fit its weights',
    );
    const [first = 0] = open.graph.input;
    expect(open.sides).toContain(first);
    for (const side of [11, 12, 13, 14]) {
      const fixed = await read([side, side], { flat: true });
      expect(atSize(open, [side, side, 3]).graph).toEqual(fixed.graph);
    }
    expect(atSize(open, [32, 32, 3])).toBe(open);
  });

  it('with one open side beside a fixed one is taken to be square', async () => {
    const open = await read([40, null]);
    expect(open.graph.input).toEqual([40, 40, 3]);
    expect(open.remarks.join(' ')).toContain(
      'its images were taken to be as high as wide, 40 pixels',
    );
  });
});

it('channels that are open too are those that fit the weights', async () => {
  const bytes = onnxFile({
    input: [null, null, null, null],
    nodes: [
      { op: 'Conv', inputs: ['x', 'k'], outputs: ['c'], attributes: { kernel_shape: [1, 1] } },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['m'] },
      { op: 'Flatten', inputs: ['m'], outputs: ['y'] },
    ],
    weights: { k: floats([2, 1, 1, 1], [1, 2]) },
  });
  const net = await readOnnx(givenOf('a.onnx', bytes), [], reading);
  expect([net.graph.input, net.anySize]).toEqual([[32, 32, 1], true]);
  expect(net.remarks[0]).toBe(
    'The file leaves sizes of its input open, [?, ?, ?]; 1 channel fit its weights.',
  );
});

it.each([
  ['h5', (config: unknown) => readKerasH5(givenOf('a.h5', hdf5(kerasTree(config))), [], reading)],
  [
    'keras',
    (config: unknown) => readKeras3(givenOf('a.keras', zip(keras3Parts(config))), [], reading),
  ],
])('a .%s file with open sides too: its dense layer says that they are eight', async (_, read) => {
  const shape = 'config.layers.0.config.batch_input_shape';
  const net = await read(changed(kerasConfig(), shape, [null, null, null, 1]));
  expect(net.graph).toEqual((await read(kerasConfig())).graph);
  expect(net.remarks.join(' ')).toContain(
    'Its layers go together at 8 by 8 pixels, and at no other size up to 256.',
  );
});

describe('a VGG in PyTorch’s weights', () => {
  /** One convolution of 3x3 and one pool for each entry, then a dense layer over what is left. */
  const vgg = (channels: readonly number[], rest: number) => {
    const values = (shape: readonly number[]) => ({
      shape,
      values: Float32Array.from(
        wave(
          shape.reduce((a, b) => a * b, 1),
          0.2,
        ),
      ),
    });
    const entries = channels.flatMap((out, i) => [
      [`features.${3 * i}.weight`, values([out, channels[i - 1] ?? 1, 3, 3])] as const,
      [`features.${3 * i}.bias`, values([out])] as const,
    ]);
    const inner = (channels.at(-1) ?? 1) * rest * rest;
    const tensors = new Map([
      ...entries,
      ['classifier.weight', values([10, inner])],
      ['classifier.bias', values([10])],
    ]);
    const bytes = writeSafetensors({ tensors, metadata: {} });
    return readSafetensorsFile(givenOf('a.safetensors', bytes), [], reading);
  };

  it('of three pools and nine last pixels fits 24 to 31, and takes the task’s own', async () => {
    const net = await vgg([2, 3, 4], 3);
    expect(net.sides).toEqual([24, 25, 26, 27, 28, 29, 30, 31]);
    expect(net.graph.input).toEqual([28, 28, 1]);
    expect(net.remarks.join(' ')).toContain(
      'Images of 24 to 31 pixels a side all fit its weights; those of a task are taken as they are where they are among these, and otherwise resized to 28 by 28.',
    );
    const there = atSize(net, [24, 24, 1]);
    expect(there.graph.input).toEqual([24, 24, 1]);
    expect(sidesSaid(net, [28, 28, 1])).toEqual([
      'Its weights fit images of 28 pixels a side, the task’s own, and those of 24 to 27, 29 to 31 as well; the task’s own were taken.',
    ]);
    expect(atSize(net, [32, 32, 3])).toBe(net);
    expect(sidesSaid(net, [32, 32, 3])).toEqual([
      'Its weights fit images of 24 to 31 pixels a side, and not those of the task.',
    ]);
  });

  it.each([
    [3, 4, 32],
    [2, 7, 28],
    [2, 4, 16],
    [5, 7, 224],
  ])('of %i pools and %i pixels a side begins at %i', async (pools, rest, side) => {
    const net = await vgg(
      Array.from({ length: pools }, () => 2),
      rest,
    );
    expect(net.graph.input).toEqual([side, side, 1]);
    expect(net.sides).toHaveLength(2 ** pools);
  });
});

it('sides are named as ranges', () => {
  expect(rangesOf([24, 25, 26, 28, 30, 31])).toBe('24 to 26, 28, 30, 31');
});
