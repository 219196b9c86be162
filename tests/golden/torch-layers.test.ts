import { beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/registry';
import { figures } from '../../src/train/metrics';
import { useCpu } from '../support/cpu';
import { entryOf, golden, lossCases, lossMethods } from '../support/golden';
import { runBatchNorm, runConvolution } from '../support/layers';
import { lossAndGradient } from '../support/methods';
import { expectClose } from '../support/numbers';

beforeAll(useCpu);

describe.each(lossMethods)('loss and gradient of %s', (id) => {
  it.each(lossCases(id))('with $params', ({ params, rows, loss, gradient }) => {
    const found = lossAndGradient(methods.get(id), params, rows);
    expectClose([found.loss], [loss], 1e-5, 'loss');
    expectClose(found.gradient, gradient, 1e-5, 'gradient');
    expect(gradient.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });
});

describe('convolution', () => {
  it.each(golden('convolution'))(
    '$kernel x $kernel over $shape, stride $stride, padding $pad',
    async (entry) => {
      const found = await runConvolution(entry);
      for (const key of ['y', 'dx', 'dw'] as const)
        expectClose(entryOf(found, key), entry[key], 1e-5, key);
    },
  );
});

describe('batch norm in training mode', () => {
  it.each(golden('batchNorm'))('over $shape', async (entry) => {
    const found = await runBatchNorm(entry);
    for (const key of ['y', 'dx', 'dGamma', 'dBeta', 'mean', 'variance'] as const)
      expectClose(entryOf(found, key), entry[key], 1e-5, key);
  });
});

it('figures of random answers', () => {
  const { classes, student, teacher, labels, wanted } = golden('figures');
  const answers = (logits: readonly number[]) => ({ logits: Float32Array.from(logits), classes });
  const found = figures(answers(student), answers(teacher), Uint8Array.from(labels));
  for (const key of ['accuracy', 'agreement', 'kl', 'nll', 'ece'] as const)
    expectClose([found[key]], [wanted[key]], 1e-6, key);
});

it('a missing value fails instead of passing', () => {
  expect(() => lossCases('no-such-method')).toThrow('0 cases of no-such-method');
  expect(() => entryOf({}, 'y')).toThrow('no value for y');
});
