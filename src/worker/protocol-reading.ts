/** What passes between whoever reads a stranger's files and the worker that does it: types only. */
import type { Fault } from '../recipe/errors';
import type { OwnData } from '../recipe/own-data';
import type { ReadNetwork } from '../upload/given';

export type { ReadNetwork };

/** A network, and what is known of it before anybody has asked it anything. */
export interface ReadTeacher extends ReadNetwork {
  /** Of all files that were given (upload/digest.ts). */
  readonly sha256: string;
  readonly parameters: number;
}

/** What may be read, each with what comes of it. */
export interface Readable {
  readonly teacher: ReadTeacher;
  readonly data: OwnData;
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
