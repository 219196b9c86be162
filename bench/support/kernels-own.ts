import * as tf from '@tensorflow/tfjs';
import { startBackend } from '../../src/gpu/backend';
import { fence } from '../../src/gpu/fence';
import { squareGeometry } from '../../src/gpu/kernels/geometry';
import {
  PLAIN,
  convFilterGradient,
  convForward,
  convInputGradient,
  sumSplits,
} from '../../src/gpu/kernels/conv';
import { launch, output } from '../../src/gpu/kernels/launch';
import { normLayer } from '../../src/gpu/ops/layers';
import { FlatParameters } from '../../src/gpu/ops/parameters';
import type { KernelSetup } from '../timing/job';
import type { Run } from './cells';
import { inputsOf } from './kernels-inputs';
import { tensorRun, tensorsOf } from './kernels-plain';
import type { KernelTensors } from './kernels-plain';
import { finishStock } from './stock-backend';

/** A kernel of ours on WebGPU, launched as the layers launch it. */
export async function ownKernel(setup: KernelSetup): Promise<Run> {
  await startBackend({ wanted: 'webgpu' });
  const tensors = tensorsOf(setup);
  const { channels } = setup;
  const { gamma, beta } = inputsOf(setup);
  // As the engine keeps a network's weights: filters with input and output channels exchanged for the way back.
  const swapped = tf.keep(tf.tidy(() => tf.transpose(tensors.filter, [0, 1, 3, 2])));
  const weight = (role: string, values: Float32Array, kind: 'other' | 'moving') => ({
    name: `${NORM}.${role}`,
    shape: [channels],
    values,
    role: kind,
  });
  const parameters = new FlatParameters([
    weight('gamma', gamma, 'other'),
    weight('beta', beta, 'other'),
    weight('mean', new Float32Array(channels), 'moving'),
    weight('variance', new Float32Array(channels).fill(1), 'moving'),
  ]);
  const handle = tf.keep(tf.scalar(0));
  const run = tensorRun(
    () => launches(setup, tensors, { swapped, parameters, handle }),
    fence,
    finishStock,
  );
  if (setup.kernel !== 'batch norm') return run;
  return {
    ...run,
    async results() {
      const found = new Map(await run.results());
      for (const [name, role] of [
        ['dGamma', 'gamma'],
        ['dBeta', 'beta'],
      ] as const) {
        const gradient = parameters.gradientOf(`${NORM}.${role}`);
        const values = (await gradient.data()) as Float32Array;
        found.set(name, { shape: [channels], values });
        gradient.dispose();
      }
      return found;
    },
  };
}

const NORM = 'norm';

function launches(
  { kernel, channels }: KernelSetup,
  { image, filterShape, x, dy, filter }: KernelTensors,
  {
    swapped,
    parameters,
    handle,
  }: {
    swapped: tf.Tensor;
    parameters: FlatParameters;
    handle: tf.Scalar;
  },
): Record<string, tf.Tensor> {
  const g = squareGeometry(image, channels, 3, 1, 1);
  switch (kernel) {
    case 'conv': {
      const y = output(image);
      launch(convForward(g, PLAIN), [x, filter, y]);
      return { y };
    }
    case 'conv dx': {
      const dx = output(image);
      launch(convInputGradient(g, true), [dy, swapped, dx]);
      return { dx };
    }
    case 'conv dw': {
      const program = convFilterGradient(g);
      const size = 9 * channels * channels;
      const partial = output([program.splits, size]);
      const dw = output(filterShape);
      launch(program, [x, dy, partial]);
      launch(sumSplits(size, program.splits), [partial, dw]);
      return { dw };
    }
    case 'batch norm': {
      let y: tf.Tensor | null = null;
      const layer = (input: tf.Tensor) => {
        y = tf.keep(normLayer(input, null, parameters, handle, NORM, false));
        return y;
      };
      // The layer frees the dy that it is given.
      const dx = tf.grad(layer)(x, tf.clone(dy));
      return { y: y as unknown as tf.Tensor, dx };
    }
    default:
      throw new Error(`there is no kernel of ours for ${kernel}`);
  }
}
