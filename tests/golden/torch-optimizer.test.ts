import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import { Optimizer } from '../../src/train/optimizer';
import { useCpu } from '../support/cpu';
import { golden } from '../support/golden';
import { expectClose, wave } from '../support/numbers';

beforeAll(useCpu);

it.each(golden('optimizers'))('five steps with $recipe, as in PyTorch', async (entry) => {
  const { recipe, rates, waves, trace } = entry;
  const builder = new GraphBuilder();
  const output = builder.dense('head', 'input', 2);
  const graph = { input: [3], nodes: builder.nodes, output, taps: {} };
  const weights = new Map([
    ['head.weight', wave([3, 2], waves.kernel)],
    ['head.bias', wave([2], waves.bias)],
  ]);
  const network = new Network(graph, weights);
  const optimizer = new Optimizer({ ...recipe, rate: 1, schedule: 'constant', warmup: 0 });
  expect(trace.length).toBe(5);
  for (const [step, wanted] of trace.entries()) {
    // The gradient of sum(curvature (w - target)^2) / 2.
    const gradients = Object.fromEntries(
      network.trainable().map(({ spec, variable }) => {
        const fixed = (values: (typeof waves)['target']) =>
          tf.tensor(wave(spec.shape, values), [...spec.shape]);
        const gradient = tf.mul(fixed(waves.curvature), tf.sub(variable, fixed(waves.target)));
        return [variable.name, gradient];
      }),
    );
    optimizer.apply(network, gradients, rates[step] ?? NaN);
    const after = await network.read();
    expectClose(after.get('head.weight') ?? [], wanted.kernel, 1e-5, `kernel, step ${step}`);
    expectClose(after.get('head.bias') ?? [], wanted.bias, 1e-5, `bias, step ${step}`);
  }
});
