import os from 'node:os';

/** Processor time of the whole machine so far, in milliseconds. */
function busyMs(): number {
  return os
    .cpus()
    .reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/**
 * Runs some work and says how many cores were busy with something else meanwhile: what disturbed a time.
 *
 * @param own processor time of the work itself in milliseconds, told by its result
 */
export async function besideOthers<T>(
  work: () => Promise<T>,
  own: (result: T) => number,
): Promise<{ result: T; others: number }> {
  const [busy, started] = [busyMs(), performance.now()];
  const result = await work();
  const passed = performance.now() - started;
  const others = (busyMs() - busy - own(result)) / passed;
  return { result, others: Math.max(0, others) };
}
