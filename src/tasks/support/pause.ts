/**
 * For long work on one thread: a function to await now and then. Each 50 ms it lets the event loop run, so that
 * messages (a stop, say) come through, and throws if the work was aborted.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < 50) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
