import * as tf from '@tensorflow/tfjs';
import { requireDevice } from './health';

/** Steps that may be under way on the device at once. */
const IN_FLIGHT = 3;
/** A step that takes longer is submitted in parts: browsers take a GPU away that does not answer for long. */
const LONG_MS = 100;
/** Launches between submits: a whole short step, or a part of a long one. */
const WHOLE = 4096;
const PART = 32;

const pending: Promise<unknown>[] = [];
let lastDone = 0;

/**
 * Ends a step: sends it to the GPU, and holds the loop back so that at most three steps are queued there; a queue that runs
 * away delays every read and may trip the browser's watchdog. Other backends compute as they are called and pass at once.
 *
 * @throws UserError where the device was lost or has refused something: nothing after that would be true
 */
export async function fence(): Promise<void> {
  requireDevice();
  const device = gpuDevice();
  if (!device) return;
  submitPending();
  const sent = performance.now();
  const ended = () => {
    const now = performance.now();
    const took = now - Math.max(sent, lastDone);
    lastDone = now;
    tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', took < LONG_MS ? WHOLE : PART);
  };
  // A device that is gone rejects this; who watches over it tells that.
  pending.push(device.queue.onSubmittedWorkDone().then(ended, ended));
  if (pending.length >= IN_FLIGHT) await pending.shift();
}

/** Sends what tfjs has recorded but not submitted yet. Private fields; the version is pinned. */
export function submitPending(): void {
  const backend = tf.backend() as unknown as {
    commandEncoder: GPUCommandEncoder | null;
    endComputePassEncoder(): void;
    submitQueue(): void;
  };
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** The GPUDevice of the current backend, or null where it is not WebGPU. */
function gpuDevice(): GPUDevice | null {
  if (tf.getBackend() !== 'webgpu') return null;
  return (tf.backend() as unknown as { device: GPUDevice }).device;
}
