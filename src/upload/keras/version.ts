import { textOf } from '../fields';

/** Whether a version as files write it, "3.15.1" or "keras v3.15.1", is one of Keras 3. Absent ones are older. */
export function isKeras3(version: unknown): boolean {
  const text = (textOf(version) ?? '').slice(0, 40);
  // TensorFlow.js writes its own version, and its layers are those of Keras 2.
  if (/tfjs|tensorflow/i.test(text)) return false;
  return Number(/\d{1,3}/.exec(text)?.[0] ?? 0) >= 3;
}
