import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import { COMMON, useArithmetic } from '../../src/gpu/kernels/arithmetic';
import { startArithmetic, trial } from '../../src/gpu/precision';
import { useBackend } from '../support/backends';

/** Half precision as it rounds (in 32 bits: software adapters have no shader-f16), and sums by subgroups. */

beforeAll(async () => {
  await useBackend('webgpu');
});
afterEach(() => {
  useArithmetic(COMMON);
});

const features = () => (tf.backend() as unknown as { device: GPUDevice }).device.features;
const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));
const distance = (a: readonly number[], b: readonly number[]) =>
  largest(a.map((value, i) => value - (b[i] as number))) / largest(b);

describe('convolutions and their gradients', () => {
  it('in half precision differ by what 16 bits round away', async () => {
    const wanted = await trial();
    useArithmetic({ ...COMMON, half: 'rounded' });
    const found = await trial();
    expect(distance(found, wanted)).toBeGreaterThan(1e-5);
    expect(distance(found, wanted)).toBeLessThan(3e-3);
  });
});

describe('sums by subgroups', () => {
  it('are the sums', async () => {
    expect(features().has('subgroups')).toBe(true);
    const wanted = await trial();
    useArithmetic({ ...COMMON, subgroups: true });
    expect(distance(await trial(), wanted)).toBeLessThan(1e-6);
  });
});

describe('what a run asks for', () => {
  it('is refused in words where the adapter cannot do it', async () => {
    const refused = await startArithmetic({ half: true, subgroups: true });
    const half = features().has('shader-f16');
    expect(refused).toEqual(
      half ? [] : ['Half precision is off, because this graphics adapter has no shader-f16.'],
    );
  });

  it('is off where nothing is asked for', async () => {
    const wanted = await trial();
    useArithmetic({ half: 'rounded', subgroups: true });
    expect(await startArithmetic({ half: false, subgroups: false })).toEqual([]);
    expect(await trial()).toEqual(wanted);
  });
});
