import { gzipSync } from 'node:zlib';
import { hdf5 } from '../../../tests/support/files/hdf5';
import { idxFile } from '../../../tests/support/files/idx';
import { keras3Parts, kerasConfig, kerasTree } from '../../../tests/support/files/keras';
import { npyFile } from '../../../tests/support/files/npz';
import { tinyOnnx } from '../../../tests/support/files/onnx';
import { pngFile } from '../../../tests/support/files/png';
import { tinyLayersModel } from '../../../tests/support/files/tfjs';
import { tinyGraphModel } from '../../../tests/support/files/tfjs-graph';
import type { Part } from '../../../tests/support/files/tiny';
import {
  pickledModel,
  plainDict,
  safetensorsHeader,
  stateDict,
  tinyLegacy,
  torchParts,
} from '../../../tests/support/files/torch';
import { zip } from '../../../tests/support/files/zip';

/** A form of files: what they are made of, and how the parts become the files that are read. */
export interface Form {
  readonly form: string;
  readonly reads: 'teacher' | 'data';
  readonly parts: readonly Part[];
  wrap(parts: readonly Part[]): readonly Part[];
}

const asIs = (parts: readonly Part[]) => parts;
const zipped = (name: string, deflate: boolean) => (parts: readonly Part[]) => [
  { name, bytes: zip(parts.map((part) => ({ ...part, deflate }))) },
];
const bytesOf = (parts: readonly Part[], i: number) => parts[i]?.bytes ?? Buffer.alloc(0);
const json = (name: string, value: unknown): Part => ({
  name,
  bytes: Buffer.from(JSON.stringify(value)),
});
const file = (name: string, bytes: Uint8Array): Part => ({ name, bytes: Buffer.from(bytes) });

const pixels = Array.from({ length: 4 * 64 }, (_, i) => (i * 37) % 256);
const images = [0, 1, 2, 3].map((i) =>
  file(`set/${i % 2 ? 'cat' : 'dog'}/${i}.png`, pngFile(8, 8, pixels.slice(i, i + 192))),
);

/** Small good files of all forms, taken apart where that lets changes reach behind checks such as a check sum. */
export const FORMS: readonly Form[] = [
  { form: 'tfjs-layers', reads: 'teacher', parts: tinyLayersModel(), wrap: asIs },
  { form: 'tfjs-graph', reads: 'teacher', parts: tinyGraphModel(), wrap: asIs },
  { form: 'zip', reads: 'teacher', parts: tinyLayersModel(), wrap: zipped('tiny.zip', true) },
  {
    form: 'keras-h5',
    reads: 'teacher',
    parts: [json('model_config', kerasConfig())],
    wrap: (parts) => {
      const tree = kerasTree();
      const model_config = bytesOf(parts, 0).toString('latin1');
      const attributes = { ...tree.attributes, model_config };
      return [{ name: 'tiny.h5', bytes: hdf5({ ...tree, attributes }) }];
    },
  },
  { form: 'keras-3', reads: 'teacher', parts: keras3Parts(), wrap: zipped('tiny.keras', false) },
  { form: 'onnx', reads: 'teacher', parts: tinyOnnx(), wrap: asIs },
  {
    form: 'gzip',
    reads: 'teacher',
    parts: tinyOnnx(),
    wrap: (parts) => [{ name: 'tiny.onnx.gz', bytes: gzipSync(bytesOf(parts, 0)) }],
  },
  {
    form: 'safetensors',
    reads: 'teacher',
    parts: [
      json('header', safetensorsHeader()),
      { name: 'data', bytes: Buffer.concat(stateDict().map(({ bytes }) => bytes)) },
    ],
    wrap: (parts) => {
      const length = Buffer.alloc(8);
      length.writeUInt32LE(bytesOf(parts, 0).length);
      const whole = Buffer.concat([length, ...parts.map(({ bytes }) => bytes)]);
      return [{ name: 'tiny.safetensors', bytes: whole }];
    },
  },
  { form: 'pytorch', reads: 'teacher', parts: torchParts(), wrap: zipped('tiny.pt', false) },
  {
    form: 'pytorch-plain',
    reads: 'teacher',
    parts: torchParts(plainDict()),
    wrap: zipped('plain.pt', false),
  },
  {
    form: 'pytorch-model',
    reads: 'teacher',
    parts: pickledModel(),
    wrap: zipped('model.pt', false),
  },
  { form: 'pytorch-older', reads: 'teacher', parts: tinyLegacy(), wrap: asIs },
  {
    form: 'idx',
    reads: 'data',
    parts: [
      file('train-images-idx3-ubyte', idxFile([4, 8, 8], pixels)),
      file('train-labels-idx1-ubyte', idxFile([4], [0, 1, 0, 1])),
    ],
    wrap: asIs,
  },
  {
    form: 'npz',
    reads: 'data',
    parts: [file('x.npy', npyFile([4, 8, 8], pixels)), file('y.npy', npyFile([4], [0, 1, 0, 1]))],
    wrap: zipped('set.npz', true),
  },
  { form: 'image-folder', reads: 'data', parts: images, wrap: asIs },
  {
    form: 'image-table',
    reads: 'data',
    parts: [
      file(
        'labels.csv',
        Buffer.from(`file,label\n${images.map(({ name }, i) => `${name},${i % 2}`).join('\n')}\n`),
      ),
      ...images,
    ],
    wrap: asIs,
  },
];
