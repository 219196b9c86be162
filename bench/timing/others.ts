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
 * @param own processor time of the work itself in milliseconds, told by its result; null where it does not tell
 */
export async function besideOthers<T>(
  work: () => Promise<T>,
  own: (result: T) => number | null,
): Promise<{ result: T; others: number | null }> {
  const [busy, started] = [busyMs(), performance.now()];
  const result = await work();
  const passed = performance.now() - started;
  const used = own(result);
  if (used === null) return { result, others: null };
  return { result, others: Math.max(0, (busyMs() - busy - used) / passed) };
}
