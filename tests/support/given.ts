import { fromBytes } from '../../src/upload/bytes';
import type { Given, Reading } from '../../src/upload/given';

/** Bytes as a file that somebody gave. */
export const givenOf = (path: string, bytes: Uint8Array | string): Given =>
  fromBytes(path, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);

/** Reading that nobody watches. */
export const reading: Reading = { progress: () => undefined };
