/** What a run reports: plain data, the same for the page, the command line and the tests. */
import type { Figures } from './figures';

export type { Figures };

/** One sampled row as the stage shows it, with the answers of the networks. */
export interface StageSample {
  /** Unique within the run. */
  readonly id: number;
  readonly step: number;
  /** Sampler that drew it: 'none', 'interpolation', 'cutmix', 'noise', 'other', 'generator'. */
  readonly source: string;
  /** What it is, where it was made of no row of the data set: "uniform noise", or a generator's classes. It has no parents. */
  readonly made?: string;
  /** Pixels, RGBA uint8 of the task's size, or [x, y] on the plane. */
  readonly pixels: Uint8ClampedArray | readonly number[];
  readonly parents: readonly {
    readonly row: number;
    /** Class; -1 where the targets are real values. */
    readonly label: number;
    /** True values in their unit; there where the task asks for them. */
    readonly values?: readonly number[];
    /** Share of this parent in the sample, 0 to 1. */
    readonly share: number;
    readonly pixels: Uint8ClampedArray | readonly number[];
  }[];
  /** Teacher probabilities at temperature 1; empty where the task asks for real values. */
  readonly teacher: readonly number[];
  /** Each student's probabilities at temperature 1, in the order of the recipe's students. */
  readonly students: readonly (readonly number[])[];
  /** What they answer where the task asks for real values. */
  readonly gaussian?: {
    readonly teacher: GaussianAnswer;
    readonly students: readonly GaussianAnswer[];
  };
  /**
   * Teacher entropy divided by ln(classes), 0 to 1; for real values the teacher's standard deviation in units of the
   * targets' own, their mean, at most 1.
   */
  readonly entropy: number;
  /** KL(teacher || student) in nats at temperature 1, per student. */
  readonly kl: readonly number[];
}

/** What the students answer to one question that was asked before, by the weights of a later step. */
export interface LaterAnswers extends Pick<StageSample, 'students' | 'kl'> {
  /** The question's. */
  readonly id: number;
  /** The students' where the task asks for real values. */
  readonly gaussian?: readonly GaussianAnswer[];
}

/** A network's Gaussian for every target, in the targets' unit. */
export interface GaussianAnswer {
  readonly mean: readonly number[];
  /** Standard deviations; null where none is known (a student that learns only a mean, before its first evaluation). */
  readonly sd: readonly number[] | null;
}

/** A network's answers along a line, one for each place. */
export type LineAnswer = GaussianAnswer;

/** One student's training terms at a step. */
export interface TrainPoint {
  /** Weighted loss. */
  readonly loss: number;
  /** Raw terms in natural units. */
  readonly terms: Readonly<Record<string, number>>;
}

/** What one student takes as it stands, stored and run. */
export interface Footprint {
  /** Bytes of all its numbers in their stored form, moving statistics included. */
  readonly bytes: number;
  /** Multiply-adds for one input. */
  readonly macs: number;
}

/** How the weights of one layer are spread, in equal bins from `low` to `high`. */
export interface WeightSpread {
  readonly layer: string;
  readonly low: number;
  readonly high: number;
  /** Counts of the weights that learn. */
  readonly learnt: readonly number[];
  /** Counts of what the network computes with in their place. */
  readonly used: readonly number[];
  /** The values that are stored, in order; empty where they are many. */
  readonly levels: readonly number[];
}

export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number | null;
  readonly teacherCalls: number;
  /** Rows that the teacher has answered. */
  readonly teacherRows: number;
}

export interface EvaluationPoint {
  readonly step: number;
  readonly seconds: number;
  readonly students: readonly Figures[];
  /** The same with averaged weights, where the recipe asks for them. */
  readonly averaged: readonly Figures[] | null;
  /** Of the best answer that is the same for every example: who is not better has not learnt. Absent in older recordings. */
  readonly constant?: Figures;
  /** Absent in older recordings. */
  readonly footprints?: readonly Footprint[];
  /** For each student one layer's weights; null where nothing changes them. Absent where no student has any. */
  readonly spreads?: readonly (WeightSpread | null)[];
}

