import { FIGURES } from '../../src/recipe/figures';
import type { Catalogue } from '../../src/recipe/recipe';
import { row } from './markdown';
import { measuredFrom, type Arms, type Measured, type MethodClaim } from './method-claims';
import type { Evidence } from './method-files';

const COLUMNS = ['recipe', 'task', 'arms', 'claim', 'left', 'right', '', 'backend', 'seeds'];

/** Figures that are shares, written as percentages. */
const SHARES: ReadonlySet<string> = new Set(
  Object.entries(FIGURES).flatMap(([name, { unit }]) => (unit === 'share' ? [name] : [])),
);
/** Told of every arm that has them; of arms without them, all figures are told. */
const MAIN = ['accuracy', 'rmse', 'kl'];
const ACRONYMS: ReadonlySet<string> = new Set(['kl', 'nll', 'ece', 'rmse', 'mse', 'mae', 'macs']);

/** What was claimed of the methods and what was measured, one row for each recipe. */
export function evidenceTable(evidence: readonly Evidence[], catalogue: Catalogue): string[] {
  const rows = evidence.flatMap((one) => measuredRow(one, catalogue) ?? []);
  const owed = evidence.filter(({ checked }) => !checked);
  const met = evidence.filter(({ checked }) => checked?.met).length;
  return [
    `Each claim was written down before its run and stays as it was. ${rows.length} measured: ${met} met, ${rows.length - met} not met; ${owed.length} owed. Figures are means over seeds on the test split ± their standard error, of the last weights.`,
    ...(rows.length > 0 ? ['', row(COLUMNS), row(COLUMNS.map(() => '---')), ...rows] : []),
    ...(owed.length > 0
      ? ['', '### Owed', '', ...owed.map((one) => `- ${link(one.name)}: ${missing(one)}.`)]
      : []),
  ];
}

function measuredRow(one: Evidence, catalogue: Catalogue): string | null {
  const { claim, result, checked } = one;
  if (!claim || !result || !checked) return null;
  const { left, right } = claim;
  const rightFigure = 'figure' in right ? right.figure : left.figure;
  return row([
    link(one.name),
    catalogue.tasks.find(({ id }) => id === one.task)?.title ?? one.task,
    armsOf(result, [left.figure, rightFigure]),
    claim.says,
    `${left.arm}: ${written(left.figure, checked.left)}`,
    `${claim.relation} ${rightSide(right, written(rightFigure, checked.right))}`,
    `${checked.met ? 'met' : '**not met**'}${one.outdated ? ', by an older recipe' : ''}`,
    result.backend ?? '',
    (result.seeds ?? []).join(', '),
  ]);
}

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
  const accuracy = measuredFrom(teacher?.['accuracy']);
  if (accuracy) lines.push(`teacher: accuracy ${written('accuracy', accuracy)}`);
  return lines.join('<br>');
}

/** "KD: 0.61 ± 0.04", "0.5 × KD + 2: 0.31 ± 0.02", or the number alone. */
function rightSide(right: MethodClaim['right'], value: string): string {
  if ('value' in right) return value;
  const times = right.times === 1 ? '' : `${right.times} × `;
  const plus = right.plus === 0 ? '' : ` ${right.plus < 0 ? '−' : '+'} ${Math.abs(right.plus)}`;
  return `${times}${right.arm}${plus}: ${value}`;
}

/** "87.31 ± 0.20 %" for shares, three significant digits and a fitting error for others. */
function written(figure: string, { mean, se }: Measured): string {
  if (!Number.isFinite(mean)) return 'n/a';
  const share = SHARES.has(figure);
  const factor = share ? 100 : 1;
  const size = Math.floor(Math.log10(Math.abs(mean) || 1));
  const digits = share ? 2 : Math.min(6, Math.max(0, 2 - size));
  const text = (mean * factor).toFixed(digits);
  const error = se === null ? '' : ` ± ${(se * factor).toFixed(digits)}`;
  return `${text}${error}${share ? ' %' : ''}`;
}

const named = (figure: string) => (ACRONYMS.has(figure) ? figure.toUpperCase() : figure);
const link = (name: string) => `[${name}](../recipes/methods/${name}.json)`;

function missing({ claim, result }: Evidence): string {
  if (claim) return `claimed: ${claim.says}; not measured yet`;
  return result ? 'measured, but nothing was claimed' : 'neither claimed nor measured yet';
}
