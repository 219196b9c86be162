import * as tf from '@tensorflow/tfjs';

/** Starts the plain JavaScript backend. Throws where another one would compute. */
export async function useCpu(): Promise<void> {
  if (!(await tf.setBackend('cpu')) || tf.getBackend() !== 'cpu')
    throw new Error(`the tests ask for cpu and run on ${tf.getBackend()}`);
}
