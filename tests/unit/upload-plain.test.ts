import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { weightsOf } from '../../src/models/net/graph';
import { layersWords } from '../../src/recipe/layers';
import type { LayerStep } from '../../src/recipe/layers';
import { fromBytes } from '../../src/upload/bytes';
import type { ReadNetwork } from '../../src/upload/given';
import { plainPlan } from '../../src/upload/plain/network';
import { exportAdvice } from '../../src/upload/plain/advice';
import { formed } from '../../src/upload/plain/build';
import { readTorch } from '../../src/upload/torch/read';
import type { Part } from '../support/files/tiny';
import { pickledModel, plainDict, torchParts } from '../support/files/torch';
import { zip } from '../support/files/zip';
import { useCpu } from '../support/cpu';

beforeAll(useCpu);

const FILES = 'tests/golden/plain';
const CASES = path.join(process.env['DATA_DIR'] ?? '', 'cases');
/** What PyTorch answers (scripts/torch/golden_plain.py). */
const golden = JSON.parse(readFileSync('tests/golden/plain.json', 'utf8')) as Record<
  string,
  { readonly channels: number; readonly side: number; readonly logits: number[][] }
>;

const readFile = (file: string): Promise<ReadNetwork> =>
  readTorch(fromBytes(path.basename(file), readFileSync(file)), [], { progress: () => undefined });
const read = (name: string) => readFile(path.join(FILES, name));

/** The largest difference from PyTorch's answers to the same two inputs. */
function gapOf(name: string, { graph, weights }: ReadNetwork): number {
  const { channels, side, logits } = golden[name]!;
  const x = Float32Array.from({ length: 2 * channels * side * side }, (_, i) => Math.sin(0.37 * i));
  const image = tf.transpose(tf.tensor(x, [2, channels, side, side]), [0, 2, 3, 1]);
  const tensors = new Map(
    weightsOf(graph).map(({ name: own, shape }) => [
      own,
      tf.tensor(weights.get(own) as Float32Array, [...shape]),
    ]),
  );
  const network = new FrozenNetwork(graph, (own) => tensors.get(own) as tf.Tensor);
  const found = network.predict(image.reshape([2, ...graph.input])).arraySync();
  const gaps = found.flatMap((row, i) => row.map((n, k) => Math.abs(n - (logits[i]?.[k] ?? NaN))));
  return gaps.reduce((a, b) => Math.max(a, b), 0);
}

const act = (kind: 'tanh' | 'elu', alpha = 1): LayerStep => ({ op: 'activation', kind, alpha });

describe('a state dict whose layers follow one another', () => {
  it('is read where the sizes decide: 150 numbers are 6 of 5 x 5, at 32 x 32', async () => {
    const net = await read('tutorial.pth');
    expect(layersWords(net.plain!.layers)).toBe(
      '32 x 32 x 3 → conv1 → ReLU → max pool 2x2 → conv2 → ReLU → max pool 2x2 → flatten → fc1 → ReLU → fc2 → ReLU → fc3',
    );
    expect(gapOf('tutorial.pth', net)).toBeLessThan(2e-5);
    expect(net.remarks.join(' ')).toContain('torch.zeros(1, 3, 32, 32)');
  });

  it('answers as PyTorch does once its activation is said: dense layers alone', async () => {
    const net = await read('mlp.pth');
    const { layers } = net.plain!;
    expect(layersWords(layers)).toBe('49 → input → ReLU → middle → ReLU → out');
    const steps = layers.steps.map((step) => (step.op === 'activation' ? act('tanh') : step));
    expect(gapOf('mlp.pth', formed(net, { ...layers, steps }))).toBeLessThan(2e-5);
    expect(net.remarks.join(' ')).toContain('torch.zeros(1, 49)');
  });

  it('norms that are defined last find their layers, also over the flattened image', async () => {
    const net = await read('normed.pth');
    expect(layersWords(net.plain!.layers)).toBe(
      '28 x 28 x 1 → conv1, padding 1 → bn1 → ReLU → max pool 2x2 → conv2, padding 1 → bn2 → ReLU → max pool 2x2 → flatten → flat_bn → fc1 → ReLU → fc2',
    );
    expect(net.remarks.join(' ')).toContain('The weights stood under "state_dict"; "acc", "epoch"');
    const [conv, , , , ...rest] = net.plain!.layers.steps;
    const norm = (name: string): LayerStep => ({ op: 'norm', name, epsilon: 1e-5 });
    const pool: LayerStep = {
      op: 'pool',
      kind: 'mean',
      size: [2, 2],
      stride: [2, 2],
      padding: [0, 0],
      ceil: false,
    };
    const own = formed(net, {
      input: [28, 28, 1],
      steps: [
        conv!,
        act('elu'),
        norm('bn1'),
        pool,
        rest[0]!,
        act('elu'),
        norm('bn2'),
        pool,
        { op: 'flatten' },
        norm('flat_bn'),
        { op: 'dense', name: 'fc1' },
        act('elu'),
        { op: 'dense', name: 'fc2' },
      ],
    });
    expect(gapOf('normed.pth', own)).toBeLessThan(2e-5);
  });

  it('is put in the order in which its sizes follow, where the file has another', async () => {
    const net = await read('blocks.pth');
    const names = net.plain!.layers.steps.flatMap((step) => ('name' in step ? step.name : []));
    expect(names).toEqual(['a', 'a_norm', 'b', 'b_norm', 'c', 'c_norm', 'd', 'd_norm', 'head']);
    expect(net.remarks.join(' ')).toContain('The file has them in another order.');
    expect(gapOf('blocks.pth', net)).toBeLessThan(2e-5);
  });

  it('refuses layers that do not fit it, and says where', async () => {
    const net = await read('tutorial.pth');
    const { layers } = net.plain!;
    const without = layers.steps.filter(({ op }) => op !== 'flatten');
    expect(() => formed(net, { ...layers, steps: without })).toThrow(
      /fc1 needs a list, and an image of 5 x 5 x 6 comes to it/,
    );
    expect(() => formed(net, { ...layers, input: [28, 28, 3] })).toThrow(
      /fc1 takes 150 numbers, and 96 come to it/,
    );
    expect(() => formed(net, { ...layers, steps: layers.steps.slice(0, -1) })).toThrow(
      /fc3 is not used/,
    );
    const { plain: _, ...said } = net;
    expect(() => formed(said, layers)).toThrow(/says itself how its layers are put together/);
  });
});

