import { beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/registry';
import { useBackend } from '../support/backends';
import { entryOf, golden, lossCases, lossMethods } from '../support/golden';
import { runBatchNorm, runConvolution } from '../support/layers';
import { lossAndGradientOf } from '../support/methods';
import { expectClose, expectRelative } from '../support/numbers';

/** Drivers differ in the last digits. */
const TOLERANCE = 1e-4;

describe.each(['wasm', 'webgpu'] as const)('values from PyTorch on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it.each(lossMethods)('loss and gradient of %s', async (id) => {
    for (const { params, rows, loss, gradient } of lossCases(id)) {
      const found = await lossAndGradientOf(methods.get(id), params, rows);
      const what = `${id} with ${JSON.stringify(params)}`;
      expectRelative([found.loss], [loss], TOLERANCE, `loss of ${what}`);
      expectRelative(found.gradient, gradient, TOLERANCE, `gradient of ${what}`);
    }
  });

  it.each(golden('convolution'))(
    'convolution $kernel x $kernel over $shape, stride $stride, padding $pad',
    async (entry) => {
      const found = await runConvolution(entry);
      for (const key of ['y', 'dx', 'dw'] as const)
        expectRelative(entryOf(found, key), entry[key], TOLERANCE, key);
    },
  );

  it.each(golden('batchNorm'))('batch norm over $shape', async (entry) => {
    // Of two rows in a channel the gradient is all but nothing: the measure is 1, the size of what comes in.
    const found = await runBatchNorm(entry);
    for (const key of ['y', 'dx', 'dGamma', 'dBeta', 'mean', 'variance'] as const)
      expectClose(entryOf(found, key), entry[key], TOLERANCE, key);
  });

  it('logits of ten thousand stay finite', async () => {
    const rows = { logits: [[1e4, -1e4, 0]], teacher: [[-1e4, 1e4, 0]], targets: [[0, 1, 0]] };
    const params = { temperature: 1, alpha: 0.5 };
    const { loss, gradient } = await lossAndGradientOf(methods.get('kd'), params, rows);
    expect(loss).toBeCloseTo(20000, 0);
    expectRelative(gradient, [1, -1, 0], TOLERANCE);
  });
});
