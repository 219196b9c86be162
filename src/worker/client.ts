import workerAddress from './worker.ts?worker&url';
import type { FromWorker, OwnData, ToWorker } from './protocol';

/** The page's end of the wire. */
export interface WorkerLink {
  post(message: ToWorker): void;
  end(): void;
}

export interface WorkerEars {
  heard(message: FromWorker): void;
  /** The worker's script could not be loaded or threw outside any run; it will not answer any more. */
  lost(detail: string): void;
}

/** The parts of Trusted Types that are used here; they are not in every browser and not in TypeScript's library. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

let trusted: ((address: string) => string) | null = null;

/** Passes the worker's address through the page's one policy, which accepts nothing but this site. */
function trust(address: string): string {
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

/** What moves to the worker instead of being copied. */
function buffersOf({ pixels, sizes, labels, roles }: OwnData): ArrayBufferLike[] {
  return [pixels, sizes, labels, ...(roles ? [roles] : [])].map(({ buffer }) => buffer);
}

/** Starts the worker. Messages posted before its script has loaded wait for it. */
export function startWorker(ears: WorkerEars): WorkerLink {
  const worker = new Worker(trust(workerAddress), { type: 'module', name: 'training' });
  worker.addEventListener('message', (event: MessageEvent<FromWorker>) => ears.heard(event.data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    ears.lost(event.message || 'its script could not be loaded');
  });
  worker.addEventListener('messageerror', () => ears.lost('a message could not be read'));
  return {
    post: (message) =>
      worker.postMessage(message, message.type === 'data' ? buffersOf(message.data) : []),
    end: () => worker.terminate(),
  };
}
