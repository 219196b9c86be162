import * as tf from '@tensorflow/tfjs';
import { bindings, entry, launch, output, spread, unroll } from '../../src/gpu/kernels/launch';
import type { Program } from '../../src/gpu/kernels/launch';
import { median } from '../timing/statistics';

const THREADS = 1 << 16;
const CHAINS = 16;
const TURNS = 64;
const FLOATS = 1 << 22;
const ROUNDS = 5;

/** Nothing but multiply-adds, in chains that do not wait for each other. Bindings: y. */
const multiply: Program = {
  kernel: {
    key: 'peak multiply-add',
    code: () => `
${bindings(['=y'], ['size'])}
${entry()}
  if (at >= n.size) { return; }
  let a = 1.0 + f32(at) * 1e-9;
  ${unroll(CHAINS, (i) => `var v${i} = f32(at + ${i});`)}
  for (var turn = 0; turn < ${TURNS}; turn++) {
    ${unroll(CHAINS, (i) => `v${i} = v${i} * a + 0.5;`)}
  }
  y[at] = ${Array.from({ length: CHAINS }, (_, i) => `v${i}`).join(' + ')};
}`,
  },
  groups: spread(THREADS),
  numbers: [THREADS],
};

/** y = x. Bindings: x, y. */
const copy: Program = {
  kernel: {
    key: 'peak copy',
    code: () => `
${bindings(['x', '=y'], ['size'])}
${entry()}
  if (at >= n.size) { return; }
  y[at] = x[at];
}`,
  },
  groups: spread(FLOATS),
  numbers: [FLOATS],
};

/** What the device reaches in kernels that do nothing else: arithmetic, and bytes read and written. */
export async function peaks(): Promise<{ gflops: number; gigabytes: number }> {
  const [short, x, y] = [output([THREADS]), output([FLOATS]), output([FLOATS])];
  const arithmetic = await time(() => launch(multiply, [short]));
  const moved = await time(() => launch(copy, [x, y]));
  tf.dispose([short, x, y]);
  return {
    gflops: (2 * THREADS * CHAINS * TURNS) / arithmetic / 1e6,
    gigabytes: (8 * FLOATS) / moved / 1e6,
  };
}

/** Median milliseconds of a launch until it is done. */
async function time(run: () => void): Promise<number> {
  const backend = tf.backend() as unknown as {
    device: GPUDevice;
    endComputePassEncoder(): void;
    submitQueue(): void;
  };
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = performance.now();
    run();
    backend.endComputePassEncoder();
    backend.submitQueue();
    await backend.device.queue.onSubmittedWorkDone();
    if (round > 0) times.push(performance.now() - started);
  }
  return median(times);
}
