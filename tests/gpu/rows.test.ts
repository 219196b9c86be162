import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test, vi } from 'vitest';
import { PLAN_WORDS, REMEMBERED } from '../../src/gpu/kernels/batch';
import { samplers } from '../../src/samplers/registry';
import { render } from '../../src/samplers/parts/render';
import type { RowPlan } from '../../src/samplers/parts/provenance';
import { pixelsOf } from '../../src/train/data';
import { RowSource, targetsOf } from '../../src/train/rows';
import type { Rows } from '../../src/train/rows';
import type { TaskData } from '../../src/tasks/contract';
import { useBackend } from '../support/backends';
import { drawRows } from '../support/draws';
import { expectClose } from '../support/numbers';
import { drawnGenerator } from '../support/runs';
import { imageTask, planeTask } from '../support/tasks';

/** Batches that kernels make out of a set on the GPU, against the one definition of every crop, flip, mix and box. */

const images = imageTask();
const plane = planeTask();

beforeAll(async () => {
  await useBackend('webgpu');
});

function rowsOf(data: TaskData, plans: readonly RowPlan[]): Rows {
  const pixels = pixelsOf(data, data.train);
  const { y, count } = data.train;
  const pools = ['uniform', 'gaussian', 'patterns'] as const;
  const source = new RowSource(pixels, y, count, data.classes.length, pools);
  const rows = source.rows();
  rows.set(plans);
  return rows;
}

const values = async (tensor: tf.Tensor) => [...(await tensor.data())];
const parent = (row: number, view: RowPlan['view']): RowPlan => ({
  row,
  view,
  mix: { kind: 'real' },
});
const secondOf = ({ row, view, mix }: RowPlan): RowPlan =>
  mix.kind === 'other'
    ? { row, view, mix }
    : 'partner' in mix
      ? parent(mix.partner, mix.partnerView)
      : parent(row, view);

const cases: readonly (readonly [string, TaskData, string, Record<string, unknown>])[] = [
  ['real rows', images, 'none', {}],
  ['cropped and flipped rows', images, 'none', { augment: 'crop-flip', pad: 3 }],
  ['CutMix', images, 'cutmix', {}],
  ['CutMix of cropped rows', images, 'cutmix', { augment: 'crop-flip', pad: 2 }],
  ['interpolation', images, 'interpolation', { share: 0.5 }],
  ['noise', images, 'noise', {}],
  ['patterns in the place of images', images, 'other', { share: 0.5 }],
  ['Gaussian noise in the place of images', images, 'other', { pool: 'gaussian' }],
  ['points', plane, 'none', {}],
  ['uniform points', plane, 'other', { pool: 'uniform' }],
  ['interpolated points', plane, 'interpolation', { share: 0.5 }],
];

for (const [title, data, id, params] of cases)
  test(`the GPU renders what the processor renders: ${title}`, async () => {
    const plans = drawRows(samplers.get(id), params as never, data);
    const pixels = pixelsOf(data, data.train);
    const rows = rowsOf(data, plans);
    const wanted = [...render(pixels, plans)];
    const found = await values(rows.inputs('mixed'));
    // Pixels are to the bit the processor's; a weighted sum is rounded once more.
    const slack = id === 'interpolation' ? 1e-6 : 0;
    expectClose(found, wanted, slack);
    expect(await values(rows.inputs('first'))).toEqual([
      ...render(
        pixels,
        plans.map(({ row, view }) => parent(row, view)),
      ),
    ]);
    expect(await values(rows.inputs('second'))).toEqual([...render(pixels, plans.map(secondOf))]);
  });

test('rows of a generator stand behind the real ones, step after step', async () => {
  const pixels = pixelsOf(images, images.train);
  const { y, count } = images.train;
  const source = new RowSource(pixels, y, count, images.classes.length);
  const generator = drawnGenerator(images);
  const rows = generator.rows(source.rows(), source.rows());
  for (const seed of [1, 2]) {
    const plans = drawRows(samplers.get('generator'), { share: 0.5 }, images, { seed });
    rows.set(plans);
    const found = await values(rows.inputs('mixed'));
    expectClose(found, await generator.render(pixels, plans), 1e-6);
    expect(found.slice(0, 8 * 192)).toEqual([...render(pixels, plans.slice(0, 8))]);
    expect(await values(rows.targets(true))).toEqual([...targetsOf(plans, y, 5, true)]);
  }
  rows.dispose();
  generator.dispose();
});

