import type { Place } from './cells';

/** An adapter in words, and whether it is software. */
export interface Adapter {
  readonly words: string;
  readonly software: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/** What a place computes on, or null where it is not to be had. WebAssembly is one thread of the processor. */
export async function findAdapter(place: Place): Promise<Adapter | null> {
  if (place === 'webgpu') return gpuAdapter();
  if (place === 'webgl') return glRenderer();
  return { words: place === 'wasm' ? '1 thread' : place, software: false };
}

async function gpuAdapter(): Promise<Adapter | null> {
  const found = await globalThis.navigator?.gpu?.requestAdapter();
  if (!found) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = found.info;
  const words = [vendor, architecture, device, description].filter((word) => word !== '');
  const named = [...new Set(words)].join(' ');
  return { words: named, software: isFallbackAdapter || SOFTWARE.test(named) };
}

function glRenderer(): Adapter | null {
  if (typeof OffscreenCanvas === 'undefined') return null;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return null;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { words: String(renderer), software: SOFTWARE.test(String(renderer)) };
}
