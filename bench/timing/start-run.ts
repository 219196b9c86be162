import type { Place, Run } from '../support/cells';
import type { Peer, Task, Way } from './job';
import type { Timed } from './protocol';

/** Only the code that is timed is loaded: what replaces tfjs's kernels and gradients does so for the whole process. */
export async function startRun(task: Task, peer: Peer | Way, place: Place): Promise<Run> {
  if (task.kind === 'kernel') {
    const { kernelRun } = await import('./kernel-run');
    return kernelRun(task.setup, peer, place);
  }
  const { setup } = task;
  if (peer === 'extracurricular') {
    const { ownRun } = await import('../support/own-engine');
    return ownRun(setup, place, 'momentum');
  }
  if (peer === 'jax-js') {
    const { jaxRun } = await import('../support/jax-js');
    return jaxRun(setup, place);
  }
  if (peer === 'tfjs-mean-sum') {
    const { registerMeanSum } = await import('../support/mean-sum');
    registerMeanSum();
  }
  if (place === 'wasm') {
    const { registerNineProducts } = await import('../support/nine-products');
    registerNineProducts();
  }
  const { plainRun } = await import('../support/plain-tfjs');
  return plainRun(setup, place, 'momentum');
}

/** Takes so many steps, timed together. @param cpuMs processor time so far, where the system tells it */
export async function timed(
  run: Run,
  count: number,
  cpuMs: () => number | null = () => null,
): Promise<Timed> {
  run.prepare(count);
  await run.finish();
  const before = cpuMs();
  const started = performance.now();
  let jsMs = 0;
  for (let i = 0; i < count; i++) {
    const called = performance.now();
    await run.step();
    const submitted = run.submit();
    jsMs += performance.now() - called;
    await submitted;
  }
  await run.finish();
  const ms = performance.now() - started;
  const after = cpuMs();
  return { ms, jsMs, cpuMs: before === null || after === null ? null : after - before };
}