/** How two students of one run compare on the same examples. */
export interface Verdict {
  readonly ahead: number;
  readonly behind: number;
  /** What they are compared by; accuracy where absent. */
  readonly figure?: 'nll';
  /** Difference of that figure: of accuracy, 0 to 1, or of NLL in nats. */
  readonly difference: number;
  /**
   * How likely so large a difference would be on other examples if both were equally good there (exact McNemar for
   * classes, else a paired test). It knows nothing of other seeds.
   */
  readonly p: number;
}

/** One network's picture of the plane: class and certainty on a grid. */
export interface PlaneGrid {
  /** Grid side; row 0 is the top (largest y). */
  readonly side: number;
  /** Half-width of the square that is drawn, in task units. */
  readonly extent: number;
  /** Probabilities, side*side*classes. */
  readonly probabilities: Float32Array;
}

export interface TaskReport {
  readonly classes: readonly string[];
  /** Names and unit of real-valued targets, where the task asks for them. */
  readonly targets?: { readonly names: readonly string[]; readonly unit: string };
  readonly shape: readonly number[];
  readonly counts: {
    readonly train: number;
    readonly transfer: number;
    readonly validation: number;
    readonly test: number;
  };
  readonly teacher: {
    readonly title: string;
    readonly validation: Figures;
    readonly parameters: number;
    readonly macs: number;
  };
  /** The teachers beside the first, where a student's method asks them. */
  readonly companions?: readonly {
    readonly title: string;
    readonly validation: Figures;
    readonly parameters: number;
    readonly macs: number;
  }[];
  /** The line of teachers before the run, by their figures on the test split; absent without generations. */
  readonly generations?: readonly { readonly title: string; readonly test: Figures }[];
  readonly students: readonly { readonly parameters: number; readonly macs: number }[];
  /** The first training examples, for the contact sheet (images) or all transfer points (plane, line). */
  readonly examples: readonly {
    readonly label: number;
    readonly values?: readonly number[];
    readonly pixels: Uint8ClampedArray | readonly number[];
  }[];
}

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly type: 'prepared'; readonly report: TaskReport }
  | { readonly type: 'state'; readonly state: 'running' | 'paused' | 'done' | 'stopped' }
  | {
      readonly type: 'metrics';
      readonly progress: Progress;
      readonly train: readonly TrainPoint[];
    }
  | {
      readonly type: 'evaluated';
      readonly point: EvaluationPoint;
      readonly verdicts: readonly Verdict[];
    }
  | { readonly type: 'stage'; readonly samples: readonly StageSample[] }
  | {
      /** Questions of before, answered again by the weights of this step; the teacher's answers stay what they were. */
      readonly type: 'answers';
      readonly step: number;
      readonly questions: readonly LaterAnswers[];
    }
  | {
      readonly type: 'plane';
      readonly step: number;
      readonly teacher: PlaneGrid;
      readonly students: readonly PlaneGrid[];
    }
  | {
      readonly type: 'line';
      readonly step: number;
      /** Inputs at which everybody was asked, from left to right. */
      readonly places: readonly number[];
      readonly teacher: LineAnswer;
      readonly students: readonly LineAnswer[];
    }
  | {
      readonly type: 'tested';
      readonly teacher: Figures;
      readonly students: readonly Figures[];
      /** See EvaluationPoint. */
      readonly constant?: Figures;
      readonly footprints?: readonly Footprint[];
      readonly verdicts: readonly Verdict[];
      readonly seconds: number;
    }
  /** Training came apart; an error ends the run after this. What is shown from now on are the last good weights. */
  | {
      readonly type: 'exploded';
      /** From which the loss was no longer as it should be, counted from 1. */
      readonly step: number;
      /** The students by their last good weights, on the validation split; of step 0 where they had only just begun. */
      readonly good: EvaluationPoint;
    }
  | {
      readonly type: 'notice';
      readonly sentence: string;
      /** The first step with other settings, where it says that some were changed in the run. */
      readonly changedFrom?: number;
    };

/** Speed of the loop: slow shows a step a second, live leaves room for drawing, max runs as fast as it can. */
export type Speed = 'slow' | 'live' | 'max';
