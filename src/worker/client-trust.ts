/** The parts of Trusted Types that are used here; they are not in every browser and not in TypeScript's library. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

let trusted: ((address: string) => string) | null = null;

/** Passes a worker's address through the page's one policy, which accepts nothing but this site. */
export function trust(address: string): string {
  if (trusted === null) {
    const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
    const check = (given: string) => {
      if (new URL(given, location.href).origin === location.origin) return given;
      throw new TypeError(`a worker from another site was refused: ${given}`);
    };
    const policy = factory?.createPolicy('extracurricular-worker', { createScriptURL: check });
    trusted = policy ? (given) => policy.createScriptURL(given) : check;
  }
  return trusted(address);
}
