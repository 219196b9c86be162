import type { Given } from '../../../src/upload/given';

/** Bytes in memory as a file that somebody gave. */
export function givenOf(path: string, bytes: Uint8Array): Given {
  return {
    path,
    size: bytes.length,
    read: (from, to) => Promise.resolve(bytes.slice(from, to)),
  };
}
