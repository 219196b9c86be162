import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CLAIM_COLUMNS, claimCells } from './claim-cells';
import { COVERAGE_FILE, coverageTable } from './coverage';
import type { Coverage } from './coverage';
import type { TeacherCard } from '../../src/recipe/recipe';
import type { DistillResult } from './distill';
import { row } from './markdown';
import { isDistilled } from './method-files';
import type { Evidence } from './method-files';
import { table } from './table';

/** With fewer seeds a result is not told: its seeds are still being added. */
const FEWEST_SEEDS = 3;

/** The results of the comparisons that were made, by their recipes' names. */
export function comparisonsOf(evidence: readonly Evidence[]): ReadonlyMap<string, DistillResult> {
  return new Map(
    evidence.flatMap(({ name, result }) =>
      result && isDistilled(result) ? [[name, result] as const] : [],
    ),
  );
}

/** What `npm run intervals` counted; null where it was never run. */
export function readCoverage(root: string): Coverage | null {
  const file = path.join(root, COVERAGE_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Coverage) : null;
}

/** The whole of docs/evidence.md: tables, claims, and which were met. */
export function evidencePage(
  evidence: readonly Evidence[],
  coverage: Coverage | null,
  cards: readonly TeacherCard[],
): string {
  const parts = [...comparisonsOf(evidence)]
    .filter(([, result]) => result.seeds.length >= FEWEST_SEEDS)
    .map(([name, result]) =>
      comparison(
        name,
        result,
        evidence.filter((one) => one.name === name),
        cards,
      ),
    );
  return [
    '# What our own engine measures',
    '',
    'Written by `npm run evidence -- --report` from the results `bench/results/evidence-*.json` and the claims in `recipes/evidence`; `npm run evidence` makes results. The bounds are our own, from earlier trials; they are not figures of a paper. Distillation is neither tuned nor augmented here, and sampler and share were chosen on test figures: [controls.md](controls.md) has what is known of stronger controls, and what is not shown. Of the 5,000 test images of CIFAR-10 4,500 went through JPEG: its figures stand beside no published ones.',
    '',
    INTERVALS,
    '',
    ...parts.flatMap((part) => [...part, '']),
    ...(coverage ? coverageTable(coverage) : []),
  ]
    .join('\n')
    .trimEnd();
}

const INTERVALS =
  'Intervals are for 95 %, over seeds: Student’s t for differences, taken seed by seed, and Fieller’s theorem for shares of a gap. "Met" needs the whole interval on the claim’s side, "not met" the whole of it on the other; else the seeds do not decide it. A gap that is under two standard errors wide has no share ("n/a"). [results.md](results.md) has when each claim and each outcome came.';

const OUTDATED = '**The recipe has changed since this result was made.**';

function comparison(
  name: string,
  result: DistillResult,
  claims: readonly Evidence[],
  cards: readonly TeacherCard[],
): string[] {
  const { recipe, teacher, steps, seeds } = result;
  return [
    `## ${name}`,
    '',
    ...(claims.some(({ outdated }) => outdated) ? [OUTDATED, ''] : []),
    `${steps} steps of ${recipe.batch}, teacher ${teacher.title} (${teacher.parameters} parameters), seeds ${seeds.join(', ')}, test split, last weights.`,
    '',
    '```',
    table(result, cards),
    '```',
    '',
    row(CLAIM_COLUMNS),
    row(CLAIM_COLUMNS.map(() => '---')),
    ...claims.flatMap(({ claim, checked }) =>
      claim && checked ? [row(claimCells(claim, checked))] : [],
    ),
  ];
}
