import { faultOf } from '../recipe/errors';
import type { Given, ReadNetwork, Reading } from '../upload/given';
import { readTeacher } from '../upload/read';
import type { FromReader, Readable } from './protocol-reading';

/** Words of progress are at least so many milliseconds apart. */
const APART_MS = 50;

/**
 * Reads files and says how it goes; the same in a browser's worker and in a thread of Node. Every error becomes a fault.
 *
 * @param post sends a message; the buffers are handed over with it
 */
export async function answerReading(
  kind: keyof Readable,
  files: readonly Given[],
  post: (message: FromReader, buffers: ArrayBuffer[]) => void,
): Promise<void> {
  // What a file calls its things must never become properties of everything.
  Object.seal(Object.prototype);
  let last = -Infinity;
  const reading: Reading = {
    progress(what, share) {
      const now = Date.now();
      if (now - last < APART_MS) return;
      last = now;
      post({ type: 'progress', what, share }, []);
    },
  };
  try {
    const read = await READERS[kind](files, reading);
    post({ type: 'done', read }, buffersOf(read));
  } catch (thrown) {
    post({ type: 'failed', fault: faultOf(thrown) }, []);
  }
}

const READERS = { teacher: readTeacher } as const;

/** The buffers behind a network's weights, each once. */
function buffersOf({ weights }: ReadNetwork): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of weights.values()) if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  return [...buffers];
}
