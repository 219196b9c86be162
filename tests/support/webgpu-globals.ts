import { create, globals } from 'webgpu';

/** Before any test of the GPU loads tfjs, which registers its WebGPU backend only where it finds a navigator.gpu. */
Object.assign(globalThis, globals);
const navigator: object = (globalThis as { navigator?: object }).navigator ?? {};
Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
