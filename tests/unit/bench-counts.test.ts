import { describe, expect, it } from 'vitest';
import type { Cell } from '../../bench/support/cells';
import { measure, sameOf } from '../../bench/support/measure';
import type { Row } from '../../bench/support/measure';

const plain = (more: Partial<Cell>): Cell => ({
  model: 'tinyconv',
  arm: 'erm',
  batch: 4,
  implementation: 'plain-tfjs',
  ...more,
});

describe('the cost of a step of plain tfjs', () => {
  it('is the same whenever it is counted', async () => {
    const [first, second] = [await measure(plain({})), await measure(plain({}))];
    // A second count in one process finds the tensors of the first still there.
    const { tensors: _, ...row } = first.row;
    expect(second.row).toMatchObject(row);
    expect(first.trace).toEqual(second.trace);
    expect(first.trace.length).toBe(row.dispatches);
    expect(row.dispatches).toBeGreaterThan(100);
    expect(row.pipelines).toBe(0);
  });

  it('grows by the loss of distillation, and by a teacher in the step', async () => {
    const rows = [];
    for (const arm of ['erm', 'kd', 'xcl'] as const) rows.push(await measure(plain({ arm })));
    const [erm, kd, xcl] = rows.map(({ row }) => row.dispatches) as [number, number, number];
    expect(kd).toBeGreaterThan(erm + 20);
    // The teacher has 21 convolutions, each with batch norm.
    expect(xcl).toBeGreaterThan(erm + 50);
  });

  it('is 1,456 dispatches and over 200 MB for a ResNet-20', async () => {
    const { row } = await measure(plain({ model: 'resnet20', batch: 128 }));
    expect(row.dispatches).toBe(1456);
    expect(row.bytesWritten).toBeGreaterThan(200e6);
    expect(row.submits).toBe(Math.ceil(1456 / 15));
    expect(row.gpuBytes).toBeGreaterThan(1.4e9);
  });
});

it('our own engine is counted as a run steps it', async () => {
  const cell = plain({ implementation: 'extracurricular', arm: 'kd', batch: 8 });
  const { row, trace } = await measure(cell);
  expect(row).toMatchObject({ ...cell, pipelines: 0 });
  expect(row.dispatches).toBe(trace.length);
  expect(row.dispatches).toBeGreaterThan(0);
  expect(row.gpuBytes).toBeGreaterThan(0);
});

it('steps that do not cost the same are refused, with what differs', () => {
  const row: Row = {
    ...plain({}),
    dispatches: 9,
    bytesWritten: 40,
    bytesCopied: 0,
    submits: 1,
    passes: 1,
    bindGroups: 9,
    pipelines: 0,
    gpuBytes: 100,
    buffers: 3,
    tensors: 5,
  };
  expect(sameOf([row, row])).toEqual(row);
  expect(() => sameOf([row, { ...row, tensors: 6 }, { ...row, tensors: 7 }])).toThrow(
    'tinyconv, erm, batch 4, plain-tfjs: steps 5 to 7 do not cost the same (tensors 5, 6, 7).',
  );
});
