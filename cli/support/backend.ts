import type { BackendName, DeviceReport } from '../../src/recipe/device';
import { UserError } from '../../src/recipe/errors';

const NAMES: readonly BackendName[] = ['webgpu', 'wasm', 'cpu'];

/** Reads a --backend value. @throws UserError on one that does not exist under Node */
export function backendNamed(name: string | undefined): BackendName | null {
  if (name === undefined) return null;
  const found = NAMES.find((entry) => entry === name);
  if (found) return found;
  throw new UserError('E_USAGE', `--backend is "${name}", allowed is ${NAMES.join(', ')}.`);
}

/**
 * Starts a backend under Node: WebGPU through Dawn where a Vulkan driver is there, else WebAssembly. tfjs reads the
 * WebGPU globals when it is loaded, so they are set before it is imported.
 */
export async function startNodeBackend(wanted: BackendName | null): Promise<DeviceReport> {
  if (wanted === null || wanted === 'webgpu') await provideWebGpu();
  quiet();
  const { startBackend } = await import('../../src/gpu/backend');
  return startBackend({
    wanted,
    // What is going on fails by itself, soon; this is for work that neither ends a step nor reads a figure.
    broken: (trouble) =>
      void new Promise((_, reject) => setTimeout(() => reject(trouble), GRACE_MS)),
  });
}

/** Milliseconds in which a command may end in its own way after the device has failed. */
const GRACE_MS = 2000;

/** Kept for the life of the process: Dawn ends when its instance is collected. */
let instance: GPU | null = null;

async function provideWebGpu(): Promise<void> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    instance = create([]) as unknown as GPU;
    const place = globalThis as { navigator?: object };
    const navigator = place.navigator ?? {};
    Object.defineProperty(navigator, 'gpu', { value: instance, configurable: true });
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  } catch {
    // No binding for this platform: navigator.gpu stays away and startBackend says that there is no WebGPU.
  }
}

/** tfjs advises Node users on stderr to install another package; that advice is none here. */
function quiet(): void {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Hi, looks like you are running TensorFlow.js')) warn(...words);
  };
}
