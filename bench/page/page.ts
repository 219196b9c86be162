import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import type { Place, Run } from '../support/cells';
import { findAdapter } from '../support/adapter';
import type { Adapter } from '../support/adapter';
import { wasmFiles } from '../support/wasm-files';
import type { Peer, Task, Way } from '../timing/job';
import type { Timed } from '../timing/protocol';
import { startRun, timed } from '../timing/start-run';

/** What the benchmark calls in a page of its own for each implementation. */
export interface BenchPage {
  adapter(place: Place): Promise<Adapter | null>;
  start(task: Task, peer: Peer | Way, place: Place): Promise<void>;
  steps(count: number): Promise<Timed>;
  /** Tensors by name: shape and values. */
  results(): Promise<readonly (readonly [string, readonly number[], readonly number[]])[]>;
}

const absolute = (url: string) => new URL(url, location.href).href;
wasmFiles.paths = {
  'tfjs-backend-wasm.wasm': absolute(plain),
  'tfjs-backend-wasm-simd.wasm': absolute(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': absolute(threaded),
};

let run: Run | null = null;

function running(): Run {
  if (!run) throw new Error('nothing was started');
  return run;
}

const page: BenchPage = {
  adapter: findAdapter,
  async start(task, peer, place) {
    run = await startRun(task, peer, place);
  },
  steps: (count) => timed(running(), count),
  async results() {
    const tensors = await running().results();
    return [...tensors].map(([name, { shape, values }]) => [name, shape, Array.from(values)]);
  },
};

Object.assign(globalThis, { bench: page });
