import { FIGURES } from '../../src/recipe/figures';
import { isGap } from './method-claims';
import type { Checked, Measured, MethodClaim } from './method-claims';

/** Cells of tables about claims. */

/** Figures that are shares, written as percentages. */
const SHARES: ReadonlySet<string> = new Set(
  Object.entries(FIGURES).flatMap(([name, { unit }]) => (unit === 'share' ? [name] : [])),
);
const isShare = (figure: string): boolean => SHARES.has(figure) || isGap(figure);

/** Heads of the cells of `claimCells`, without and with the claim's words. */
export const OUTCOME_COLUMNS = ['left', 'right', 'left − right [95 %]', 'outcome'];
export const CLAIM_COLUMNS = ['claim', ...OUTCOME_COLUMNS];

/** What was claimed, either side, how far they are apart, and whether that decides it. */
export function claimCells(claim: MethodClaim, checked: Checked): string[] {
  const { left, right } = claim;
  const rightFigure = 'figure' in right ? right.figure : left.figure;
  return [
    claim.says,
    `${left.arm}: ${written(left.figure, checked.left)}`,
    `${claim.relation} ${rightSide(right, written(rightFigure, checked.right))}`,
    apart(left.figure, checked),
    checked.outcome === 'met' ? 'met' : `**${checked.outcome}**`,
  ];
}

/** "KD: 0.61 ± 0.04", "0.5 × KD + 2: 0.31 ± 0.02", or the number alone. */
export function rightSide(right: MethodClaim['right'], value: string): string {
  if ('value' in right) return value;
  const times = right.times === 1 ? '' : `${right.times} × `;
  const plus = right.plus === 0 ? '' : ` ${right.plus < 0 ? '−' : '+'} ${Math.abs(right.plus)}`;
  return `${times}${right.arm}${plus}: ${value}`;
}

/** "3.68 [-8.70, 16.1] points": the difference and its interval. */
export function apart(
  figure: string,
  { difference, interval }: Pick<Checked, 'difference' | 'interval'>,
): string {
  if (!Number.isFinite(difference)) return 'n/a';
  const share = isShare(figure);
  const digits = digitsOf(figure, difference);
  const text = (value: number) => (value * (share ? 100 : 1)).toFixed(digits);
  const unit = share ? ' points' : '';
  if (!interval) return `${text(difference)}${unit}, no interval`;
  const [low, high] = interval;
  if (low === high) return `${text(difference)}${unit} at every seed`;
  return `${text(difference)} [${text(low)}, ${text(high)}]${unit}`;
}

/** "87.31 ± 0.20 %" for shares, three significant digits and a fitting error for others. */
export function written(figure: string, { mean, se }: Pick<Measured, 'mean' | 'se'>): string {
  if (!Number.isFinite(mean)) return 'n/a';
  const share = isShare(figure);
  const factor = share ? 100 : 1;
  const digits = digitsOf(figure, mean);
  const text = (mean * factor).toFixed(digits);
  const error = se === null ? '' : ` ± ${(se * factor).toFixed(digits)}`;
  return `${text}${error}${share ? ' %' : ''}`;
}

/** Two digits behind the point for shares, else as many as make three significant ones. */
function digitsOf(figure: string, value: number): number {
  if (isShare(figure)) return 2;
  const size = Math.floor(Math.log10(Math.abs(value) || 1));
  return Math.min(6, Math.max(0, 2 - size));
}
