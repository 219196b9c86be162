import { FIGURES } from './figures';
import type { FigureName, Figures } from './figures';

/** What a student falls short in: its value, and that of the best answer that is the same for every example. */
export interface Shortfall {
  readonly figure: FigureName;
  readonly value: number;
  readonly constant: number;
}

/** In the order in which they are told. */
const TOLD: readonly FigureName[] = ['accuracy', 'kl', 'nll'];

/**
 * Whether a student has learnt what no constant answer can know: the first figure in which it is no better than the best
 * of these, null where it is better in all. Accuracy has to be above by two standard errors: that far chance goes.
 *
 * @param constant figures of the constant answer on the same examples
 * @param count of the examples
 */
export function shortfall(student: Figures, constant: Figures, count: number): Shortfall | null {
  for (const figure of TOLD) {
    const [value, least] = [student[figure], constant[figure]];
    if (value === undefined || least === undefined) continue;
    const chance = figure === 'accuracy' ? 2 * Math.sqrt((least * (1 - least)) / count) : 0;
    const better = FIGURES[figure].better === 'higher' ? value > least + chance : value < least;
    // No comparison holds of what is no number: it falls short.
    if (!better) return { figure, value, constant: least };
  }
  return null;
}
