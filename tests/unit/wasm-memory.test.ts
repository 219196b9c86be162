import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startBackend } from '../../src/gpu/backend';
import { faultOf } from '../../src/recipe/errors';

beforeAll(() => startBackend({ wanted: 'wasm' }));
afterEach(() => vi.restoreAllMocks());

it('memory that cannot grow is told before anything is overwritten, and what was there goes on', async () => {
  const kept = tf.tensor1d([1, 2, 3]);
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
  });
  let thrown: unknown;
  try {
    tf.zeros([300_000_000]);
  } catch (error) {
    thrown = error;
  }
  expect(grow).toHaveBeenCalled();
  expect(faultOf(thrown)).toMatchObject({
    code: 'E_OUT_OF_MEMORY',
    message: 'There is not enough memory for this.',
  });
  expect([...(await tf.mul(kept, 2).data())]).toEqual([2, 4, 6]);
});
