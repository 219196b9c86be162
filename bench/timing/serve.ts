import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writeSafetensors } from '../../src/models/net/safetensors';
import type { Place, Run } from '../support/cells';
import { installMockGpu } from '../support/mock-device';
import { findAdapter, provideGpu, provideNavigator } from '../support/node-gpu';
import type { Job, Peer, Way } from './job';
import type { Request, Started, Timed } from './protocol';

/** `bench --serve`: takes steps when the command that started it asks on stdin, and answers on stdout. */
export async function serve(): Promise<void> {
  // Answers alone go to stdout.
  console.log = console.error;
  let run: Run | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: object;
    try {
      const request = JSON.parse(line) as Request;
      if (request.do === 'start') {
        await providePlace(request.place);
        run = await startRun(request.job, request.peer, request.place);
        reply = await described(request.place);
      } else if (!run) {
        throw new Error('nothing was started');
      } else if (request.do === 'steps') {
        reply = await timed(run, request.count);
      } else {
        const tensors = await run.results();
        writeFileSync(request.file, writeSafetensors({ tensors, metadata: {} }));
        reply = {};
      }
    } catch (thrown) {
      reply = { error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

/** tfjs looks for a GPU when it is loaded; whatever loads it is imported after this. */
async function providePlace(place: Place): Promise<void> {
  if (place === 'webgpu') await provideGpu();
  if (place === 'mock') {
    installMockGpu();
    provideNavigator({});
  }
}

async function described(place: Place): Promise<Started> {
  const adapter = place === 'webgpu' ? await findAdapter() : null;
  return { device: adapter?.words ?? (place === 'wasm' ? '1 thread' : place), versions: {} };
}

/** Only the code that is timed is loaded: what replaces tfjs's kernels and gradients does so for the whole process. */
async function startRun(job: Job, peer: Peer | Way, place: Place): Promise<Run> {
  if (job.kind === 'kernel') {
    const { kernelRun } = await import('./kernel-run');
    return kernelRun(job.setup, peer, place);
  }
  const { setup } = job;
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

async function timed(run: Run, count: number): Promise<Timed> {
  run.prepare(count);
  await run.finish();
  const cpu = process.cpuUsage();
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
  const { user, system } = process.cpuUsage(cpu);
  return { ms, jsMs, cpuMs: (user + system) / 1000 };
}
