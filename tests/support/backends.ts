import * as tf from '@tensorflow/tfjs';
import { startNodeBackend } from '../../cli/support/backend';
import type { DeviceReport } from '../../src/recipe/device';

/**
 * Starts a backend by name and proves that it computes: tfjs can stay on another backend without an error and go on
 * with plausible numbers. Throws where name, adapter or computation are not what was asked for.
 */
export async function useBackend(name: 'webgpu' | 'wasm'): Promise<DeviceReport> {
  const report = await startNodeBackend(name);
  if (report.backend !== name || tf.getBackend() !== name)
    throw new Error(`asked for ${name}, got ${report.backend} and tfjs on ${tf.getBackend()}`);
  if (report.adapter === '') throw new Error(`${name} names no adapter`);
  const proof = await { webgpu: submits, wasm: liesInWasm }[name]();
  if (!proof) throw new Error(`${name} did not compute a product that it was given`);
  console.info(`${name}: ${report.adapter}, self-test off by ${report.selfTest.worst}`);
  return report;
}

const product = () => tf.tidy(() => tf.matMul(tf.ones([2, 6]), tf.ones([6, 2])) as tf.Tensor);

async function isSix(tensor: tf.Tensor): Promise<boolean> {
  const values = [...(await tensor.data())];
  tensor.dispose();
  return values.every((value) => value === 6);
}

/** True where the GPU's queue was given work for a product. */
async function submits(): Promise<boolean> {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  let count = 0;
  queue.submit = (buffers) => {
    count += 1;
    submit(buffers);
  };
  const right = await isSix(product());
  queue.submit = submit;
  return right && count > 0;
}

/** True where a product lies in WebAssembly's memory. */
async function liesInWasm(): Promise<boolean> {
  const backend = tf.backend() as unknown as {
    dataIdMap: { get(id: object): { memoryOffset: number | null } };
  };
  const tensor = product();
  const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
  return (await isSix(tensor)) && memoryOffset !== null;
}