for (const mixed of [true, false])
  test(`inputs of a pool have no label, ${mixed ? 'mixed' : 'hard'}`, async () => {
    const plans = drawRows(samplers.get('other'), { share: 0.5 }, images);
    const found = await values(rowsOf(images, plans).targets(mixed));
    expect(found).toEqual([...targetsOf(plans, images.train.y, images.classes.length, mixed)]);
    expect(found.reduce((a, b) => a + b)).toBe(8);
  });

for (const mixed of [true, false])
  test(`targets and shares, ${mixed ? 'mixed' : 'hard'}`, async () => {
    const plans = drawRows(samplers.get('interpolation'), { share: 0.5 }, images);
    const rows = rowsOf(images, plans);
    const wanted = targetsOf(plans, images.train.y, images.classes.length, mixed);
    expectClose(await values(rows.targets(mixed)), [...wanted], 1e-6);
    const shares = plans.map(({ mix }) => ('share' in mix ? Math.fround(mix.share) : 1));
    expect(await values(rows.shares())).toEqual(shares);
  });

test('lines of a table are those of the rows, or of their partners', async () => {
  const plans = drawRows(samplers.get('interpolation'), { share: 1 }, images);
  const rows = rowsOf(images, plans);
  const { count } = images.train;
  const table = tf.tensor2d(
    Float32Array.from({ length: count * 3 }, (_, i) => i),
    [count, 3],
  );
  const lines = (all: readonly RowPlan[]) =>
    all.slice(0, 7).flatMap(({ row }) => [3 * row, 3 * row + 1, 3 * row + 2]);
  expect(await values(rows.lookUp(table, 'first', 7))).toEqual(lines(plans));
  expect(await values(rows.lookUp(table, 'second', 7))).toEqual(lines(plans.map(secondOf)));
});

test('plans are written over in place, seen by what comes after and not by what came before', async () => {
  const first = drawRows(samplers.get('none'), {}, images);
  const second = [...first].reverse();
  const pixels = pixelsOf(images, images.train);
  const rows = rowsOf(images, first);
  const before = rows.inputs('mixed');
  rows.set(second);
  const after = rows.inputs('mixed');
  expect(await values(before)).toEqual([...render(pixels, first)]);
  expect(await values(after)).toEqual([...render(pixels, second)]);
});

test('of a row that stands in a batch twice the last line is remembered, and no other is written', async () => {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const at = (row: number, mix: RowPlan['mix'] = { kind: 'real' }): RowPlan => ({
    row,
    view: null,
    mix,
  });
  const noise = { kind: 'noise', seed: 1, sigma: 0.5 } as const;
  const other = { kind: 'other', pool: 'uniform', item: 0 } as const;
  const plans = [at(3), at(5), at(3, noise), at(4, other), at(5)];
  const { y, count } = images.train;
  const rows = new RowSource(pixelsOf(images, images.train), y, count, 5, ['uniform']).rows();
  rows.set(plans.map(() => at(0)));
  // The plans lie on the GPU from now on, and are written over.
  rows.shares().dispose();
  const write = vi.spyOn(device.queue, 'writeBuffer');
  rows.set(plans);
  const words = write.mock.calls[0]?.[2] as Int32Array;
  write.mockRestore();
  const remembered = plans.flatMap((_, i) =>
    ((words[i * PLAN_WORDS + 2] ?? 0) & REMEMBERED) === 0 ? [] : [i],
  );
  // Two writes to one line would come in any order.
  expect(remembered).toEqual([2, 4]);
  const lines = tf.tensor2d([1, 2, 3, 4, 5], [5, 1]);
  const table = rows.store(tf.zeros([count, 1]), lines);
  const found = await values(table);
  expect([found[3], found[4], found[5]]).toEqual([3, 0, 5]);
  expect(found.reduce((a, b) => a + b)).toBe(8);
});
