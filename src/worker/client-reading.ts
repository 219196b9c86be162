import { UserError } from '../recipe/errors';
import { supervise } from './client-supervise';
import type { ReadingEars, ReadingRun } from './client-supervise';
import { trust } from './client-trust';
import type { FromReader, Readable, ToReader } from './protocol-reading';
import readerAddress from './reader.ts?worker&url';

/**
 * Reads files that somebody chose or dropped, in a worker of its own that is started for them and ends with them. Nothing
 * leaves the computer.
 */
export function readInWorker<K extends keyof Readable>(
  files: ToReader['files'],
  kind: K,
  ears: ReadingEars = {},
): ReadingRun<Readable[K]> {
  const message: ToReader = { kind, files };
  return supervise<K>((wire) => {
    const worker = new Worker(trust(readerAddress), { type: 'module', name: 'reading' });
    worker.addEventListener('message', (event: MessageEvent<FromReader>) => wire.heard(event.data));
    worker.addEventListener('messageerror', () => wire.lost(lost('its answer could not be read')));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      wire.lost(lost(event.message || 'its script could not be loaded'));
    });
    worker.postMessage(message);
    return () => worker.terminate();
  }, ears);
}

function lost(detail: string): UserError {
  return new UserError(
    'E_UPLOAD_WORKER',
    'The worker that reads files ended by itself.',
    'The file may need more memory than there is. Close other tabs, or choose a smaller network.',
    { cause: detail },
  );
}
