import { beforeAll, describe, expect, it } from 'vitest';
import { GENERAL_OPS } from '../../src/models/net/general';
import { useCpu } from '../support/cpu';
import { frozenValues, generalCases, trainedValues } from '../support/general';
import { expectClose } from '../support/numbers';

beforeAll(useCpu);

describe.each(generalCases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
  it('frozen', async () => {
    const { shape, y } = await frozenValues(entry);
    expect(shape).toEqual([2, ...entry.shape]);
    expectClose(y, entry.y, 1e-5);
  });

  it('in training, with its gradients', async () => {
    const { y, gradients } = await trainedValues(entry);
    expectClose(y, entry.y, 1e-5);
    expect(Object.keys(gradients)).toEqual(Object.keys(entry.gradients));
    for (const [name, wanted] of Object.entries(entry.gradients))
      expectClose(gradients[name]!, wanted, 1e-5, `gradient of ${name}`);
  });
});

it('has a case of every node', () => {
  const seen = new Set(generalCases.flatMap(({ nodes }) => nodes.map(({ op }) => op)));
  expect(GENERAL_OPS.filter((op) => !seen.has(op))).toEqual([]);
});
