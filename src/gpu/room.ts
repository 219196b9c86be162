import * as tf from '@tensorflow/tfjs';

/** How many bytes can be had of the current backend; null where nobody says. */
export interface Room {
  readonly backend: string;
  readonly all: number | null;
  /** In one piece. */
  readonly piece: number | null;
}

/** WebAssembly's addresses have 32 bits. */
const ADDRESSES = 2 ** 32;

/** The room of the current backend. */
export function roomHere(): Room {
  const backend = tf.getBackend();
  if (backend === 'wasm') return { backend: 'WebAssembly', all: ADDRESSES, piece: null };
  if (backend !== 'webgpu') return { backend, all: null, piece: null };
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return {
    backend: 'this graphics processor',
    all: null,
    piece: Math.min(maxBufferSize, maxStorageBufferBindingSize),
  };
}
