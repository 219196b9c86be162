import { faultOf } from '../recipe/errors';
import { countParameters } from '../models/net/graph';
import type { OwnData } from '../recipe/own-data';
import { digestOf } from '../upload/digest';
import type { Decode } from '../upload/data/decode';
import type { Given, Reading } from '../upload/given';
import type { FromReader, Readable, ReadTeacher } from './protocol-reading';

/** Words of progress are at least so many milliseconds apart. */
const APART_MS = 50;

/**
 * Reads files and says how it goes; the same in a browser's worker and in a thread of Node. Every error becomes a fault.
 *
 * @param post sends a message; the buffers are handed over with it
 * @param decode decodes image files; null where nothing can
 */
export async function answerReading(
  kind: keyof Readable,
  files: readonly Given[],
  post: (message: FromReader, buffers: ArrayBuffer[]) => void,
  decode: Decode | null = null,
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
    const read = await READERS[kind](files, reading, decode);
    post({ type: 'done', read }, buffersOf(read));
  } catch (thrown) {
    post({ type: 'failed', fault: faultOf(thrown) }, []);
  }
}

/** Each kind's reader, loaded where it is needed. */
const READERS = {
  async teacher(files: readonly Given[], reading: Reading): Promise<ReadTeacher> {
    const { readTeacher } = await import('../upload/read');
    const network = await readTeacher(files, reading);
    const sha256 = await digestOf(files, reading);
    return { ...network, sha256, parameters: countParameters(network.graph) };
  },
  async data(files: readonly Given[], reading: Reading, decode: Decode | null): Promise<OwnData> {
    const { readData } = await import('../upload/data/read');
    return readData(files, decode, reading);
  },
} as const;

/** The buffers behind a network's weights or behind images, each once. */
function buffersOf(read: Readable[keyof Readable]): ArrayBuffer[] {
  const arrays =
    'weights' in read
      ? [
          ...read.weights.values(),
          ...[...(read.plain?.tensors.values() ?? [])].map(({ values }) => values),
        ]
      : [read.pixels, read.sizes, read.labels, ...(read.roles ? [read.roles] : [])];
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of arrays) if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  return [...buffers];
}
