import { open, stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Given } from '../../src/upload/given';
import type { FromReader } from '../../src/worker/protocol-reading';
import { answerReading } from '../../src/worker/reading';
import type { PathOnDisk } from '../support/read-teacher';

/** A file on disk, opened for every piece that is read of it. */
async function fromDisk({ path, at }: PathOnDisk): Promise<Given> {
  const { size } = await stat(at);
  return {
    path,
    size,
    async read(from, to) {
      const handle = await open(at);
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

const post = (message: FromReader, buffers: ArrayBuffer[]) =>
  parentPort?.postMessage(message, buffers);
const files = await Promise.all((workerData as readonly PathOnDisk[]).map(fromDisk));
await answerReading('teacher', files, post);
