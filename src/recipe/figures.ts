/** The figures by which networks are compared: what each is called, its unit, and which way is better. */

/** Figures of tasks that ask for a class. */
export type ClassFigure = 'accuracy' | 'agreement' | 'kl' | 'nll' | 'ece';
/** Figures of tasks that ask for real values; `angle` only where these are a direction, `insight` where the uncertainty is known. */
export type ValueFigure =
  | 'rmse'
  | 'angle'
  | 'nll'
  | 'kl'
  | 'within1'
  | 'within90'
  | 'calibration'
  | 'insight';
export type FigureName = ClassFigure | ValueFigure;

/** A network's figures on a split: those that its task has. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;
export type ClassFigures = Readonly<Record<ClassFigure, number>>;
export type ValueFigures = Readonly<Record<Exclude<ValueFigure, 'angle' | 'insight'>, number>> &
  Readonly<Partial<Record<'angle' | 'insight', number>>>;

export interface FigureInfo {
  readonly title: string;
  /** Short, for the head of a column. */
  readonly short: string;
  /** What a number of it counts: a share of 1, nats, degrees, a rank correlation, or the unit of the task's targets. */
  readonly unit: 'share' | 'nats' | 'degrees' | 'rank' | 'target';
  /** Which way is better; a number is the value that it should have. */
  readonly better: 'higher' | 'lower' | number;
  readonly note: string;
}

export const FIGURES: Readonly<Record<FigureName, FigureInfo>> = {
  accuracy: {
    title: 'Accuracy',
    short: 'accuracy',
    unit: 'share',
    better: 'higher',
    note: 'right answers',
  },
  agreement: {
    title: 'Agreement',
    short: 'agreement',
    unit: 'share',
    better: 'higher',
    note: 'same first answer as the teacher',
  },
  kl: {
    title: 'KL to teacher',
    short: 'KL',
    unit: 'nats',
    better: 'lower',
    note: 'lower is closer to the teacher',
  },
  nll: {
    title: 'NLL',
    short: 'NLL',
    unit: 'nats',
    better: 'lower',
    note: 'negative log-likelihood of the true answers',
  },
  ece: {
    title: 'Calibration error',
    short: 'ECE',
    unit: 'share',
    better: 'lower',
    note: 'confidence against share of right answers',
  },
  rmse: {
    title: 'RMSE',
    short: 'RMSE',
    unit: 'target',
    better: 'lower',
    note: 'root of the mean squared error of the mean',
  },
  angle: {
    title: 'Angular error',
    short: 'angle',
    unit: 'degrees',
    better: 'lower',
    note: 'mean angle between the true and the predicted direction',
  },
  within1: {
    title: 'Within one sigma',
    short: 'within 1σ',
    unit: 'share',
    better: 0.6827,
    note: 'true values within one predicted standard deviation; 68 % is right',
  },
  within90: {
    title: 'Within the 90 % interval',
    short: 'in 90 %',
    unit: 'share',
    better: 0.9,
    note: 'true values within the predicted 90 % interval; 90 % is right',
  },
  calibration: {
    title: 'Calibration error',
    short: 'calibration',
    unit: 'share',
    better: 'lower',
    note: 'mean distance of the predicted quantiles from the true shares',
  },
  insight: {
    title: 'Insight into its uncertainty',
    short: 'insight',
    unit: 'rank',
    better: 'higher',
    note: 'rank correlation of the predicted variance with the true uncertainty',
  },
};
