import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { main } from '../cli/support/main';
import { optionsOf, USAGE } from './timing/arguments';
import type { Options } from './timing/arguments';
import type { Exchange } from './timing/contestant';
import { contest } from './timing/contest';
import { environment } from './timing/environment';
import { jobsOf, kernelJobs } from './timing/job';
import type { TimedPlace } from './timing/job';
import { markdown } from './timing/report';
import type { TimesFile } from './timing/report';
import type { Row } from './timing/row';
import { scriptTime } from './timing/script-time';
import { targetsOf } from './timing/targets';
import { findTorch } from './timing/torch';
import { nodeVenue } from './timing/venue';
import type { Venue } from './timing/venue';
import { checkPlace, writeWhole } from '../cli/support/result-file';

/** Timed rounds where nothing is said: software WebGPU takes a minute for some. */
const ROUNDS = { slow: 3, fast: 5 };
/** Where the steps in PyTorch lie, from the project's folder. */
const TORCH = 'scripts/torch/bench.py';

/**
 * `npm run bench`: the time of a training step, ours beside its peers, in one run, after a check of each one's gradient.
 */
async function timing(args: string[]): Promise<void> {
  const options = optionsOf(args);
  if (options.out !== null) checkPlace(options.out, '--out');
  const before = environment();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const exchange = { folder, program: process.argv[1] ?? '' };
  const venue = options.page
    ? await (await import('./timing/venue-browser')).browserVenue()
    : nodeVenue(exchange);
  const found: Found = {
    rows: [],
    notes: [],
    versions: { ...before.versions, ...venue.versions },
    software: false,
  };
  for (const place of options.places) await timePlace(place, options, venue, exchange, found);
  await venue.close();
  const { rows, notes, versions, software } = found;
  const file: TimesFile = {
    bench: options.kernels ? 'kernels' : 'times',
    environment: { ...before, versions },
    notes,
    rows,
    targets: options.kernels ? [] : targetsOf(rows, software),
  };
  console.log(markdown(file));
  const { out } = options;
  if (out === null) return;
  writeWhole(out, `${JSON.stringify(file, null, 2)}\n`);
  writeWhole(out.replace(/\.json$/, '.md'), markdown(file));
  console.error(`The rows are in ${out}, and as a table beside it.`);
}

/** What has come of the run so far. */
interface Found {
  readonly rows: Row[];
  readonly notes: string[];
  versions: Readonly<Record<string, string>>;
  /** True where WebGPU is a program on the processor. */
  software: boolean;
}

/** All jobs of one device, one after another. */
async function timePlace(
  place: TimedPlace,
  { wanted, kernels, page, rounds, threads }: Options,
  venue: Venue,
  exchange: Exchange,
  found: Found,
): Promise<void> {
  const adapter = await venue.adapter(place);
  if (!adapter) {
    found.notes.push(`No row on ${place}: there is no adapter for it here.`);
    return;
  }
  const { software } = adapter;
  if (place === 'webgpu') found.software = software;
  const jobs = kernels ? kernelJobs(place, software, wanted) : jobsOf(place, software, wanted);
  const asked = jobs.some(({ peers }) => peers.some((peer) => peer.startsWith('pytorch')));
  const torch = asked ? findTorch(place, threads, TORCH) : 'Nobody asked for it.';
  if (typeof torch !== 'string') found.versions = { ...found.versions, torch: torch.version };
  const around = {
    ...exchange,
    place,
    venue,
    rounds: rounds ?? (software ? ROUNDS.slow : ROUNDS.fast),
    torch,
    say: (what: string) => console.error(what),
  };
  for (const job of jobs)
    for (const row of await contest(job, around)) {
      // JavaScript alone is timed under Node, where processor time is told.
      const scripted = place === 'webgpu' && !page && row.state === 'timed';
      found.rows.push(scripted ? { ...row, jsMs: await scriptTime(job, row.peer, exchange) } : row);
    }
}

main({ what: 'Times a training step.', usage: USAGE }, timing);
