/** What passes between whoever reads a stranger's files and the worker that does it: types only. */
import type { Fault } from '../recipe/errors';
import type { ReadNetwork } from '../upload/given';

export type { ReadNetwork };

/** What may be read, each with what comes of it. */
export interface Readable {
  readonly teacher: ReadNetwork;
}

/** The one message to the browser's worker; a worker reads once and ends. */
export interface ToReader {
  readonly kind: keyof Readable;
  readonly files: readonly { readonly path: string; readonly blob: Blob }[];
}

export type FromReader =
  | { readonly type: 'progress'; readonly what: string; readonly share: number }
  | { readonly type: 'done'; readonly read: Readable[keyof Readable] }
  | { readonly type: 'failed'; readonly fault: Fault };
