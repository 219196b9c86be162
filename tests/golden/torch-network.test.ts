import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { distillationKl } from '../../src/gpu/ops/losses';
import type { Weights } from '../../src/models/net/draw';
import { FrozenNetwork } from '../../src/models/net/frozen';
import { sizeOf, weightsOf } from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import { models } from '../../src/models/registry';
import { Optimizer } from '../../src/train/optimizer';
import { useCpu } from '../support/cpu';
import { entryOf, golden } from '../support/golden';
import type { Digest } from '../support/golden';
import { dot, expectClose, wave } from '../support/numbers';

beforeAll(useCpu);

function expectDigest(found: ArrayLike<number>, wanted: Digest, what: string): void {
  const values = Array.from(found);
  expectClose(
    values.filter((_, i) => i % wanted.step === 0),
    wanted.values,
    1e-5,
    what,
  );
  expectClose([Math.sqrt(dot(values, values))], [wanted.norm], 1e-5, `norm of ${what}`);
  const probe = wave([values.length], [0.317, 0.4, 1]);
  expectClose([dot(values, probe)], [wanted.probe], 1e-5 * Math.max(1, wanted.norm), `all ${what}`);
}

it('ResNet-8-half: two steps of SGD with Nesterov momentum, as in PyTorch', async () => {
  const wanted = golden('network');
  const [, ...input] = wanted.shape;
  const widths = [8, 8, 16, 32];
  const graph = models.get('resnet8half').graph(input, wanted.classes, { stemStride: 2, widths });
  const weights: Weights = new Map(
    weightsOf(graph).map(({ name, shape }) => [name, wave(shape, entryOf(wanted.weights, name))]),
  );
  expect([...weights.keys()].toSorted()).toEqual(Object.keys(wanted.weights).toSorted());
  const network = new Network(graph, weights);
  const optimizer = new Optimizer({
    kind: 'sgd',
    schedule: 'constant',
    warmup: 0,
    ...wanted.optimizer,
  });
  const x = tf.tensor(wave(wanted.shape, wanted.waves.x), [...wanted.shape]);
  const rows: [number, number] = [wanted.shape[0] ?? 0, wanted.classes];
  const teacher = tf.tensor2d(wave(rows, wanted.waves.teacher), rows);
  const expectInference = async (logits: readonly number[] | undefined) => {
    const frozen = new FrozenNetwork(graph, (name) => network.weight(name));
    expectClose(await frozen.predict(x).data(), logits ?? [], 1e-5, 'logits in inference mode');
  };

  await expectInference(wanted.inference[0]);
  for (const [index, step] of wanted.steps.entries()) {
    let logits: Float32Array | null = null;
    const { value, grads } = tf.variableGrads(
      () => {
        const out = network.forward(x).logits;
        logits = out.dataSync() as Float32Array;
        const kl = distillationKl(out, teacher, wanted.temperature);
        return tf.mul(kl, wanted.temperature ** 2) as tf.Scalar;
      },
      network.trainable().map(({ variable }) => variable),
    );
    expectClose(logits ?? [], step.logits, 1e-5, 'logits in training mode');
    expectClose(await value.data(), [step.loss], 1e-5, 'loss');
    const trainable = network.trainable();
    expect(trainable.length).toBe(Object.keys(step.gradients).length);
    for (const { spec, variable } of trainable) {
      const gradient = await (grads[variable.name] as tf.Tensor).data();
      expect(gradient.length).toBe(sizeOf(spec.shape));
      expectDigest(gradient, entryOf(step.gradients, spec.name), `gradient of ${spec.name}`);
    }
    optimizer.apply(network, grads, wanted.optimizer.rate);
    const after = await network.read();
    for (const { spec } of trainable)
      expectDigest(after.get(spec.name) ?? [], entryOf(step.weights, spec.name), spec.name);
    for (const [name, values] of Object.entries(step.statistics))
      expectClose(after.get(name) ?? [], values, 1e-5, name);
    await expectInference(wanted.inference[index + 1]);
  }
});
