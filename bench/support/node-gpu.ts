/** Kept for the life of the process: Dawn ends when its instance is collected. */
let instance: GPU | null = null;

/**
 * Gives Node a navigator.gpu (Dawn over Vulkan, Metal or Direct3D); call before tfjs is loaded, which looks for it only
 * then.
 *
 * @throws Error where the package has no binding for this system
 */
export async function provideGpu(): Promise<void> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  instance = create([]) as unknown as GPU;
  provideNavigator({ gpu: instance });
}

/** Sets properties of the global navigator. jax-js reads a user agent, which Node 20 has none of. */
export function provideNavigator(properties: object): void {
  const place = globalThis as { navigator?: object };
  const navigator = place.navigator ?? {};
  for (const [name, value] of Object.entries({ userAgent: 'Node', ...properties }))
    Object.defineProperty(navigator, name, { value, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}
