/** How a command ends that failed. */
export const A_FAULT = 'a fault';

/** What is still done where a command ends before its time: by a signal, or by a fault. */
const works = new Set<(how: string) => void>();

/**
 * Has work done at an early end; it may not wait for anything.
 *
 * @param work told how the command ended: a signal's name, or A_FAULT
 * @returns what takes it back, once the command has come to its end
 */
export function atEarlyEnd(work: (how: string) => void): () => void {
  works.add(work);
  return () => works.delete(work);
}

/** Does all that was asked for, once. */
export function endEarly(how: string): void {
  const asked = [...works];
  works.clear();
  for (const work of asked) work(how);
}
