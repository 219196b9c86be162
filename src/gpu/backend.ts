import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { BackendName, DeviceReport } from '../recipe/device';
import { UserError, saysMemory } from '../recipe/errors';
import { disposeConstants } from './constants';
import { reasonOf, requireSettled, watch, watchNothing } from './health';
import type { Watch } from './health';
import { registerOverrides } from './overrides/webgpu';
import { OPTIONAL_FEATURES } from './precision';
import { selfTest } from './selftest';
import { registerWasmGradients } from './wasm/gradients';
import { guardMemory } from './wasm/memory';

export interface BackendOptions {
  /** A backend that was asked for by name: software adapters included, and only that one is tried. */
  readonly wanted: BackendName | null;
  /** The wanted one was there before and may be gone for good: the others are tried after it. */
  readonly orElse?: boolean;
  /** Where the WebAssembly binaries are, by file name; undefined where the package finds them itself (Node). */
  readonly wasmPaths?: Readonly<Record<string, string>>;
  /**
   * Called at most once, when the backend that was taken is of no use any more: the GPU was taken away, has no memory
   * left or refused a command. What follows would be wrong numbers.
   */
  broken?(trouble: UserError): void;
}

interface Candidate {
  readonly adapter: string;
  readonly software: boolean;
  /** None for the processor. */
  readonly watch?: Watch;
}

/** Names under which software renderers show up. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;
/** An adapter that has not come by then is taken for none: some browsers never answer. */
const ADAPTER_MS = 3000;
/** A good GPU may say "none" in the first moments of a page. */
const AGAIN_MS = 250;
const ORDER: readonly BackendName[] = ['webgpu', 'webgl', 'wasm'];

/** A backend that is not to be had, with the reason as one sentence. */
class Refused extends Error {}

/**
 * Starts a backend to train on: WebGPU on a real adapter, else WebGL on a real GPU, else WebAssembly; each has to pass
 * the gradient self-test. A backend asked for by name is the only one tried, or the first.
 *
 * @throws UserError where none trains
 */
export async function startBackend(options: BackendOptions): Promise<DeviceReport> {
  const refused: string[] = [];
  for (const name of namesFor(options)) {
    try {
      watchNothing();
      const { watch: watched, ...candidate } = await start[name](options);
      if (tf.getBackend() !== name)
        throw new Refused(`${title[name]} did not start: tfjs stayed on ${tf.getBackend()}.`);
      const result = await selfTest();
      if (!result.passed)
        throw new Refused(
          `${title[name]} computes wrong gradients here (off by ${result.worst.toExponential(1)}), a fault of its driver.`,
        );
      await requireSettled();
      watched?.telling((trouble) => options.broken?.(trouble));
      return { backend: name, ...candidate, selfTest: result, refused };
    } catch (thrown) {
      const reason = await reasonOf(thrown);
      watchNothing();
      refused.push(
        reason instanceof Refused
          ? reason.message
          : `${title[name]} failed to start: ${sentence(reason)}`,
      );
    }
  }
  throw new UserError(
    'E_NO_BACKEND',
    `Nothing here can train: ${refused.join(' ')}`,
    'Try a current Chrome, Edge, Firefox or Safari.',
  );
}

/** What was thrown, with one full stop at its end. */
function sentence(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return `${message.replace(/\.$/, '')}.`;
}

function namesFor({ wanted, orElse = false }: BackendOptions): readonly BackendName[] {
  if (!wanted) return ORDER;
  return orElse ? [wanted, ...ORDER.filter((name) => name !== wanted)] : [wanted];
}

const title: Record<BackendName, string> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'Plain JavaScript',
};

const start: Record<BackendName, (options: BackendOptions) => Promise<Candidate>> = {
  webgpu: startWebGpu,
  webgl: startWebGl,
  wasm: startWasm,
  async cpu() {
    await tf.setBackend('cpu');
    return { adapter: 'plain JavaScript', software: true };
  },
};

async function startWebGpu(options: BackendOptions): Promise<Candidate> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) throw new Refused('This browser has no WebGPU.');
  const adapter = (await adapterOf(gpu)) ?? (await after(AGAIN_MS, () => adapterOf(gpu)));
  if (!adapter) throw new Refused('WebGPU found no graphics adapter.');
  const { info } = adapter;
  const words = [info.vendor, info.architecture, info.device, info.description];
  const named = [...new Set(words.filter((word) => word !== ''))].join(' ');
  const software = info.isFallbackAdapter || SOFTWARE.test(named);
  if (software && options.wanted !== 'webgpu')
    throw new Refused(`The only WebGPU adapter is software (${named}), slower than WebAssembly.`);
  const { limits, features } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
  const watched = watch({ settle: () => device.queue.onSubmittedWorkDone() });
  // Whatever the reason, "destroyed" too: nobody here destroys a device that trains.
  void device.lost.then(({ reason, message }) => watched.befall('lost', `${reason}: ${message}`));
  // tfjs makes its pipelines without waiting for errors: a shader that fails would silently give zeros.
  device.onuncapturederror = ({ error }) =>
    watched.befall(saysMemory(error) ? 'memory' : 'refused', error.message);
  // tfjs registers its own device under the name its kernels are registered for: ours takes that name.
  disposeConstants('webgpu');
  registerOverrides();
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, info), 5);
  await tf.setBackend('webgpu');
  return { adapter: named === '' ? 'unnamed adapter' : named, software, watch: watched };
}

async function adapterOf(gpu: GPU): Promise<GPUAdapter | null> {
  const silence = new Promise<null>((resolve) => setTimeout(() => resolve(null), ADAPTER_MS));
  // A block-listed browser throws instead of answering null.
  return Promise.race([gpu.requestAdapter().catch(() => null), silence]);
}

async function after<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return work();
}

async function startWebGl(options: BackendOptions): Promise<Candidate> {
  if (typeof OffscreenCanvas === 'undefined') throw new Refused('This browser has no WebGL here.');
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) throw new Refused('This browser has no WebGL 2.');
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  const named = String(renderer);
  const software = SOFTWARE.test(named);
  if (software && options.wanted !== 'webgl')
    throw new Refused(`The only WebGL is software (${named}), slower than WebAssembly.`);
  // A file of its own in the browser: the backend registers itself, under Node long before.
  await import('@tensorflow/tfjs-backend-webgl');
  await tf.setBackend('webgl');
  return { adapter: named, software, watch: watchWebGl() };
}

/** A lost context computes nothing and lets whoever waits for it wait for ever: its event is the only word of it. */
function watchWebGl(): Watch {
  const { gpgpu } = tf.backend() as unknown as {
    gpgpu: { gl: WebGL2RenderingContext & { readonly canvas: EventTarget } };
  };
  const { gl } = gpgpu;
  const lost = () => watched.befall('lost', 'the WebGL context was lost');
  const watched = watch({
    async settle() {
      if (gl.getError() === gl.OUT_OF_MEMORY) watched.befall('memory', 'WebGL: OUT_OF_MEMORY');
    },
    look() {
      if (gl.isContextLost()) lost();
    },
  });
  gl.canvas.addEventListener('webglcontextlost', lost);
  return watched;
}

async function startWasm(options: BackendOptions): Promise<Candidate> {
  if (options.wasmPaths) setWasmPaths({ ...options.wasmPaths });
  // The threaded build needs blob: workers and hangs without them; single-threaded SIMD is what is promised.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setThreadsCount(1);
  registerWasmGradients();
  if (!(await tf.setBackend('wasm'))) throw new Refused('WebAssembly did not start.');
  guardMemory();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { adapter: simd ? 'processor, SIMD' : 'processor, without SIMD', software: false };
}
