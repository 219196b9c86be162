import { beforeAll, describe, it } from 'vitest';
import { useBackend } from '../support/backends';
import { frozenValues, generalCases, trainedValues } from '../support/general';
import { expectClose } from '../support/numbers';

/** The nodes that networks from files may hold, each against values from PyTorch. */

const cases = generalCases.map((entry) => [entry.name, entry] as const);

describe.each(['webgpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it.each(cases)('%s', async (_name, entry) => {
    expectClose((await frozenValues(entry)).y, entry.y, 1e-4);
    const { gradients } = await trainedValues(entry);
    for (const [name, wanted] of Object.entries(entry.gradients))
      expectClose(gradients[name]!, wanted, 1e-4, `gradient of ${name}`);
  });
});
