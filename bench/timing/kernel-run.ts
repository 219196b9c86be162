import type { Place, Run } from '../support/cells';
import type { KernelSetup, Peer, Way } from './job';

/** A lone kernel as something to be stepped. Only the code that is timed is loaded. */
export async function kernelRun(setup: KernelSetup, peer: Peer | Way, place: Place): Promise<Run> {
  if (place === 'wasm') {
    const { wasmKernel } = await import('../support/kernels-wasm');
    return wasmKernel(setup, peer);
  }
  if (peer === 'jax-js') {
    const { jaxKernel } = await import('../support/kernels-jax');
    return jaxKernel(setup, place);
  }
  if (peer === 'extracurricular') {
    const { ownKernel } = await import('../support/kernels-own');
    return ownKernel(setup);
  }
  const { plainKernel } = await import('../support/kernels-plain');
  return plainKernel(setup, place);
}
