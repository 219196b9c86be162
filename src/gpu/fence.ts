import * as tf from '@tensorflow/tfjs';

/** Steps that may be under way on the device at once. */
const IN_FLIGHT = 3;

const pending: Promise<unknown>[] = [];

/**
 * Holds the loop back so that at most three steps are queued on the GPU; a queue that runs away delays every read and may
 * trip the browser's watchdog. Other backends compute as they are called and pass at once.
 */
export async function fence(): Promise<void> {
  const device = gpuDevice();
  if (!device) return;
  const backend = tf.backend() as unknown as { submitQueue?: () => void; queue?: GPUQueue };
  submitPending(backend);
  pending.push(device.queue.onSubmittedWorkDone());
  if (pending.length >= IN_FLIGHT) await pending.shift();
}

/** Sends what tfjs has recorded but not submitted yet (it waits for fifteen commands by default). */
function submitPending(backend: { submitQueue?: () => void }): void {
  const open = backend as { commandEncoder?: unknown; endComputePassEncoder?: () => void };
  if (!open.commandEncoder) return;
  open.endComputePassEncoder?.();
  backend.submitQueue?.();
}

/** The GPUDevice of the current backend, or null where it is not WebGPU. */
function gpuDevice(): GPUDevice | null {
  if (tf.getBackend() !== 'webgpu') return null;
  return (tf.backend() as unknown as { device: GPUDevice }).device;
}
