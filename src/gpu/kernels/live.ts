import * as tf from '@tensorflow/tfjs';

/** What of tfjs's WebGPU backend writing into a tensor needs; private in its typings, the version is pinned. */
interface Backend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(id: object): { resource?: GPUBuffer; values: unknown } };
  readonly commandQueueOwnedIds: WeakSet<object>;
  uploadToGPU(id: object): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * Writes numbers into a tensor that lies on the GPU, in place: kernels that were launched before see the old ones, those
 * after see the new ones.
 */
export function overwrite(
  tensor: tf.TensorInfo,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): void {
  const backend = tf.backend() as unknown as Backend;
  const { dataId } = tensor;
  backend.uploadToGPU(dataId);
  const data = backend.tensorMap.get(dataId);
  if (backend.commandQueueOwnedIds.has(dataId)) {
    // The queue writes at once, before what is only recorded so far.
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  backend.device.queue.writeBuffer(data.resource as GPUBuffer, 0, values);
  data.values = null;
}
