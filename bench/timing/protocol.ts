import type { Place } from '../support/cells';
import type { Peer, Task, Way } from './job';

/** What the command asks of a process that takes the steps; one JSON line each, answered by one JSON line. */
export type Request =
  | {
      readonly do: 'start';
      readonly task: Task;
      readonly peer: Peer | Way;
      readonly place: Place;
    }
  | { readonly do: 'steps'; readonly count: number }
  /** Writes the weights (or a kernel's outputs) as safetensors. */
  | { readonly do: 'results'; readonly file: string };

/** The times of a few steps, taken together. */
export interface Timed {
  /** From the first call until the device was done, in milliseconds. */
  readonly ms: number;
  /** Time in the calls themselves, without waiting for the device. */
  readonly jsMs: number;
  /** Processor time of the whole process, garbage collection and compilation included; null in a page. */
  readonly cpuMs: number | null;
}

/** What was started, in words: "SwiftShader Device (LLVM 16)", "1 thread". */
export interface Started {
  readonly device: string;
}
