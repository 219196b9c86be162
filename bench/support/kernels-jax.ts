import { blockUntilReady, jit, lax, numpy as np, vjp } from '@jax-js/jax';
import type { KernelSetup } from '../timing/job';
import type { Place, Run, Tensors } from './cells';
import { startJax } from './jax-js';
import { normalise } from './jax-net';
import { inputsOf } from './kernels-inputs';

const conv = (x: np.Array, filter: np.Array): np.Array =>
  lax.convGeneralDilated(
    x,
    filter,
    [1, 1],
    [
      [1, 1],
      [1, 1],
    ],
  );

/** A kernel in jax-js, compiled: channels first, as its convolutions want them. */
export async function jaxKernel(setup: KernelSetup, place: Place): Promise<Run> {
  await startJax(place);
  const { batch, side, channels } = setup;
  const inputs = inputsOf(setup);
  const array = (values: Float32Array, shape: number[]) =>
    np.array(new Float32Array(values), { shape });
  const image = (values: Float32Array) =>
    np.transpose(array(values, [batch, side, side, channels]), [0, 3, 1, 2]);
  const x = image(inputs.x);
  const dy = image(inputs.dy);
  const filter = np.transpose(array(inputs.filter, [3, 3, channels, channels]), [3, 2, 0, 1]);
  const gamma = array(inputs.gamma, [channels]);
  const beta = array(inputs.beta, [channels]);
  await blockUntilReady([x, dy, filter, gamma, beta]);
  const compute = computation(setup);
  let last: Record<string, np.Array> = {};
  return {
    prepare: () => undefined,
    step() {
      for (const array of Object.values(last)) array.dispose();
      last = compute({
        x: x.ref,
        dy: dy.ref,
        filter: filter.ref,
        gamma: gamma.ref,
        beta: beta.ref,
      });
      return Promise.resolve();
    },
    async submit() {
      await blockUntilReady(last);
    },
    async finish() {
      await blockUntilReady(last);
    },
    results: () => read(last),
  };
}

type Given = Record<'x' | 'dy' | 'filter' | 'gamma' | 'beta', np.Array>;

function computation({ kernel }: KernelSetup): (given: Given) => Record<string, np.Array> {
  const free = (...arrays: np.Array[]) => arrays.forEach((array) => array.dispose());
  switch (kernel) {
    case 'conv':
      return jit(({ x, dy, filter, gamma, beta }: Given) => {
        free(dy, gamma, beta);
        return { y: conv(x, filter) };
      });
    case 'conv dx':
      return jit(({ x, dy, filter, gamma, beta }: Given) => {
        free(gamma, beta);
        const [y, back] = vjp((input: np.Array) => conv(input, filter), [x]);
        y.dispose();
        const [dx] = back(dy) as [np.Array];
        back.dispose();
        return { dx };
      });
    case 'conv dw':
      return jit(({ x, dy, filter, gamma, beta }: Given) => {
        free(gamma, beta);
        const [y, back] = vjp((weights: np.Array) => conv(x, weights), [filter]);
        y.dispose();
        const [dw] = back(dy) as [np.Array];
        back.dispose();
        return { dw };
      });
    case 'batch norm':
      return jit(({ x, dy, filter, gamma, beta }: Given) => {
        free(filter);
        const norm = (input: np.Array, scale: np.Array, shift: np.Array) => {
          const { out, mean, variance } = normalise(input, scale, shift);
          free(mean, variance);
          return out;
        };
        const [y, back] = vjp(norm, [x, gamma, beta]);
        const [dx, dGamma, dBeta] = back(dy) as [np.Array, np.Array, np.Array];
        back.dispose();
        return { y, dx, dGamma, dBeta };
      });
    default:
      throw new Error(`${kernel} is not compared with jax-js`);
  }
}

/** Outputs in the engine's layout. */
async function read(outputs: Record<string, np.Array>): Promise<Tensors> {
  const found = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [name, array] of Object.entries(outputs)) {
    const order = name === 'dw' ? [2, 3, 1, 0] : [0, 2, 3, 1];
    const ours = array.shape.length === 4 ? np.transpose(array.ref, order) : array.ref;
    const { shape } = ours;
    found.set(name, { shape, values: Float32Array.from((await ours.data()) as Float32Array) });
  }
  return found;
}
