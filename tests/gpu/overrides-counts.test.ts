import type * as tfjs from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { installMockGpu, MockDevice } from '../../bench/support/mock-device';
import { difference } from '../../bench/support/mock-ledger';

/**
 * What a training step of tf.layers costs with tfjs's kernels and with ours in their place, on a device that only counts.
 */

const BATCH = 128;

/** What tfjs has recorded and not submitted yet. */
interface Pending {
  readonly commandEncoder: unknown;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

interface Cost {
  readonly dispatches: number;
  readonly bytesWritten: number;
  readonly shaders: ReadonlySet<string>;
}

const costs = { stock: null as Cost | null, ours: null as Cost | null };

/** Three convolutions with batch norm, pooling, a dense layer; momentum. As people write it, without a thought of us. */
function trainingStep(tf: typeof tfjs): () => void {
  const inputs = tf.input({ shape: [32, 32, 3] });
  const block = (x: tfjs.SymbolicTensor, filters: number, i: number) =>
    [
      tf.layers.conv2d({ filters, kernelSize: 3, strides: i === 0 ? 1 : 2, padding: 'same' }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: 'relu' }),
    ].reduce((at, layer) => layer.apply(at) as tfjs.SymbolicTensor, x);
  const pool = tf.layers.globalAveragePooling2d({});
  const pooled = pool.apply([16, 32, 64].reduce(block, inputs));
  const outputs = tf.layers.dense({ units: 10 }).apply(pooled) as tfjs.SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  const optimizer = tf.train.momentum(0.1, 0.9);
  const x = tf.zeros([BATCH, 32, 32, 3]);
  const labels = tf.zeros([BATCH, 10]);
  return () => {
    optimizer.minimize(() =>
      tf.tidy(() => {
        const logits = model.apply(x, { training: true }) as tfjs.Tensor;
        return tf.losses.softmaxCrossEntropy(labels, logits);
      }),
    );
    const backend = tf.backend() as unknown as Pending;
    if (!backend.commandEncoder) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
}

/** The third step: pipelines and slots are there by then. */
function count(tf: typeof tfjs, device: MockDevice): Cost {
  const step = trainingStep(tf);
  step();
  step();
  device.takeTrace();
  const before = device.counts();
  step();
  const { dispatches, bytesWritten } = difference(before, device.counts());
  const shaders = new Set(device.takeTrace().map(({ shader }) => shader));
  return { dispatches, bytesWritten, shaders };
}

beforeAll(async () => {
  installMockGpu();
  const tf = await import('@tensorflow/tfjs');
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const { countingDevice } = await import('../../bench/support/counting-device');
  const { startBackend } = await import('../../src/gpu/backend');
  const device = new MockDevice();
  const info = device.adapterInfo as unknown as GPUAdapterInfo;
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device.asDevice(), info));
  await tf.setBackend('webgpu');
  costs.stock = count(tf, device);
  // A device that computes nothing does not pass the self-test, but is the backend by then.
  const refused = await startBackend({ wanted: 'webgpu' }).catch(String);
  if (!String(refused).includes('computes wrong gradients')) throw new Error(String(refused));
  costs.ours = count(tf, countingDevice());
});

it('uploads less than 100 KB, where tfjs uploads arrays of ones', () => {
  expect(costs.ours!.bytesWritten).toBeLessThan(100e3);
  // Where tfjs does without them, our gradients of means and sums have no reason any more.
  expect(costs.stock!.bytesWritten).toBeGreaterThan(10e6);
});

it('takes a quarter of the dispatches less', () => {
  console.info(
    `dispatches: ${costs.stock!.dispatches} of tfjs, ${costs.ours!.dispatches} with ours`,
  );
  expect(costs.ours!.dispatches).toBeLessThan(0.75 * costs.stock!.dispatches);
});

it('transposes nothing, and convolves in our kernels', () => {
  const replaced = [
    'TransposeProgram',
    'Conv2DMMProgram',
    'Conv2DDerFilterProgram',
    'Conv2DDerInputProgram',
  ];
  for (const shader of replaced) {
    expect([...costs.stock!.shaders]).toContain(shader);
    expect([...costs.ours!.shaders]).not.toContain(shader);
  }
  for (const kernel of [
    'conv 3x3 16-32',
    'conv dx 3x3',
    'conv dw 3x3',
    'sum rows',
    'spread back krk',
  ])
    expect([...costs.ours!.shaders].some((shader) => shader.startsWith(kernel))).toBe(true);
});
