import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Run } from '../../bench/support/cells';
import { countingDevice } from '../../bench/support/counting-device';
import { measure } from '../../bench/support/measure';
import { installMockGpu } from '../../bench/support/mock-device';

/**
 * What a training step of our engine may cost, counted on a device that does nothing else. The figures for plain tfjs
 * stand beside: they are measured in bench-counts.test.ts and by `npm run bench -- --counts`.
 */

const cell = (model: Cell['model'], arm: Cell['arm']): Cell => ({
  model,
  arm,
  batch: 128,
  implementation: 'extracurricular',
});

describe('a step at batch 128', () => {
  it('of a ResNet-20 from labels', async () => {
    const { row } = await measure(cell('resnet20', 'erm'));
    expect(row.dispatches).toBeLessThanOrEqual(200);
    expect(row.bytesWritten).toBeLessThanOrEqual(4096);
    expect(row.submits).toBeLessThanOrEqual(2);
    expect(row.gpuBytes).toBeLessThanOrEqual(400e6);
    // It is a replay: nothing is made anew.
    expect(row.bindGroups).toBe(0);
    expect(row.pipelines).toBe(0);
  });

  it('of a ResNet-8 of half width that asks a ResNet-20 about every row', async () => {
    const { row } = await measure(cell('resnet8half', 'xcl'));
    expect(row.dispatches).toBeLessThanOrEqual(180);
    expect(row.bytesWritten).toBeLessThanOrEqual(4096);
    expect(row.submits).toBeLessThanOrEqual(2);
    expect(row.gpuBytes).toBeLessThanOrEqual(400e6);
  });
});

describe('over a thousand steps', () => {
  let run: Run;
  const held = () => {
    const { buffers, bytes, bindGroups } = countingDevice().counts();
    return { tensors: tf.memory().numTensors, buffers, bytes, bindGroups };
  };

  beforeAll(async () => {
    installMockGpu();
    const { ownRun } = await import('../../bench/support/own-engine');
    run = await ownRun(cell('resnet8half', 'xcl'), 'mock', 'preset');
  });

  it('tensors, buffers and their bytes stay as they are', async () => {
    const steps = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await run.step();
        await run.submit();
      }
    };
    await steps(5);
    const before = held();
    await steps(1000);
    expect(held()).toEqual(before);
  });
});
