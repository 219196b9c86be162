import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writeSafetensors } from '../../src/models/net/safetensors';
import { findAdapter } from '../support/adapter';
import type { Place, Run } from '../support/cells';
import { installMockGpu } from '../support/mock-device';
import { provideGpu, provideNavigator } from '../support/node-gpu';
import type { Request, Started } from './protocol';
import { startRun, timed } from './start-run';

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
        const { task, peer, place } = request;
        run = await startRun(task, peer, place);
        const adapter = await findAdapter(place);
        reply = { device: adapter?.words ?? place } satisfies Started;
      } else if (!run) {
        throw new Error('nothing was started');
      } else if (request.do === 'steps') {
        reply = await timed(run, request.count, cpuMs);
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

/** Processor time of this process so far, in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
