import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { weightsOf } from '../../src/models/net/graph';
import { fromBytes } from '../../src/upload/bytes';
import type { Given, ReadNetwork, Reading } from '../../src/upload/given';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';
import { readTorch } from '../../src/upload/torch/read';

const data = process.env['DATA_DIR'] ?? '';
const teachers = path.join(data, 'teachers');
const reading: Reading = { progress: () => undefined };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const given = (file: string): Given => fromBytes(path.basename(file), readFileSync(file));

const readFile = (file: string): Promise<ReadNetwork> =>
  (file.endsWith('.safetensors') ? readSafetensorsFile : readTorch)(given(file), [], reading);

/** Answers of a network that was read, on the cpu backend. */
function answers({ graph, weights }: ReadNetwork, x: tf.Tensor): number[][] {
  const tensors = new Map(
    weightsOf(graph).map(({ name, shape }) => [
      name,
      tf.tensor(weights.get(name) as Float32Array, [...shape]),
    ]),
  );
  const network = new FrozenNetwork(graph, (name) => tensors.get(name) as tf.Tensor);
  return network.predict(x).arraySync();
}

/** The largest difference between answers and those expected; NaN where one is missing. */
function furthest(found: number[][], expected: number[][]): number {
  const gaps = found.flatMap((row, i) =>
    row.map((value, c) => Math.abs(value - (expected[i]?.[c] ?? NaN))),
  );
  return gaps.reduce((a, b) => Math.max(a, b), 0);
}

interface Expected {
  readonly model_input: string;
  readonly outputs: number[][];
}

describe.skipIf(!existsSync(teachers))('real files of PyTorch', () => {
  const folder = path.join(teachers, 'cifar10_resnet_akamaster_pth');

  /** The first CIFAR-10 test images, normalised as these networks want them. */
  function images(count: number): tf.Tensor {
    const records = readFileSync(path.join(data, 'cifar10/test.bin'));
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const x = new Float32Array(count * 3072);
    for (let row = 0; row < count; row += 1)
      for (let c = 0; c < 3; c += 1)
        for (let i = 0; i < 1024; i += 1)
          x[row * 3072 + i * 3 + c] =
            ((records[row * 3073 + 1 + c * 1024 + i] as number) / 255 - (mean[c] as number)) /
            (std[c] as number);
    return tf.tensor(x, [count, 32, 32, 3]);
  }

  it.each([
    ['resnet20-12fca82f.th', 16],
    ['resnet32-d509ac18.th', 2],
  ])('%s answers as expected, to 1e-4', async (name, count) => {
    const all = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected[];
    const expected = all.find((one) => one.model_input.includes(name));
    const network = await readFile(path.join(folder, name));
    expect(network.repairs).toEqual(['Every name began with "module.", which was left out.']);
    const found = answers(network, images(count));
    expect(furthest(found, expected?.outputs ?? [])).toBeLessThan(1e-4);
  });

  it.each(['mnist.pt', 'mnist.safetensors'])(
    '%s is of a net that nobody can tell from its names, and is refused with its first tensors',
    async (name) => {
      const file = path.join(teachers, 'mnist_burn_pt_safetensors', name);
      await expect(readFile(file)).rejects.toThrow(/conv1\.weight \[8, 1, 3, 3\]/);
    },
  );
});
