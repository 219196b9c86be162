import * as tf from '@tensorflow/tfjs';

/** What is used here of the module that emscripten made. */
interface Module {
  _malloc(bytes: number): number;
  _free(at: number): void;
  onAbort?(what: unknown): void;
  readonly HEAPU8: Uint8Array;
}

/** A module that ends itself with more memory than this has no room left: 4 GiB is all that there is. */
const NEARLY_ALL = 3.5 * 2 ** 30;

const guarded = new WeakSet<Module>();

/**
 * Lets the current backend, WebAssembly, throw a RangeError where it has no memory left. tfjs takes the address 0, which
 * says that, for a place to write to: the weights of other networks would be overwritten without a word.
 */
export function guardMemory(): void {
  const { wasm } = tf.backend() as unknown as { wasm: Module };
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // The first call puts another function in its own place.
  wasm._free(wasm._malloc(8));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const at = malloc(bytes);
    if (at === 0 && bytes > 0) throw full(bytes);
    return at;
  };
  wasm.onAbort = () => {
    if (wasm.HEAPU8.byteLength > NEARLY_ALL) throw full();
  };
}

function full(bytes?: number): RangeError {
  const wanted = bytes === undefined ? '' : ` by ${bytes} bytes`;
  return new RangeError(`WebAssembly: the memory could not grow${wanted}`);
}
