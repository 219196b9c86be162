import { existsSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { sizeOf, weightsOf } from '../../src/models/net/graph';
import type { Given, ReadNetwork } from '../../src/upload/given';

const data = process.env['DATA_DIR'] ?? '';

/** Whether the folder of real data is there. */
export const haveReal = existsSync(path.join(data, 'teachers'));

/** A file of the folder of real teachers, as somebody would give it. */
export function realFile(name: string): Given {
  const file = path.join(data, 'teachers', name);
  return {
    path: name,
    size: statSync(file).size,
    read: async (from, to) => {
      const handle = await open(file);
      try {
        const out = new Uint8Array(Math.max(0, to - from));
        const { bytesRead } = await handle.read(out, 0, out.length, from);
        return out.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

interface Expected {
  readonly input_file: string;
  readonly preprocessing: string;
  readonly outputs: readonly (readonly number[])[];
}

/** The first 16 images for which a folder says its outputs, as [n, height, width, channels], and those outputs. */
export function expectedOf(folder: string): { x: tf.Tensor4D; outputs: Expected['outputs'] } {
  const text = readFileSync(path.join(data, 'teachers', folder, 'expected.json'), 'utf8');
  const [expected] = JSON.parse(text) as [Expected];
  const scale = expected.preprocessing.includes('/255') ? 1 / 255 : 1;
  const raw = readFileSync(path.join(data, expected.input_file));
  const n = expected.outputs.length;
  if (expected.input_file.endsWith('.gz')) {
    const pixels = gunzipSync(raw).subarray(16, 16 + n * 784);
    return {
      x: tf.tensor4d(
        Float32Array.from(pixels, (v) => v * scale),
        [n, 28, 28, 1],
      ),
      outputs: expected.outputs,
    };
  }
  const planes = Float32Array.from({ length: n * 3072 }, (_, i) => {
    const [record, at] = [Math.floor(i / 3072), i % 3072];
    return (raw[record * 3073 + 1 + at] as number) * scale;
  });
  const x = tf.tensor4d(planes, [n, 3, 32, 32]).transpose([0, 2, 3, 1]);
  return { x: x as tf.Tensor4D, outputs: expected.outputs };
}

/** What a network from a file answers, row by row. */
export function answersOf(read: Pick<ReadNetwork, 'graph' | 'weights'>, x: tf.Tensor): number[][] {
  const shapes = new Map(weightsOf(read.graph).map(({ name, shape }) => [name, shape]));
  const network = new FrozenNetwork(read.graph, (name) => {
    const values = read.weights.get(name);
    const shape = shapes.get(name) as number[];
    if (values?.length !== sizeOf(shape)) throw new Error(`no weight ${name}`);
    return tf.tensor(values, shape);
  });
  const y = network.predict(x);
  network.dispose();
  return y.reshape([y.shape[0], -1]).arraySync() as number[][];
}

/** The largest difference of two tables of numbers. */
export function worst(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): number {
  if (a.length !== b.length || a.some((row, i) => row.length !== b[i]?.length)) return Infinity;
  return Math.max(...a.flatMap((row, i) => row.map((v, j) => Math.abs(v - (b[i]?.[j] as number)))));
}
