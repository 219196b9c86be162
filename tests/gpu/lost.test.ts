import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { startBackend } from '../../src/gpu/backend';
import { fence } from '../../src/gpu/fence';
import { reasonOf, requireSettled } from '../../src/gpu/health';
import { faultOf } from '../../src/recipe/errors';
import type { UserError } from '../../src/recipe/errors';
import { useBackend } from '../support/backends';

/** A started backend with what it says of its device, and that device. */
async function started() {
  await useBackend('webgpu');
  const told: UserError[] = [];
  await startBackend({ wanted: 'webgpu', broken: (trouble) => told.push(trouble) });
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  return { told, device };
}

/** A real product on the current backend, read back. */
async function product(): Promise<number> {
  const tensor = tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])));
  const [value = NaN] = await tensor.data();
  return value;
}

/** What is said where work on the device fails, as the worker and the command line say it. */
async function said(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    await requireSettled();
  } catch (thrown) {
    return faultOf(await reasonOf(thrown)).code;
  }
  return 'nothing';
}

it('a device that is destroyed ends the step and the read, is told once, and a new one computes', async () => {
  const { told, device } = await started();
  expect(await said(product)).toBe('nothing');
  device.destroy();
  expect(await said(product)).toBe('E_DEVICE_LOST');
  expect(await said(fence)).toBe('E_DEVICE_LOST');
  expect(told.map(({ code }) => code)).toEqual(['E_DEVICE_LOST']);
  const again = await started();
  expect(await product()).toBe(3);
  expect(again.told).toEqual([]);
});

it('a buffer beyond the limit is too little memory, and no refused command', async () => {
  const { told, device } = await started();
  const size = 2 * device.limits.maxBufferSize;
  const work = async () => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
  expect(await said(work)).toBe('E_OUT_OF_MEMORY');
  expect(told.map(({ code }) => code)).toEqual(['E_OUT_OF_MEMORY']);
});

it('a command that is refused is called that', async () => {
  const { told, device } = await started();
  const work = async () => device.createShaderModule({ code: 'no shader' });
  expect(await said(work)).toBe('E_DEVICE_REFUSED');
  expect(told.map(({ code }) => code)).toEqual(['E_DEVICE_REFUSED']);
});

it('a backend that fails while it is tried is left for the next one, and nobody is told that it broke', async () => {
  await useBackend('webgpu');
  const told: UserError[] = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    device.destroy();
    return device;
  };
  try {
    const report = await startBackend({
      wanted: 'webgpu',
      orElse: true,
      broken: (trouble) => told.push(trouble),
    });
    expect(report.backend).toBe('wasm');
    expect(report.refused[0]).toMatch(/^WebGPU /);
    expect(told).toEqual([]);
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
});
