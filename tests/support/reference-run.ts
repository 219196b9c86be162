import * as tf from '@tensorflow/tfjs';
import { launch } from '../../src/gpu/kernels/launch';
import type { Program } from '../../src/gpu/kernels/launch';
import { Random } from '../../src/recipe/random';

/** What is bound to a kernel: read by it, or written and then read back. */
interface Binding {
  readonly values: Float32Array | Int32Array;
  readonly written: boolean;
}

export const given = (values: ArrayLike<number>): Binding => ({
  values: values instanceof Int32Array ? values : Float32Array.from(values),
  written: false,
});

/** An output that holds no numbers before: what a kernel leaves out stays NaN. */
export const blank = (size: number): Binding => ({
  values: new Float32Array(size).fill(NaN),
  written: true,
});

/** Values that a kernel changes in place. */
export const changed = (values: ArrayLike<number>): Binding => ({
  values: Float32Array.from(values),
  written: true,
});

/** Runs one kernel on WebGPU and gives what it wrote, one list for every written binding. */
export async function run(program: Program, ...bindings: Binding[]): Promise<Float32Array[]> {
  const tensors = bindings.map(({ values }) =>
    tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32'),
  );
  launch(program, tensors);
  const out: Float32Array[] = [];
  for (const [i, { written }] of bindings.entries())
    if (written) out.push((await tensors[i]!.data()) as Float32Array);
  tf.dispose(tensors);
  return out;
}

/** Values of a normal distribution, the same for the same label. */
export function noise(size: number, label: string, scale = 1, mean = 0): Float32Array {
  const random = Random.from(11, label);
  return Float32Array.from({ length: size }, () => random.normal() * scale + mean);
}
