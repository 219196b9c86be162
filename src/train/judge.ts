import type { Figures } from '../recipe/figures';
import type { TaskData } from '../tasks/contract';
import type { EvaluationSet } from './data';
import { constantValues, insightOf, logLosses, meanSquares, valueFigures } from './gaussian';
import type { Constant } from './gaussian';
import { constantClasses, correctness, figures } from './metrics';
import type { Answers } from './metrics';
import type { Outcomes } from './verdicts';

/** How answers on a task are judged: as classes, or as Gaussians of real values. */
export interface Judge {
  figures(student: Answers, teacher: Answers, set: EvaluationSet, constant?: Constant): Figures;
  /** What two students are compared by, row by row. */
  outcomes(student: Answers, set: EvaluationSet, constant?: Constant): Outcomes;
  /** What the best answer would reach that is the same for every example of a set: what there is to learn lies beyond it. */
  constantAnswer(teacher: Answers, set: EvaluationSet): Figures;
  /** The variance to give to a student that learns only a mean. */
  constant(student: Answers, set: EvaluationSet): Constant;
}

export function judgeOf({ targets }: TaskData): Judge {
  if (!targets)
    return {
      figures: (student, teacher, { labels }) => figures(student, teacher, labels),
      outcomes: (student, { labels }) => correctness(student, labels),
      constantAnswer: (teacher, { labels }) => constantClasses(teacher, labels),
      constant: () => null,
    };
  return {
    figures: (student, teacher, { values, doubt }, constant = null) => ({
      ...valueFigures(student, teacher, values, targets, constant),
      ...(doubt && { insight: constant ? 0 : insightOf(student, doubt) }),
    }),
    outcomes: (student, { values }, constant) => logLosses(student, values, targets, constant),
    constantAnswer: (teacher, { values }) => constantValues(teacher, values, targets),
    constant: (student, { values }) => meanSquares(student, values, targets),
  };
}
