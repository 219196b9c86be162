import { trust } from './client-trust';
import workerAddress from './worker.ts?worker&url';
import type { FromWorker, ToWorker } from './protocol';

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

/** What moves to the worker instead of being copied: a person's own images, a network's weights. */
function buffersOf(message: ToWorker): ArrayBufferLike[] {
  const moved = (arrays: readonly ArrayBufferView[]) => [
    ...new Set(arrays.map(({ buffer }) => buffer)),
  ];
  switch (message.type) {
    case 'data': {
      const { pixels, sizes, labels, roles } = message.data;
      return moved([pixels, sizes, labels, ...(roles ? [roles] : [])]);
    }
    case 'teacherRead':
    case 'teacherAgain':
      return moved([...message.network.weights.values()]);
    default:
      return [];
  }
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
    post: (message) => worker.postMessage(message, buffersOf(message)),
    end: () => worker.terminate(),
  };
}
