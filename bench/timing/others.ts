import os from 'node:os';

/** Processor time of the whole machine so far, in milliseconds. */
function busyMs(): number {
  return os
    .cpus()
    .reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** Where times are taken. */
interface Clocks {
  /** Processor time of the whole machine so far, in milliseconds. */
  busy(): number;
  /** Milliseconds that have passed. */
  now(): number;
}

/**
 * Runs some work and says how many cores were busy with something else meanwhile: what disturbed a time.
 *
 * @param own processor time of the work itself in milliseconds, told by its result; null where it does not tell
 */
export async function besideOthers<T>(
  work: () => Promise<T>,
  own: (result: T) => number | null,
  clocks: Clocks = { busy: busyMs, now: () => performance.now() },
): Promise<{ result: T; others: number | null }> {
  const [busy, started] = [clocks.busy(), clocks.now()];
  const result = await work();
  const passed = clocks.now() - started;
  const used = own(result);
  if (used === null) return { result, others: null };
  return { result, others: Math.max(0, (clocks.busy() - busy - used) / passed) };
}
