import { existsSync } from 'node:fs';
import path from 'node:path';
import { apart, OUTCOME_COLUMNS, rightSide, written } from './claim-cells';
import { digestOf } from './digest';
import { LOG } from './log';
import type { ClaimEntry, Log, OutcomeEntry } from './log';
import { row } from './markdown';
import { METHODS, readResult, taskOf } from './method-files';
import type { MethodResult } from './method-files';
import { teacherFails } from './method-table';
import { listed } from './varied';

export const LOG_PAGE = 'docs/results.md';

/** Outcomes of one claim about one task, in their order; recipes may differ. */
export interface History {
  readonly says: string;
  readonly told: readonly Told[];
}

interface Told {
  readonly outcome: OutcomeEntry;
  readonly claim: ClaimEntry;
  readonly result: MethodResult;
}

/** The whole of docs/results.md: every claim and all that came of it. */
export function logPage(log: Log, root: string): string {
  const histories = historiesOf(log, root);
  const changed = histories.filter(
    ({ told }) => new Set(told.map(({ outcome }) => outcome.recipe)).size > 1,
  );
  // A recipe may change between its claim and its run: the last one counts.
  const last = new Map(log.claims.map((claim) => [`${claim.name} ${claim.claim.says}`, claim]));
  const owed = [...last.values()].filter(
    (claim) =>
      !log.outcomes.some((one) => belongs(one, claim)) &&
      existsSync(path.join(root, 'recipes', `${claim.name}.json`)),
  );
  return [
    '# Every claim, and all that came of it',
    '',
    `Written by \`npm run evidence -- --report\` and \`--methods\` from the results log, \`${LOG}\`. The log is only ever added to: a claim before its run, an outcome after it. A recipe that is changed, or a result that gets more seeds, is a new line; the older outcome and its result stay. Recipes are told by the first digits of their digests. Times are those of the log’s lines; of lines from before there was a log (${BEFORE}, universal time) they are those of the commits that brought the claim with this recipe, and the result.`,
    '',
    'The outcome follows from the 95 % interval over seeds of the difference of the two sides. The last column has what the means alone would say: until the log began, claims were judged by that.',
    '',
    '## Recipes that were changed after a first outcome',
    '',
    `${changed.length} claims have outcomes by more than one recipe; the settings show what was changed, and every outcome stands.`,
    '',
    ...changed.flatMap(({ says, told }) => [
      `### ${says}`,
      '',
      row(['recipe', 'settings', ...COLUMNS]),
      row(['---', '---', ...COLUMNS.map(() => '---')]),
      ...told.map((one) => row([recipeOf(one, root), settings(one.result), ...cells(one)])),
      '',
    ]),
    '## All claims',
    '',
    row(['claim', 'recipe', ...COLUMNS]),
    row(['---', '---', ...COLUMNS.map(() => '---')]),
    ...histories.flatMap(({ says, told }) =>
      told.map((one) => row([says, recipeOf(one, root), ...cells(one)])),
    ),
    ...(owed.length > 0 ? ['', '## Claimed, and not measured yet', ''] : []),
    ...owed.map(({ name, at, claim }) => `- \`${name}\`, ${minute(at)}: ${claim.says}`),
  ].join('\n');
}

const BEFORE = 'to 30 November 2026, 09:10';
const COLUMNS = ['claimed', 'run', 'seeds', ...OUTCOME_COLUMNS, 'by the means'];

const belongs = (outcome: OutcomeEntry, claim: ClaimEntry): boolean =>
  outcome.name === claim.name &&
  outcome.recipe === claim.recipe &&
  outcome.claim === digestOf(claim.claim);

/**
 * All outcomes of each claim. Of methods, claims with the same words about the same task belong together, whichever recipe
 * they were about; each comparison has its own.
 */
export function historiesOf({ claims, outcomes }: Log, root: string): readonly History[] {
  const found = new Map<string, Told[]>();
  for (const outcome of outcomes) {
    const claim = claims.find((one) => belongs(outcome, one));
    if (!claim) continue;
    const result = readResult(root, outcome.result);
    const about = outcome.name.startsWith(METHODS.id) ? taskOf(result.recipe) : outcome.name;
    const key = `${about}\n${claim.claim.says}`;
    found.set(key, [...(found.get(key) ?? []), { outcome, claim, result }]);
  }
  return [...found.values()].map((told) => ({ says: told[0]?.claim.claim.says ?? '', told }));
}

function cells({ outcome, claim, result }: Told): string[] {
  const { left, right } = claim.claim;
  const rightFigure = 'figure' in right ? right.figure : left.figure;
  const mean = (value: number | null) => ({ mean: value ?? NaN, se: null });
  return [
    minute(claim.at),
    minute(outcome.at),
    outcome.seeds.join(', '),
    `${left.arm}: ${written(left.figure, mean(outcome.left))}`,
    `${claim.claim.relation} ${rightSide(right, written(rightFigure, mean(outcome.right)))}`,
    apart(left.figure, { difference: outcome.difference ?? NaN, interval: outcome.interval }),
    `${outcome.outcome === 'met' ? 'met' : `**${outcome.outcome}**`}${teacherFails(result.teacher) ? ', **withdrawn**: the teacher fails' : ''}`,
    outcome.byMeans ? 'met' : 'not met',
  ];
}

/** "2026-11-22 22:14", in universal time. */
const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** The recipe's name, a link where it is still there, and the beginning of its digest. */
function recipeOf({ outcome: { name, recipe, result } }: Told, root: string): string {
  const file = `recipes/${name}.json`;
  const there = existsSync(path.join(root, file));
  return `${there ? `[${name}](../${file})` : `${name}, withdrawn`} \`${recipe.slice(0, 8)}\` ([result](../${result}))`;
}

/** What a recipe trains, in short. */
function settings({ recipe }: MethodResult): string {
  if (!recipe || !('students' in recipe)) return '';
  const { task, transfer, students, steps, batch, optimizer } = recipe;
  const preset = typeof task.params['preset'] === 'string' ? ` ${task.params['preset']}` : '';
  const models = [...new Set(students.map(({ model }) => model.id))];
  return `${transfer} of ${task.id}${preset}, ${listed(models)}, ${steps} steps of ${batch}, ${optimizer.kind} ${optimizer.rate}`;
}
