import * as tf from '@tensorflow/tfjs';
import { MockDevice } from './mock-device';

/**
 * The counting device that tfjs works on. tfjs can stay on another backend without an error and go on with it.
 *
 * @throws Error where it is not on one
 */
export function countingDevice(): MockDevice {
  const { device } = tf.backend() as unknown as { device?: unknown };
  if (tf.getBackend() === 'webgpu' && device instanceof MockDevice) return device;
  throw new Error(`tfjs is on ${tf.getBackend()} instead of the counting device`);
}
