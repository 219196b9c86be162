import type { Values } from '../net/builder';
import type { Said } from './sequence';

/** What is known of a tensor before its numbers are read. */
export interface Stored {
  readonly shape: readonly number[];
  /** As the file calls its numbers, for sentences: "float16". */
  readonly type: string;
}

/** The tensors of a file by name, and how their numbers are had. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Stored>;
  /** Free text beside them. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly repairs: readonly string[];
  readonly remarks: readonly string[];
  /** What a pickled model says of its layers beside their weights; absent where it holds weights alone. */
  readonly said?: Said;
  /** Reads the numbers of some of them as float32, in the order of C: the last axis is the fastest. */
  load(names: readonly string[]): Promise<ReadonlyMap<string, Values>>;
}
