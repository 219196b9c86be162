import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startBackend } from '../../src/gpu/backend';
import { selfTest } from '../../src/gpu/selftest';
import type { DeviceReport } from '../../src/recipe/device';
import { UserError } from '../../src/recipe/errors';
import { useBackend } from '../support/backends';

/** Puts another `navigator.gpu` in the place of the real one. */
function withGpu(gpu: object | undefined): void {
  vi.stubGlobal('navigator', { gpu });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What a start says that finds nothing. */
async function refusal(wanted: 'webgpu' | 'webgl' | 'wasm'): Promise<UserError> {
  try {
    await startBackend({ wanted });
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown;
    throw thrown;
  }
  throw new Error(`${wanted} started`);
}

describe('a start', () => {
  let asked: DeviceReport;
  beforeAll(async () => {
    asked = await useBackend('webgpu');
  });

  it('takes WebGPU that is asked for, and says whether it is software', () => {
    expect(asked.backend).toBe('webgpu');
    expect(asked.software).toBe(/swiftshader|llvmpipe|lavapipe/i.test(asked.adapter));
    expect(asked.refused).toEqual([]);
    expect(asked.selfTest.passed).toBe(true);
    expect(asked.selfTest.worst).toBeLessThan(1e-4);
  });

  it('of its own accord never takes software WebGPU, and says why in a sentence', async () => {
    const chosen = await startBackend({ wanted: null });
    const sentences = asked.software
      ? [
          `The only WebGPU adapter is software (${asked.adapter}), slower than WebAssembly.`,
          'This browser has no WebGL here.',
        ]
      : [];
    expect(chosen.refused).toEqual(sentences);
    expect(chosen.backend).toBe(asked.software ? 'wasm' : 'webgpu');
    expect(tf.getBackend()).toBe(chosen.backend);
  });

  it('takes cpu where it is asked for', async () => {
    expect(await startBackend({ wanted: 'cpu' })).toMatchObject({ backend: 'cpu', refused: [] });
  });

  it.each([
    ['no WebGPU', undefined, 'This browser has no WebGPU.'],
    ['no adapter', { requestAdapter: () => Promise.resolve(null) }, 'found no graphics adapter'],
    [
      'an adapter that fails',
      { requestAdapter: () => Promise.reject(new Error('blocked')) },
      'found no graphics adapter',
    ],
  ])('refuses in a sentence: %s', async (_, gpu, words) => {
    withGpu(gpu);
    const { code, message } = await refusal('webgpu');
    expect(code).toBe('E_NO_BACKEND');
    expect(message).toMatch(/^Nothing here can train: .*\.$/);
    expect(message).toContain(words);
  });

  it('waits for an adapter that never answers for some seconds only', async () => {
    vi.useFakeTimers();
    const requestAdapter = vi.fn<() => Promise<null>>(() => new Promise(() => undefined));
    withGpu({ requestAdapter });
    const answer = refusal('webgpu');
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect((await answer).message).toContain('found no graphics adapter');
    expect(requestAdapter).toHaveBeenCalledTimes(2);
  });

  it('knows that Node has no WebGL', async () => {
    expect((await refusal('webgl')).message).toContain('no WebGL');
  });
});

describe.each(['wasm', 'webgpu'] as const)('the self-test on %s', (backendName) => {
  beforeAll(async () => {
    await useBackend(backendName);
  });

  /** Runs something while a kernel of the backend gives zeros. */
  async function withZeros<T>(kernelName: string, run: () => Promise<T>): Promise<T> {
    const kernel = tf.getKernel(kernelName, backendName);
    const shapeOf = { Conv2DBackpropFilter: 'filterShape', Conv2DBackpropInput: 'inputShape' };
    const key = shapeOf[kernelName as keyof typeof shapeOf];
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: ({ attrs }) => tf.zeros((attrs as unknown as Record<string, number[]>)[key]!),
    });
    try {
      return await run();
    } finally {
      tf.unregisterKernel(kernelName, backendName);
      tf.registerKernel(kernel);
    }
  }

  it.each(['Conv2DBackpropFilter', 'Conv2DBackpropInput'])(
    'fails where %s gives zeros, and passes again without',
    async (kernelName) => {
      const broken = await withZeros(kernelName, selfTest);
      expect(broken.passed).toBe(false);
      expect(broken.worst).toBeGreaterThan(0.1);
      expect((await selfTest()).passed).toBe(true);
    },
  );

  it('leaves no tensor behind', async () => {
    await selfTest();
    const before = tf.memory().numTensors;
    await selfTest();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps a backend with a broken kernel from being taken', async () => {
    const { message } = await withZeros('Conv2DBackpropFilter', () => refusal(backendName));
    expect(message).toMatch(
      /computes wrong gradients here \(off by \S+\), a fault of its driver\.$/,
    );
  });
});
