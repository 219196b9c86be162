import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { mergedGaussian } from '../../src/gpu/ops/gaussian';
import { drawWeights } from '../../src/models/net/draw';
import { models } from '../../src/models/registry';
import { methods } from '../../src/methods/registry';
import { outputsOf } from '../../src/tasks/contract';
import type { RowPlan } from '../../src/samplers/parts/provenance';
import { pixelsOf } from '../../src/train/data';
import { standardised } from '../../src/train/gaussian';
import { RowSource } from '../../src/train/rows';
import { teachMembers } from '../../src/train/teach';
import { Teacher } from '../../src/train/teacher';
import { Trainer } from '../../src/train/trainer';
import { useBackend } from '../support/backends';
import type { LossCase } from '../support/golden';
import { lossAndGradientOf } from '../support/methods';
import { expectClose, expectRelative } from '../support/numbers';
import { choose, recipeOf, SGD, SMALL_MLP, student } from '../support/recipes';
import { quiet } from '../support/runs';
import { lineTask } from '../support/values';

const file = new URL('../golden/gaussian.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly losses: readonly LossCase[];
  readonly merged: { readonly members: number[][][]; readonly wanted: number[][] };
};
const data = lineTask();
const IDS = ['gaussian-nll', 'mse', 'kd-mean', 'xcl-gaussian'];

beforeAll(async () => {
  await useBackend('webgpu');
});

describe.each(IDS)('%s', (id) => {
  it('has loss and gradient of PyTorch', async () => {
    for (const { params, rows, loss, gradient } of golden.losses.filter((c) => c.method === id)) {
      const found = await lossAndGradientOf(methods.get(id), params, rows);
      expectRelative([found.loss], [loss], 1e-4, `loss with ${JSON.stringify(params)}`);
      expectRelative(found.gradient, gradient, 1e-4, `gradient with ${JSON.stringify(params)}`);
    }
  });
});

it('several Gaussians become one', async () => {
  const members = golden.merged.members.map((rows) => tf.tensor2d(rows));
  const merged = mergedGaussian(members);
  expectClose(await merged.data(), golden.merged.wanted.flat(), 1e-5);
  tf.dispose([...members, merged]);
});

it('targets are those of real rows, and zero where two were mixed', async () => {
  const table = standardised(data, data.train) ?? new Float32Array();
  const { y, count } = data.train;
  const source = new RowSource(pixelsOf(data, data.train), y, count, outputsOf(data), [], table);
  const rows = source.rows();
  const plans: RowPlan[] = [
    { row: 7, view: null, mix: { kind: 'real' } },
    {
      row: 2,
      view: null,
      mix: { kind: 'interpolation', partner: 5, partnerView: null, share: 0.5 },
    },
    { row: 3, view: null, mix: { kind: 'noise', seed: 1, sigma: 0.1 } },
  ];
  rows.set(plans);
  const targets = rows.targets(false);
  const wanted = [...table.subarray(28, 32), 0, 0, 0, 0, ...table.subarray(12, 16)];
  expectClose(await targets.data(), wanted, 1e-6);
  targets.dispose();
  rows.dispose();
  source.dispose();
});

describe('a run with a teacher of two networks', () => {
  const interpolation = choose('sampler', 'interpolation', { share: 0.5 });
  const none = choose('sampler', 'none');
  const recipe = recipeOf(
    IDS.map((id) =>
      student(
        choose('method', id),
        methods.get(id).needs.teacher === 'none' ? none : interpolation,
        SMALL_MLP,
        id,
      ),
    ),
    { steps: 12, batch: 6 },
  );
  const course = async (replay: boolean) => {
    const graph = models.get('mlp').graph(data.shape, outputsOf(data), SMALL_MLP.params);
    const [one, other] = [drawWeights(graph, 5), drawWeights(graph, 6)];
    const teacher = new Teacher('two', graph, one, [other]);
    const trainer = new Trainer(recipe, data, teacher, quiet, replay);
    await trainer.prepare();
    const losses: number[] = [];
    for (let step = 0; step < 8; step++) {
      await trainer.takeStep();
      for (const { loss } of await trainer.trainPoints()) losses.push(loss);
    }
    const { replays, refusal } = trainer;
    const { point } = await trainer.evaluate(0);
    trainer.dispose();
    teacher.dispose();
    return { losses, replays, refusal, students: point.students };
  };

  it('replays its steps: nothing is read back, and losses are the same', async () => {
    const [plain, replayed] = [await course(false), await course(true)];
    expect(replayed.refusal).toBeNull();
    expect(replayed.replays).toBe(true);
    expectClose(replayed.losses, plain.losses, 1e-5);
    expect(new Set(replayed.losses).size).toBe(replayed.losses.length);
    for (const figures of replayed.students)
      expect(Object.values(figures).every(Number.isFinite)).toBe(true);
  });

  it('teaches its members from the labels, each from a seed of its own', async () => {
    const training = {
      model: SMALL_MLP,
      augment: 'none',
      pad: 0,
      batch: 10,
      steps: 8,
      optimizer: SGD,
      members: 2,
    } as const;
    const losses: number[] = [];
    const taught = await teachMembers(training, data, 3, (_, loss) => {
      losses.push(loss);
      return Promise.resolve();
    });
    expect(losses.every(Number.isFinite)).toBe(true);
    const [one, other] = taught.map(({ weights }) => [...weights.values()].map((w) => [...w]));
    expect(one).not.toEqual(other);
  });
});
