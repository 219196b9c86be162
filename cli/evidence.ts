import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UserError } from '../src/recipe/errors';
import { requireRecipe } from '../src/recipe/check';
import { backendNamed, startNodeBackend } from './support/backend';
import type { DistillResult } from './support/distill';
import { evidencePage, readComparisons, readCoverage } from './support/evidence-page';
import { main } from './support/main';
import { COMPARISONS, readEvidence, recipesOf } from './support/method-files';
import type { Evidence } from './support/method-files';
import { readCards } from './support/surroundings';
import { table } from './support/table';

const USAGE =
  'npm run evidence -- [NAME ...] [--seeds N] [--first K] [--backend webgpu|wasm|cpu] [--data DIR] | --report | --methods';
const COMPARED = recipesOf('.', COMPARISONS);
const fileOf = (name: string) => `bench/results/evidence-${name}.json`;
const readResult = (name: string) =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as DistillResult;

/** Writes docs/evidence.md out of what is committed, and returns what it rests on. */
async function report(): Promise<readonly Evidence[]> {
  const { catalogueOf } = await import('../src/train/catalogue');
  const evidence = readEvidence('.', catalogueOf(readCards()), COMPARISONS);
  writeFileSync(
    'docs/evidence.md',
    `${evidencePage(evidence, readComparisons('.'), readCoverage('.'), readCards())}\n`,
  );
  return evidence;
}

const told = ({ name, claim, checked }: Evidence): string =>
  `${(checked?.outcome ?? 'owed').padEnd(11)} ${name}: ${claim?.says ?? 'no claim'}`;

/** Writes docs/methods.md out of what is committed, and tells which claims about methods were met. */
async function reportMethods(): Promise<void> {
  const { catalogueOf } = await import('../src/train/catalogue');
  const { methodPage } = await import('./support/method-page');
  const catalogue = catalogueOf(readCards());
  const evidence = readEvidence('.', catalogue);
  writeFileSync('docs/methods.md', `${methodPage(catalogue, evidence)}\n`);
  for (const one of evidence) console.log(told(one));
}

/**
 * Runs the comparisons behind what README says, and checks each against its bounds. Seeds that are not in a result file
 * yet are added to it, so that seeds may run side by side. Exit code 1 where a bound is not met.
 */
main(async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      first: { type: 'string', default: '1' },
      backend: { type: 'string' },
      data: { type: 'string' },
      report: { type: 'boolean', default: false },
      methods: { type: 'boolean', default: false },
    },
  });
  if (values.methods) return reportMethods();
  const names = positionals.length > 0 ? positionals : COMPARED;
  const unknown = names.find((name) => !COMPARED.includes(name));
  if (unknown)
    throw new UserError('E_USAGE', `There is no evidence named "${unknown}".`, `Usage: ${USAGE}`);
  if (!values.report) {
    const device = await startNodeBackend(backendNamed(values.backend));
    const { catalogueOf } = await import('../src/train/catalogue');
    const { distill, mergeResults } = await import('./support/distill');
    for (const name of names) {
      const input = JSON.parse(readFileSync(`recipes/evidence/${name}.json`, 'utf8')) as unknown;
      const recipe = requireRecipe(
        { ...(input as object), seed: Number(values.first) },
        catalogueOf(readCards()),
      );
      const fresh = await distill(recipe, device, Number(values.seeds), values.data);
      // Read now, not before: another process may have added other seeds meanwhile.
      const known = existsSync(fileOf(name)) ? readResult(name) : null;
      const more = known && !known.seeds.some((seed) => fresh.seeds.includes(seed));
      const result = more ? mergeResults(known, fresh) : fresh;
      writeFileSync(fileOf(name), `${JSON.stringify(result)}\n`);
      console.log(`${name}\n${table(result, readCards())}`);
    }
  }
  const claims = (await report()).filter(({ name }) => names.includes(name));
  for (const one of claims) console.log(told(one));
  if (claims.some(({ checked }) => checked?.outcome === 'not met'))
    throw new UserError('E_CLAIM', 'Some of what was asked for was not met.');
});
