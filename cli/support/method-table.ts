import type { Catalogue } from '../../src/recipe/recipe';
import { CLAIM_COLUMNS, claimCells, written } from './claim-cells';
import type { History } from './log-page';
import { row } from './markdown';
import { measuredFrom, type Arms, type Measured } from './method-claims';
import { seenInWords } from './seen';
import type { Evidence, MethodResult } from './method-files';
import { variedOf } from './varied';

const COLUMNS = [
  'recipe',
  'task',
  'arms',
  ...CLAIM_COLUMNS,
  'backend',
  'seen',
  'seeds',
  'they vary',
];

/** Told of every arm that has them; of arms without them, all figures are told. */
const MAIN = ['accuracy', 'rmse', 'kl'];
const ACRONYMS: ReadonlySet<string> = new Set(['kl', 'nll', 'ece', 'rmse', 'mse', 'mae', 'macs']);

const OUTCOMES = ['met', 'not met', 'not decided'] as const;

/** How the table is read. */
const READING =
  'Figures are means over seeds on the test split ± their standard error, of the last weights. The difference of the two sides is taken seed by seed and has its 95 % interval by Student’s t with n - 1 degrees of freedom, n being the number of seeds. "Met" needs the whole interval on the claim’s side, "not met" the whole of it on the other; else the seeds do not decide it. A claim about distributions is withdrawn where the teacher’s own 90 % interval holds less than 60 % of the test values. Each claim is judged by itself: of those that do not hold, chance alone still calls up to one in forty met. The last column has what differs between seeds; what it does not name of data, teacher and test set was the same for all, so nothing is known of others. [results.md](results.md) has when each claim and each outcome came, with the outcomes of recipes that were changed since.';

/** What was claimed of the methods and what was measured, one row for each recipe. */
export function evidenceTable(
  evidence: readonly Evidence[],
  catalogue: Catalogue,
  histories: readonly History[] = [],
): string[] {
  const rows = evidence.flatMap((one) => measuredRow(one, catalogue, histories) ?? []);
  const owed = evidence.filter(({ checked }) => !checked);
  const withdrawn = evidence.filter(({ result }) => teacherFails(result?.teacher));
  const counted = OUTCOMES.map((outcome) => {
    const of = evidence.filter(
      (one) => !withdrawn.includes(one) && one.checked?.outcome === outcome,
    );
    return `${of.length} ${outcome}`;
  });
  if (withdrawn.length > 0) counted.push(`${withdrawn.length} withdrawn`);
  return [
    `${rows.length} measured: ${counted.join(', ')}; ${owed.length} owed. ${READING}`,
    ...(rows.length > 0 ? ['', row(COLUMNS), row(COLUMNS.map(() => '---')), ...rows] : []),
    ...(owed.length > 0
      ? ['', '### Owed', '', ...owed.map((one) => `- ${link(one.name)}: ${missing(one)}.`)]
      : []),
  ];
}

function measuredRow(
  one: Evidence,
  catalogue: Catalogue,
  histories: readonly History[],
): string | null {
  const { claim, result, checked } = one;
  if (!claim || !result || !checked) return null;
  const figures = [claim.left.figure, 'figure' in claim.right ? claim.right.figure : ''];
  const [says, left, right, apart, outcome] = claimCells(claim, checked);
  return row([
    link(one.name),
    catalogue.tasks.find(({ id }) => id === one.task)?.title ?? one.task,
    armsOf(result, figures),
    ...[says, left, right, apart].map((cell) => cell ?? ''),
    `${teacherFails(result.teacher) ? WITHDRAWN : outcome}${one.outdated ? ', by an older recipe' : ''}${before(one, histories)}`,
    result.backend ?? '',
    (result.recipe && seenInWords(result.recipe, catalogue.teachers)) ?? '',
    (result.seeds ?? []).join(', '),
    varied(result),
  ]);
}

