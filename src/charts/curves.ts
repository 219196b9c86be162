import { FIGURES, type FigureName } from '../recipe/figures';
import { smooth } from './smooth';
import { thinRows } from './thin';

export type CurveName = FigureName | 'loss';

/** One figure over the steps of a run: a column for each student, in the order of the run's students. */
export interface Columns {
  readonly steps: readonly number[];
  readonly values: readonly (readonly number[])[];
  /** The same with averaged weights; null where the run has none. */
  readonly averaged: readonly (readonly number[])[] | null;
}

/** What a chart draws: one row per step, {step, a0, a1, ..., r0, ..., v0, ...}. */
export type CurveRow = Readonly<Record<string, number | null>>;

export interface CurveOptions {
  /** Weight of the past in the drawn line, 0 for none; the raw values then stay beside it. */
  readonly smoothing: number;
  /** Values that a logarithmic axis cannot show (zero and below) become gaps. */
  readonly log: boolean;
  /** Most points a line may have. */
  readonly limit: number;
}

/** Keys of a student's columns in a row: the line, its raw values (only with smoothing), its weight average. */
export const lineKey = (student: number) => `a${student}`;
export const rawKey = (student: number) => `r${student}`;
export const averageKey = (student: number) => `v${student}`;

/** Smooths whole columns first, then keeps the rows that hold every line's peaks. */
export function curveRows(columns: Columns, options: CurveOptions): CurveRow[] {
  const smoothed = columns.values.map((values) =>
    options.smoothing > 0 ? smooth(values, options.smoothing) : values,
  );
  const shown = (value: number | undefined) =>
    value === undefined || !Number.isFinite(value) || (options.log && value <= 0) ? null : value;
  return thinRows(columns.values, options.limit).map((row) => {
    const cells: Record<string, number | null> = { step: columns.steps[row] ?? 0 };
    smoothed.forEach((values, student) => {
      cells[lineKey(student)] = shown(values[row]);
      if (options.smoothing > 0) cells[rawKey(student)] = shown(columns.values[student]?.[row]);
    });
    columns.averaged?.forEach((values, student) => {
      cells[averageKey(student)] = shown(values[row]);
    });
    return cells;
  });
}

/** Whether a figure is a fraction, shown as a percentage. */
export function isFraction(curve: CurveName): boolean {
  return curve !== 'loss' && FIGURES[curve].unit === 'share';
}