describe('a pickled model', () => {
  it.each(['sequence.pth', 'sequence-parallel.pth'])(
    '%s of standard layers is read without running anything',
    async (name) => {
      const net = await read(name);
      expect(net.plain!.known).toBe('sequence');
      expect(net.graph.input).toEqual([32, 32, 3]);
      expect(gapOf(name, net)).toBeLessThan(2e-5);
    },
  );

  it('sequences of a class are taken in the order in which it defines them, which is said', async () => {
    const net = await read('parts.pth');
    expect(net.plain!.known).toBe('definition');
    expect(net.remarks.join(' ')).toContain('in the order in which it defines them');
    const way = net.plain!.ways!.find(({ input }) => input[0] === 20)!;
    expect(gapOf('parts.pth', formed(net, way))).toBeLessThan(2e-5);
  });

  it('strides, margins, slopes and epsilons of its layers are its own where its program is not run', async () => {
    const net = await read('strided.pth');
    expect(layersWords(net.plain!.layers)).toBe(
      '16 x 16 x 3 → first, stride 2, padding 1 → norm → leaky ReLU 0.2 → second, stride 2 → slope → flatten → out',
    );
    expect(gapOf('strided.pth', net)).toBeLessThan(2e-5);
  });

  it('weights of a sequence alone, as they were once advised to be saved, are read', async () => {
    const net = await read('sequence-state.pth');
    expect(layersWords(net.plain!.layers)).toContain('mean over the image → layer 4');
    const [conv, relu] = net.plain!.layers.steps;
    const end: LayerStep[] = [
      { op: 'global', kind: 'mean' },
      { op: 'dense', name: '4' },
    ];
    const way = { input: [32, 32, 3], steps: [{ ...conv!, padding: [0, 0] }, relu!, ...end] };
    expect(
      gapOf('sequence-state.pth', formed(net, way as typeof way & { steps: LayerStep[] })),
    ).toBeLessThan(2e-5);
  });
});

it('names that a family has do not make it one where its margins lead to no usual size', async () => {
  const zeros = (name: string, ...shape: readonly number[]) => ({
    name,
    shape,
    bytes: Buffer.alloc(4 * shape.reduce((a, b) => a * b, 1)),
  });
  const tensors = [
    zeros('features.0.weight', 2, 3, 3, 3),
    zeros('features.3.weight', 2, 2, 3, 3),
    zeros('classifier.weight', 4, 72),
  ];
  const parts = torchParts(tensors);
  const net = await readTorch(fromBytes('tiny.pt', zip(parts)), [], { progress: () => undefined });
  expect(layersWords(net.plain!.layers)).toBe(
    '32 x 32 x 3 → features.0 → ReLU → max pool 2x2 → features.3 → ReLU → max pool 2x2 → flatten → classifier',
  );
});