/** Outcomes that the same claim had by other recipes before: "; before, by another recipe: **not decided**". */
function before({ claim, file, digests }: Evidence, histories: readonly History[]): string {
  const history = histories.find(
    ({ says, told }) => says === claim?.says && told.some(({ outcome }) => outcome.result === file),
  );
  const others = history?.told.filter(({ outcome }) => outcome.recipe !== digests[0]) ?? [];
  if (others.length === 0) return '';
  const told = others
    .map(
      ({ outcome, result }) =>
        `**${teacherFails(result.teacher) ? 'withdrawn' : outcome.outcome}**`,
    )
    .join(', ');
  return `; [by other recipes](results.md): ${told}`;
}

const varied = ({ recipe, seeds }: MethodResult): string =>
  recipe && seeds && seeds.length > 1 ? variedOf(recipe).varies.join(', ') : '';

/** Told where arms differ in them. */
const SIZES = ['bytes', 'macs'];
const differs = (arms: Arms['arms'], figure: string) =>
  new Set(arms.map((arm) => measuredFrom(arm[figure])?.mean)).size > 1;

/** Every arm with its main figures and those that the claim is about. */
function armsOf({ arms, teacher }: Arms, claimed: readonly string[]): string {
  const lines = arms.map((arm) => {
    const names = Object.keys(arm).filter(
      (key) => !key.startsWith('gapClosed') && measuredFrom(arm[key]) !== null,
    );
    const sizes = SIZES.filter((size) => differs(arms, size));
    const main = [...MAIN, ...sizes].filter((name) => names.includes(name));
    const shown = names.filter(
      (name) => main.length === 0 || main.includes(name) || claimed.includes(name),
    );
    const figures = shown.map((name) => {
      const measured = measuredFrom(arm[name]);
      return measured ? `${named(name)} ${written(name, measured)}` : '';
    });
    return `${arm.name}: ${figures.join(', ')}`;
  });
  const ofTeacher = teacherFigures(teacher).map(
    ([name, measured]) => `${named(name)} ${written(name, measured)}`,
  );
  if (ofTeacher.length > 0) lines.push(`teacher: ${ofTeacher.join(', ')}`);
  return lines.join('<br>');
}

/** A regression teacher's own figures: whether it is worth imitating shows in its error, its NLL and its 90 % interval. */
const OF_VALUES = ['rmse', 'nll', 'within90'];

/** A teacher whose 90 % interval holds fewer than this share of the test values does not know what it knows. */
const LEAST_WITHIN_90 = 0.6;
const WITHDRAWN = '**withdrawn**: the teacher fails, so this says nothing of the methods';

/** Whether a regression teacher is so sure of wrong values that imitating its distribution has no sense. */
export function teacherFails(teacher: Arms['teacher']): boolean {
  const figures = (teacher?.['figures'] ?? {}) as Readonly<Record<string, unknown>>;
  const within = measuredFrom(figures['within90']);
  return within !== null && within.mean < LEAST_WITHIN_90;
}

/** The teacher's accuracy, or for real values what says how good it is and how well it knows that. */
function teacherFigures(teacher: Arms['teacher']): [string, Measured][] {
  const figures = (teacher?.['figures'] ?? {}) as Readonly<Record<string, unknown>>;
  const all = [
    ['accuracy', measuredFrom(teacher?.['accuracy'])] as const,
    ...OF_VALUES.map((name) => [name, measuredFrom(figures[name])] as const),
  ];
  return all.flatMap(([name, measured]) => (measured ? [[name, measured]] : []));
}

const named = (figure: string) => (ACRONYMS.has(figure) ? figure.toUpperCase() : figure);
const link = (name: string) => `[${name}](../recipes/methods/${name}.json)`;

function missing({ claim, result }: Evidence): string {
  if (claim) return `claimed: ${claim.says}; not measured yet`;
  return result ? 'measured, but nothing was claimed' : 'neither claimed nor measured yet';
}
