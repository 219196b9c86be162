import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Place } from './cells';
import { MockDevice } from './mock-device';
import { wasmFiles } from './wasm-files';

/** Steps that may be queued on a GPU at once, as in our own loop. */
const IN_FLIGHT = 3;

/** The parts of tfjs's WebGPU backend that are private in its typings; the version is pinned. */
interface GpuBackend {
  readonly device: GPUDevice;
  readonly commandEncoder: unknown;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * Starts a backend of tfjs with nothing of ours in it. tfjs can stay on another one without an error and go on with it.
 *
 * @throws Error where it did
 */
export async function startStock(place: Place): Promise<void> {
  if (place === 'mock') {
    const device = new MockDevice();
    const info = device.adapterInfo as unknown as GPUAdapterInfo;
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => new WebGPUBackend(device.asDevice(), info), 5);
  }
  if (place === 'wasm') {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    setThreadsCount(1);
    if (wasmFiles.paths) setWasmPaths({ ...wasmFiles.paths });
  }
  const name = place === 'mock' ? 'webgpu' : place;
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name)
    throw new Error(`${name} did not start: tfjs stayed on ${tf.getBackend()}`);
  if (place === 'webgpu')
    gpu().device.onuncapturederror = ({ error }) => {
      refused ??= error.message;
    };
}

const gpu = (): GpuBackend => tf.backend() as unknown as GpuBackend;
const onGpu = (): boolean => tf.getBackend() === 'webgpu';
const pending: Promise<unknown>[] = [];
/** What the GPU said to a command that it refused: whatever follows would be wrong numbers. */
let refused: string | null = null;

/** Submits what tfjs recorded and still holds back, as reading the loss would; waits where three steps are queued. */
export async function submitStock(): Promise<void> {
  if (!onGpu()) return;
  const backend = gpu();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  pending.push(backend.device.queue.onSubmittedWorkDone());
  if (pending.length >= IN_FLIGHT) await pending.shift();
}

/** Waits until the device has done what was submitted. @throws Error where it refused a command */
export async function finishStock(): Promise<void> {
  if (onGpu()) await gpu().device.queue.onSubmittedWorkDone();
  if (tf.getBackend() === 'webgl') await readBack();
  if (refused !== null) throw new Error(`the GPU refused a command: ${refused}`);
}

/** WebGL does its work in order: what is computed and read now comes after all of it. */
async function readBack(): Promise<void> {
  const last = tf.tidy(() => tf.square(tf.ones([64, 64])));
  await last.data();
  last.dispose();
}
