import type { EvaluationPoint } from '../../src/recipe/events';
import type { FigureName } from '../../src/recipe/figures';
import type { Recipe, TeacherCard } from '../../src/recipe/recipe';
import { seenInWords } from './seen';
import type { ArmResult, DistillResult, FiguresOverSeeds, OverSeeds } from './distill';
import { seedsInWords } from './varied';

/** Columns of the table, for classes and for real values, with what each is multiplied by and its digits. */
type Column = readonly [figure: FigureName, title: string, factor: number, digits: number];
const CLASSES: readonly Column[] = [
  ['accuracy', 'accuracy %', 100, 2],
  ['agreement', 'agreement %', 100, 2],
  ['kl', 'KL nats', 1, 4],
];
const VALUES: readonly Column[] = [
  ['rmse', 'RMSE', 1, 4],
  ['angle', 'angle °', 1, 3],
  ['nll', 'NLL nats', 1, 4],
  ['kl', 'KL nats', 1, 4],
  ['within90', 'in 90 % interval', 100, 1],
  ['calibration', 'calibration error %', 100, 2],
  ['insight', 'insight', 1, 3],
];

/**
 * The final table: arm, its figures, gap closed; mean and standard error over seeds; what students and teacher saw.
 *
 * @param cards of the bundled teachers
 */
export function table(result: DistillResult, cards: readonly TeacherCard[]): string {
  const { figures, accuracy } = result.teacher;
  const columns = (figures ? VALUES : CLASSES).filter(([name]) => !figures || figures[name]);
  const cells = (of: FiguresOverSeeds) =>
    columns.map(([name, , factor, digits]) => {
      const found = of[name];
      return found ? figure(found, factor, digits) : '';
    });
  // Results of before these were counted have none.
  const sized = result.arms.some(({ bytes }) => bytes !== undefined);
  const sizes = (...of: string[]) => (sized ? of : []);
  const rows = [
    [
      'arm',
      ...columns.map(([, title]) => title),
      ...sizes('bytes', 'MACs'),
      'gap closed vs KD',
      'vs ERM',
    ],
    [
      'teacher',
      ...(figures ? cells(figures) : [((accuracy ?? NaN) * 100).toFixed(2), '100', '0']),
      ...sizes('', ''),
      '',
      '',
    ],
    ...result.arms.map((arm) => [
      arm.name,
      ...cells(arm),
      ...sizes(whole(arm.bytes?.mean), whole(arm.macs?.mean)),
      closed(arm.gapClosedVsKd, arm.gapClosedVsKdInterval),
      closed(arm.gapClosedVsErm, arm.gapClosedVsErmInterval),
    ]),
  ];
  const lines = aligned(rows);
  const seeds =
    result.seeds.length === 1
      ? 'one seed (another may differ)'
      : `${result.seeds.length} seeds, mean ± s.e.`;
  const footer = `${result.steps} steps, ${seeds}, ${result.backend}, ${result.stepsPerSecond.toFixed(1)} steps/s`;
  const before = (result.generations ?? []).map(
    ({ title, accuracy, nll }) =>
      `before the run: ${title}, accuracy ${figure(accuracy, 100, 2)} %, NLL ${figure(nll, 1, 4)}`,
  );
  const gaps = result.arms.some((arm) => arm.gapClosedVsKd !== null || arm.gapClosedVsErm !== null);
  const about = `${gaps && result.seeds.length > 1 ? GAPS : ''}${seedsInWords(result.recipe, result.seeds.length)}`;
  const seen = seenInWords(result.recipe, cards);
  const short = result.arms.flatMap(({ name, notLearnt = [] }) =>
    notLearnt.length === 0
      ? []
      : `${name} did no better than one answer to everything (accuracy, KL or NLL)${result.seeds.length === 1 ? '' : ` at seed ${notLearnt.join(', ')}`}: nothing is compared with it.`,
  );
  return [...lines, ...before, ...short, footer, ...(seen ? [`${seen}.`] : []), about].join('\n');
}

/** The students' validation figures by the last weights that were good, before training came apart. */
export function goodTable(
  { students }: Recipe,
  { step, students: figures }: EvaluationPoint,
): string {
  const columns = (figures[0]?.rmse === undefined ? CLASSES : VALUES).filter(
    ([name]) => figures[0]?.[name] !== undefined,
  );
  const rows = [
    ['arm', ...columns.map(([, title]) => title)],
    ...students.map(({ name }, student) => [
      name,
      ...columns.map(([key, , factor, digits]) =>
        ((figures[student]?.[key] ?? NaN) * factor).toFixed(digits),
      ),
    ]),
  ];
  return [
    `The last good weights are those of step ${step}; on the validation split:`,
    ...aligned(rows),
  ].join('\n');
}

/** Rows as lines whose columns stand below each other: names to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const GAPS = 'gap closed: [95 % interval by Fieller’s theorem], ';

/** "12,345", or nothing where it is not known. */
const whole = (count: number | undefined): string =>
  count === undefined ? '' : Math.round(count).toLocaleString('en');

function figure({ mean, se }: OverSeeds, factor: number, digits: number): string {
  const text = (mean * factor).toFixed(digits);
  return se === null ? text : `${text} ± ${(se * factor).toFixed(digits)}`;
}

function closed(value: number | null, interval: ArmResult['gapClosedVsKdInterval']): string {
  if (value === null) return 'n/a';
  // More than the whole gap is no part of it.
  const text = value > 1 ? 'above teacher' : `${Math.round(value * 100)} %`;
  if (!interval) return text;
  if (interval === 'unbounded') return `${text} [no bounds]`;
  return `${text} [${Math.round(interval[0] * 100)}, ${Math.round(interval[1] * 100)}]`;
}
