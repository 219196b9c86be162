import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { main } from '../cli/support/main';
import { findAdapter, provideGpu } from './support/node-gpu';
import type { Adapter } from './support/node-gpu';
import { optionsOf } from './timing/arguments';
import { contest } from './timing/contest';
import { environment } from './timing/environment';
import { jobsOf, kernelJobs } from './timing/job';
import type { Job } from './timing/job';
import { markdown } from './timing/report';
import type { TimesFile } from './timing/report';
import type { Row } from './timing/row';
import { scriptTime } from './timing/script-time';
import { targetsOf } from './timing/targets';
import { findTorch } from './timing/torch';

/** Timed rounds where nothing is said: software WebGPU takes a minute for some. */
const ROUNDS = { slow: 3, fast: 5 };
/** Where the steps in PyTorch lie, from the project's folder. */
const TORCH = 'scripts/torch/bench.py';

/**
 * `npm run bench`: the time of a training step, ours beside its peers, in one run, after a check of each one's gradient.
 */
async function timing(args: string[]): Promise<void> {
  const options = optionsOf(args);
  const { wanted, kernels, out } = options;
  const before = environment();
  const adapter = options.places.includes('webgpu') ? await adapterHere() : null;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const exchange = { folder, program: process.argv[1] ?? '' };
  const rows: Row[] = [];
  const notes: string[] = [];
  let { versions } = before;
  for (const place of options.places) {
    if (place === 'webgpu' && adapter === null) {
      notes.push('No row on WebGPU: there is no adapter here.');
      continue;
    }
    const software = place === 'webgpu' && adapter?.software === true;
    const jobs = kernels ? kernelJobs(place, software, wanted) : jobsOf(place, software, wanted);
    const torch = asks(jobs) ? findTorch(place, options.threads, TORCH) : 'Nobody asked for it.';
    if (typeof torch !== 'string') versions = { ...versions, torch: torch.version };
    const around = {
      ...exchange,
      place,
      rounds: options.rounds ?? (software ? ROUNDS.slow : ROUNDS.fast),
      torch,
      say: (what: string) => console.error(what),
    };
    for (const job of jobs)
      for (const row of await contest(job, around)) {
        const timed = place === 'webgpu' && row.state === 'timed';
        rows.push(timed ? { ...row, jsMs: await scriptTime(job, row.peer, exchange) } : row);
      }
  }
  const file: TimesFile = {
    bench: kernels ? 'kernels' : 'times',
    environment: { ...before, versions },
    notes,
    rows,
    targets: kernels ? [] : targetsOf(rows, adapter?.software === true),
  };
  console.log(markdown(file));
  if (out === null) return;
  writeFileSync(out, `${JSON.stringify(file, null, 2)}\n`);
  writeFileSync(out.replace(/\.json$/, '.md'), markdown(file));
  console.error(`The rows are in ${out}, and as a table beside it.`);
}

const asks = (jobs: readonly Job[]): boolean =>
  jobs.some(({ peers }) => peers.some((peer) => peer.startsWith('pytorch')));

/** WebGPU's adapter under this Node, or null. */
async function adapterHere(): Promise<Adapter | null> {
  try {
    await provideGpu();
    return await findAdapter();
  } catch {
    return null;
  }
}

main(timing);
