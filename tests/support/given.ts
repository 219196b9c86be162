import type { Given, Reading } from '../../src/upload/given';

/** Bytes as a file that somebody gave. */
export function givenOf(path: string, bytes: Uint8Array | string): Given {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return {
    path,
    size: data.length,
    read: (from, to) => Promise.resolve(data.slice(from, to)),
  };
}

/** Reading that nobody watches. */
export const reading: Reading = { progress: () => undefined };
