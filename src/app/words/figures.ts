import { FIGURES, type FigureName, type Figures } from '../../recipe/figures';
import { measured, percent } from './format';

/** A figure as it is read: "92.5 %", "0.28", "4.1 °". @param unit of the task's targets */
export function figureText(name: FigureName, value: number | undefined, unit = ''): string {
  const known = value ?? NaN;
  const after = (text: string) => (Number.isFinite(known) && text !== '' ? `\u00a0${text}` : '');
  switch (FIGURES[name].unit) {
    case 'share':
      return percent(known);
    case 'degrees':
      return `${measured(known)}${after('°')}`;
    case 'target':
      return `${measured(known)}${after(unit)}`;
    case 'nats':
    case 'rank':
      return measured(known);
  }
}

/** The figures of real values that stand in the table of results: how far off, how likely, how close, how honest. */
export function valueColumns(figures: Figures | null): readonly FigureName[] {
  return [figures?.angle === undefined ? 'rmse' : 'angle', 'nll', 'kl', 'within90'];
}

/** True values or means with their deviations in words: "12.3 °", "0.41 ± 0.12". */
export function valueWords(
  mean: readonly number[],
  sd: readonly number[] | null,
  unit: string,
): string {
  const after = unit === '' ? '' : `\u00a0${unit}`;
  return mean
    .map((value, k) => {
      const spread = sd?.[k];
      return `${measured(value)}${spread === undefined ? '' : ` ± ${measured(spread)}`}${after}`;
    })
    .join(', ');
}
