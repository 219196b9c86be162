import { parentPort, workerData } from 'node:worker_threads';
import { fuzzOne } from '../support/fuzz/fuzz';
import type { FuzzShare, FuzzWord } from '../support/fuzz/pool';

const EACH = 50;

const { seed, from, step, end, skip, now } = workerData as FuzzShare;
const at = new Int32Array(now);
const post = (word: FuzzWord) => parentPort?.postMessage(word);
const refuseRequest = (): never => {
  throw new Error('a file made a request');
};
for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket'])
  Object.defineProperty(globalThis, name, { value: refuseRequest });
const own = () => Reflect.ownKeys(Object.prototype).map(String).toSorted().join();
const before = own();

let outcomes: FuzzWord['outcomes'] = [];
for (let index = from; index < end; index += step) {
  if (skip.includes(index)) continue;
  Atomics.store(at, 0, index);
  const outcome = await fuzzOne(seed, index);
  const spoiled = own() !== before;
  outcomes.push({ index, ...outcome, ...(spoiled && { what: 'failed', why: 'Object.prototype' }) });
  if (outcomes.length === EACH) {
    post({ outcomes });
    outcomes = [];
    // Lets the wire be written.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
post({ outcomes });
