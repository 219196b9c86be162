import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UserError } from '../src/recipe/errors';
import { requireRecipe } from '../src/recipe/check';
import { backendNamed, startNodeBackend } from './support/backend';
import { CLAIMED, claimsOf } from './support/claims';
import type { DistillResult } from './support/distill';
import { main } from './support/main';
import { readCards } from './support/surroundings';
import { table } from './support/table';

const USAGE =
  'npm run evidence -- [NAME ...] [--seeds N] [--first K] [--backend webgpu|wasm|cpu] [--data DIR] | --report | --methods';
const fileOf = (name: string) => `bench/results/evidence-${name}.json`;
const readResult = (name: string) =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as DistillResult;

/** With fewer seeds a result is not told: its seeds are still being added. */
const FEWEST_SEEDS = 3;

/** The page docs/evidence.md out of the result files: tables, claims, and what was met. */
function report(): string {
  const parts = CLAIMED.filter(
    (name) => existsSync(fileOf(name)) && readResult(name).seeds.length >= FEWEST_SEEDS,
  ).map((name) => {
    const result = readResult(name);
    const claims = claimsOf(name, result).map(
      (claim) => `| ${claim.says} | ${claim.measured} | ${claim.met ? 'met' : '**not met**'} |`,
    );
    return [
      `## ${name}`,
      '',
      `${result.recipe.transfer} training images, ${result.steps} steps of ${result.recipe.batch}, teacher ${result.teacher.title} (${result.teacher.parameters} parameters), seeds ${result.seeds.join(', ')}, test split, last weights.`,
      '',
      '```',
      table(result),
      '```',
      '',
      '| asked before the run | measured | |',
      '| --- | --- | --- |',
      ...claims,
    ].join('\n');
  });
  return [
    '# What our own engine measures',
    '',
    'Written by `npm run evidence -- --report` from `bench/results/evidence-*.json`; `npm run evidence` makes these anew. The bounds are our own, from earlier trials; they are not figures of a paper.',
    '',
    ...parts.flatMap((part) => [part, '']),
  ]
    .join('\n')
    .trimEnd();
}

/** Writes docs/methods.md out of what is committed, and tells which claims about methods were met. */
async function reportMethods(): Promise<void> {
  const { catalogueOf } = await import('../src/train/catalogue');
  const { readEvidence } = await import('./support/method-files');
  const { methodPage } = await import('./support/method-page');
  const catalogue = catalogueOf(readCards());
  const evidence = readEvidence('.', catalogue);
  writeFileSync('docs/methods.md', `${methodPage(catalogue, evidence)}\n`);
  for (const { name, claim, checked } of evidence)
    console.log(
      `${checked ? (checked.met ? 'met    ' : 'NOT MET') : 'owed   '} ${name}: ${claim?.says ?? 'no claim'}`,
    );
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
  const names = positionals.length > 0 ? positionals : CLAIMED;
  const unknown = names.find((name) => !CLAIMED.includes(name));
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
      console.log(`${name}\n${table(result)}`);
    }
  }
  writeFileSync('docs/evidence.md', `${report()}\n`);
  const claims = names
    .filter((name) => existsSync(fileOf(name)))
    .flatMap((name) => claimsOf(name, readResult(name)));
  for (const { says, measured, met } of claims)
    console.log(`${met ? 'met    ' : 'NOT MET'} ${says}: ${measured}`);
  if (claims.some((claim) => !claim.met))
    throw new UserError('E_CLAIM', 'Some of what was asked for was not met.');
});