describe('limits', () => {
  const shapes = (widths: readonly number[], dense: number) =>
    new Map<string, readonly number[]>([
      ...widths.slice(1).map((to, i) => [`c${i}.weight`, [to, widths[i]!, 3, 3]] as const),
      ['out.weight', [5, dense]] as const,
    ]);

  it('sizes that no usual way leads to are read as they fit, which a person has to decide on', () => {
    const plan = plainPlan(shapes([3, 8, 8, 8, 8, 8, 8], 8 * 7 * 191));
    expect(typeof plan === 'string' ? plan : layersWords(plan.layers)).toBe(
      '19 x 203 x 3 → c0 → ReLU → c1 → ReLU → c2 → ReLU → c3 → ReLU → c4 → ReLU → c5 → ReLU → flatten → out',
    );
  });

  it('a chain of too many layers is none', () => {
    const widths = Array.from({ length: 500 }, () => 4);
    expect(plainPlan(shapes(widths, 4))).toMatch(/too many for a plain chain/);
  });

  it('weights of shortcuts find no place', () => {
    const own = new Map([...shapes([3, 8, 16], 16), ['short.weight', [16, 8, 1, 1]] as const]);
    expect(plainPlan(own)).toMatch(/no place is left for short \(takes 8, gives 16 channels\)/);
  });
});

describe('files of their parts', () => {
  const tiny = (parts: readonly Part[]) =>
    readTorch(fromBytes('tiny.pt', zip(parts)), [], { progress: () => undefined });

  it('a state dict, and a pickled model with a pool that depends on the image', async () => {
    const plain = await tiny(torchParts(plainDict()));
    expect(layersWords(plain.plain!.layers)).toContain('one');
    const model = await tiny(pickledModel());
    expect(layersWords(model.plain!.ways!.find(({ input }) => input[0] === 24)!)).toBe(
      '24 x 24 x 1 → layer 0, padding 1 → ReLU → mean pool 12x8 → flatten → layer 4',
    );
  });
});

describe('what cannot be read', () => {
  const refusal = async (name: string) => {
    try {
      await read(name);
    } catch (thrown) {
      return thrown as { readonly message: string; readonly hint: string };
    }
    throw new Error(`${name} was read`);
  };

  it('a single figure is never taken for the network', async () => {
    expect((await refusal('figure.pth')).message).toContain('not tensors by name');
  });

  it('a layer of a pickled sequence that is not read is named, and nothing is guessed', async () => {
    const { message, hint } = await refusal('unread.pth');
    expect(message).toContain('1.weight');
    expect(hint).toContain('torch.zeros(1, 1, 28, 28)');
    expect(hint).not.toContain('state_dict');
  });

  it('the advice has the channels or the count of inputs that the file shows', async () => {
    const odd = ['gate', [4]] as const;
    const grey = new Map<string, readonly number[]>([['a.weight', [4, 1, 3, 3]], odd]);
    const list = new Map<string, readonly number[]>([['a.weight', [16, 784]], odd]);
    expect(plainPlan(grey)).toMatch(/^gate belongs to no convolution/);
    expect(exportAdvice(grey)).toContain('torch.zeros(1, 1, 28, 28)');
    expect(exportAdvice(list)).toContain('torch.zeros(1, 784)');
  });

  it('layers that do not follow are named, and the advice has this file’s channels', async () => {
    const { message, hint } = await refusal('apart.pth');
    expect(message).toContain('no place is left for b (takes 7, gives 9 channels)');
    expect(hint).toContain('torch.zeros(1, 3, 32, 32)');
  });
});

describe.skipIf(!existsSync(CASES))('files of other people', () => {
  it.each([
    ['pt_plain_mlp/model.pth', '784 → layer 1 → ReLU → layer 3'],
    [
      'pt_tutorial_cifar_net/cifar_net.pth',
      '32 x 32 x 3 → conv1 → ReLU → max pool 2x2 → conv2 → ReLU → max pool 2x2 → flatten → fc1 → ReLU → fc2 → ReLU → fc3',
    ],
  ])('%s', async (name, words) => {
    const net = await readFile(path.join(CASES, name));
    expect(layersWords(net.plain!.layers)).toBe(words);
  });

  it('pt_whole_module_advice_loop: both forms are read', async () => {
    const folder = path.join(CASES, 'pt_whole_module_advice_loop');
    const whole = await readFile(path.join(folder, 'model.pth'));
    expect(layersWords(whole.plain!.layers)).toBe(
      '32 x 32 x 3 → layer 0 → ReLU → mean over the image → flatten → layer 4',
    );
    const weights = await readFile(path.join(folder, 'weights_as_advised.pth'));
    expect(weights.plain!.known).toBe(null);
  });

  it('pt_unknown_grey_hint: the advice has one channel', async () => {
    const { remarks } = await readFile(path.join(CASES, 'pt_unknown_grey_hint/model.pth'));
    expect(remarks.join(' ')).toContain('torch.zeros(1, 1, 28, 28)');
  });

  it.each(['model.pth', 'model_without_acc.pth'])(
    'pt_state_dict_in_list/%s: the table in the list is looked into',
    async (name) => {
      const reading = readFile(path.join(CASES, 'pt_state_dict_in_list', name));
      await expect(reading).rejects.toThrow(/conv1\.weight \[4, 3, 3, 3\], bn1\.weight \[4\]/);
    },
  );
});
