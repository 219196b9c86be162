import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { sizeOf, weightsOf } from '../../src/models/net/graph';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { models } from '../../src/models/registry';
import { layersWords } from '../../src/recipe/layers';
import type { TeacherCard } from '../../src/recipe/recipe';
import { Teacher } from '../../src/train/teacher';
import { fromBytes } from '../../src/upload/bytes';
import type { Given, ReadNetwork, Reading } from '../../src/upload/given';
import { atSize } from '../../src/upload/net/sides';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';
import { stateDictOf } from '../../src/upload/torch/state-dict';
import { materialise } from '../../src/upload/torch/storage';
import { openZipFile } from '../../src/upload/torch/zip-file';
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

const cards = JSON.parse(readFileSync('public/teachers/cards.json', 'utf8')) as TeacherCard[];

describe('weights that this project wrote', () => {
  it.each(cards)('$id answers as the bundled teacher does', async ({ id, model, title }) => {
    const file = `public/teachers/${id}.safetensors`;
    const network = await readFile(file);
    const shape = network.graph.input;
    const { tensors } = readSafetensors(readFileSync(file), id);
    const weights = new Map([...tensors].map(([name, { values }]) => [name, values]));
    const classes = tensors.get('head.bias')?.values.length ?? 0;
    const teacher = new Teacher(
      title,
      models.get(model.id).graph(shape, classes, model.params),
      weights,
    );
    const x = tf.tensor(
      Float32Array.from({ length: 2 * sizeOf(shape) }, (_, i) => Math.sin(0.37 * i)),
      [2, ...shape],
    );
    expect(furthest(answers(network, x), teacher.ask(x).arraySync())).toBeLessThan(1e-6);
    expect(network.remarks[0]).toContain('because the file says so.');
  });
});

interface Answers {
  readonly side: number;
  readonly logits: number[][];
}

/** What PyTorch answers (scripts/torch/golden_files.py). */
const { nets: golden } = JSON.parse(readFileSync('tests/golden/files.json', 'utf8')) as {
  nets: Record<string, Answers & { others?: Answers }>;
};
const FILES = 'tests/golden/files';

describe('checkpoints in the namings that PyTorch networks have', () => {
  /** x[i] = sin(0.37 i) in PyTorch's order, as images with channels last. */
  function waves(side: number): tf.Tensor {
    const x = Float32Array.from({ length: 2 * 3 * side * side }, (_, i) => Math.sin(0.37 * i));
    return tf.transpose(tf.tensor(x, [2, 3, side, side]), [0, 2, 3, 1]);
  }

  it.each(Object.keys(golden))('%s answers as PyTorch does', async (name) => {
    const { side, logits } = golden[name] ?? { side: 0, logits: [] };
    const network = await readFile(path.join(FILES, name));
    expect(network.graph.input).toEqual([side, side, 3]);
    expect(furthest(answers(network, waves(side)), logits)).toBeLessThan(2e-5);
  });

  it.each(Object.keys(golden).filter((name) => golden[name]?.others))(
    '%s takes the images of a task as they are',
    async (name) => {
      const { side, logits } = golden[name]?.others ?? { side: 0, logits: [] };
      const network = atSize(await readFile(path.join(FILES, name)), [side, side, 3]);
      expect(network.graph.input).toEqual([side, side, 3]);
      expect(furthest(answers(network, waves(side)), logits)).toBeLessThan(2e-5);
    },
  );

  it('whose first dense layer tells the size of its images keeps that', async () => {
    const network = await readFile(path.join(FILES, 'vgg-bn.pth'));
    expect(atSize(network, [16, 16, 3])).toBe(network);
  });

  it('says what it recognised, assumed and left out', async () => {
    const { repairs, remarks, layout, layers, title } = await readFile(
      path.join(FILES, 'padded-linear.pth'),
    );
    expect([title, layout, layers]).toEqual(['padded-linear', 'NCHW', 15]);
    expect(repairs).toEqual([
      'Every name began with "module.", which was left out.',
      'Every name began with "_orig_mod.", which was left out.',
    ]);
    expect(remarks[0]).toContain('It was read as ResNet-8 for small images, because');
    expect(remarks.at(-1)).toBe(
      'The weights stood under "state_dict"; "epoch", "best_acc1", "optimizer" beside it were not read.',
    );
  });

  it('is found among other weights by its prefix', async () => {
    const { metadata, tensors } = readSafetensors(
      readFileSync('public/teachers/spiral.safetensors'),
      'spiral',
    );
    const loss = { shape: [2], values: Float32Array.of(1, 2) };
    const both = new Map([
      ...[...tensors].map(([name, tensor]) => [`model.${name}`, tensor] as const),
      ['loss.weight', loss] as const,
    ]);
    const bytes = writeSafetensors({ metadata, tensors: both });
    const file = fromBytes('both.safetensors', bytes);
    const { weights, repairs, remarks } = await readSafetensorsFile(file, [], reading);
    expect(weights.get('head.weight')).toEqual(tensors.get('head.weight')?.values);
    expect(repairs).toEqual([
      'Only names that begin with "model." were read.',
      'Every name began with "model.", which was left out.',
    ]);
    expect(remarks).toContain('Not used: loss.weight.');
  });

  it.each(['whole.pth', 'wrapped-whole.pth'])('%s, a pickled layer, is read', async (name) => {
    const { graph, plain } = await readFile(path.join(FILES, name));
    expect([graph.input, plain?.known]).toEqual([[2], 'sequence']);
  });

  it.each([
    ['script.pt', /TorchScript program/],
    ['quantised.pth', /"quantised\.weight" is made by torch\._utils\._rebuild_qtensor/],
    ['plain.pkl', /plain pickle/],
  ])('%s is refused by name', async (name, sentence) => {
    await expect(readFile(path.join(FILES, name))).rejects.toThrow(sentence);
  });
});

/** Tensors of a real file with the sums that PyTorch finds. */
const SUMS = [
  ['conv1.weight', [8, 1, 3, 3], -0.2826172108761966],
  ['fc1.weight', [32, 11_616], -510.434496281791],
  ['norm2.running_var', [10], 708.1247406005859],
  ['norm1.num_batches_tracked', [], 3752],
] as const;

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

  it('a file of a newer PyTorch holds the numbers that PyTorch finds in it', async () => {
    const file = given(path.join(teachers, 'mnist_burn_pt_safetensors', 'mnist.pt'));
    const { root, little, storage } = await openZipFile(file, reading);
    const { tensors } = stateDictOf(root, file.path);
    expect(tensors.size).toBe(20);
    for (const [name, shape, sum] of SUMS) {
      const ref = tensors.get(name)!;
      const bytes = await storage(ref.storage, 0);
      const { values, ...found } = materialise(name, ref, bytes, little, file.path);
      expect(found.shape, name).toEqual(shape);
      expect(
        values.reduce((a, b) => a + b, 0),
        name,
      ).toBeCloseTo(sum, 9);
    }
  });

  it.each(['mnist.pt', 'mnist.safetensors'])(
    '%s is of a net that nobody can tell from its names, and is read by its sizes',
    async (name) => {
      const { plain } = await readFile(path.join(teachers, 'mnist_burn_pt_safetensors', name));
      expect(layersWords(plain!.layers)).toBe(
        '28 x 28 x 1 → conv1 → ReLU → conv2 → ReLU → conv3 → norm1 → ReLU → flatten → fc1 → ReLU → fc2 → norm2',
      );
    },
  );
});
