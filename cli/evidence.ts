import { parseArgs } from 'node:util';
import type { DeviceReport } from '../src/recipe/device';
import { UserError } from '../src/recipe/errors';
import { backendNamed, startNodeBackend } from './support/backend';
import { evidencePage, readCoverage } from './support/evidence-page';
import { addSeeds, namedEvidence, planOf, sameBackend } from './support/evidence-run';
import type { Named, Plan } from './support/evidence-run';
import { logEvidence, verifyLog } from './support/log-entries';
import { readLog } from './support/log';
import { LOG_PAGE, historiesOf, logPage } from './support/log-page';
import { main } from './support/main';
import {
  COMPARISONS,
  isDetected,
  isDistilled,
  METHODS,
  readEvidence,
  recipesOf,
} from './support/method-files';
import type { Evidence, Study } from './support/method-files';
import { methodPage } from './support/method-page';
import { readCards } from './support/surroundings';
import { table } from './support/table';
import { writeWhole } from './support/result-file';

const USAGE =
  'npm run evidence -- [NAME ...] [--seeds N] [--first K] [--beside] [--backend webgpu|wasm|cpu] [--data DIR] | --report | --methods';
const ABOUT = {
  what: 'Runs the comparisons behind what README says, and holds each against its claims.',
  usage: USAGE,
};
const ROOT = '.';

async function catalogueNow() {
  const { catalogueOf } = await import('../src/train/catalogue');
  return catalogueOf(readCards());
}

/** Logs what is new of a study and writes its page and the log's out of what is committed. */
async function report(study: Study): Promise<readonly Evidence[]> {
  const catalogue = await catalogueNow();
  const evidence = readEvidence(ROOT, catalogue, study);
  logEvidence(ROOT, evidence, study, new Date().toISOString());
  if (study === METHODS)
    writeWhole(
      'docs/methods.md',
      `${methodPage(catalogue, evidence, historiesOf(readLog(ROOT), ROOT))}\n`,
    );
  else
    writeWhole('docs/evidence.md', `${evidencePage(evidence, readCoverage(ROOT), readCards())}\n`);
  writeWhole(LOG_PAGE, `${logPage(readLog(ROOT), ROOT)}\n`);
  verifyLog(ROOT);
  return evidence;
}

const told = ({ name, claim, checked }: Evidence): string =>
  `${(checked?.outcome ?? 'owed').padEnd(11)} ${name}: ${claim?.says ?? 'no claim'}`;

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly beside: boolean;
  readonly backend: string | undefined;
  readonly data: string | undefined;
}

/** Runs the seeds that results lack, one after the other; each is in its file as soon as it is done. */
async function run(names: readonly Named[], options: Options): Promise<void> {
  const device = await startNodeBackend(backendNamed(options.backend));
  // After the backend: it imports tfjs, which looks for WebGPU when it is loaded.
  const catalogue = await catalogueNow();
  const plans = names.map((named) => planOf(ROOT, named, catalogue, options));
  for (const { file, seeds } of plans)
    if (seeds.length === 0) console.log(`${file} has these seeds already; nothing is run for it.`);
  const owed = plans.filter(({ seeds }) => seeds.length > 0);
  if (owed.length === 0) return;
  for (const plan of owed) sameBackend(ROOT, plan, device.backend);
  // Claims are in the log before their runs.
  for (const study of [METHODS, COMPARISONS])
    logEvidence(ROOT, readEvidence(ROOT, catalogue, study), study, new Date().toISOString());
  for (const plan of owed)
    for (const seed of plan.seeds)
      console.log(`${plan.file}\n${await runSeed(plan, seed, device, options.data)}`);
}

/** Runs one seed and adds it to its result. @returns the table of the result */
async function runSeed(
  plan: Plan,
  seed: number,
  device: DeviceReport,
  data: string | undefined,
): Promise<string> {
  const { recipe } = plan;
  if ('arms' in recipe) {
    const { detectAll, detectTable, mergeDetected } = await import('./support/detect');
    const fresh = await detectAll({ ...recipe, seed }, device, 1, data);
    return detectTable(addSeeds(ROOT, plan, fresh, { is: isDetected, merge: mergeDetected }));
  }
  const { distill, mergeResults } = await import('./support/distill');
  const fresh = await distill({ ...recipe, seed }, device, 1, data);
  const result = addSeeds(ROOT, plan, fresh, { is: isDistilled, merge: mergeResults });
  return table(result, readCards());
}

/**
 * Runs the comparisons behind what README says, and the recipes of methods, and holds each against its claims. Only seeds
 * that a result lacks are run; they are added to it, so that seeds may run side by side. Exit code 1 where a claim is not
 * met.
 */
main(ABOUT, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      first: { type: 'string', default: '1' },
      beside: { type: 'boolean', default: false },
      backend: { type: 'string' },
      data: { type: 'string' },
      report: { type: 'boolean', default: false },
      methods: { type: 'boolean', default: false },
    },
  });
  if (values.methods) {
    for (const one of await report(METHODS)) console.log(told(one));
    return;
  }
  const texts = positionals.length > 0 ? positionals : recipesOf(ROOT, COMPARISONS);
  const names = texts.map((text) => namedEvidence(ROOT, text));
  if (!values.report) {
    verifyLog(ROOT);
    await run(names, {
      ...values,
      seeds: count('seeds', values.seeds, 1),
      first: count('first', values.first, 0),
      backend: values.backend,
      data: values.data,
    });
  }
  const claims = [];
  for (const study of new Set(names.map((named) => named.study)))
    for (const one of await report(study))
      if (names.some((named) => named.study === study && named.name === one.name)) claims.push(one);
  for (const one of claims) console.log(told(one));
  if (claims.some(({ checked }) => checked?.outcome === 'not met'))
    throw new UserError('E_CLAIM', 'Some of what was asked for was not met.');
});

/** @throws UserError where an option is not a whole number, or too small */
function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UserError(
    'E_USAGE',
    `--${option} is "${text}", allowed are whole numbers from ${least}.`,
    `Usage: ${USAGE}`,
  );
}
