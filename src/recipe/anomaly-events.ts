/** What a run of anomaly detection reports: plain data, the same for the page, the command line and the tests. */

/** How well one arm finds faults. */
export interface AnomalyFigures {
  /** Area under the receiver operating curve over images, 0.5 for guessing. */
  readonly imageAuc: number;
  /** Average precision over pixels; guessing gives the share of faulty pixels. */
  readonly pixelAp: number;
  /** Area under the receiver operating curve over pixels. */
  readonly pixelAuc: number;
  /** Image AUC of each kind of fault against all normal images. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** An image with its truth and what the arms make of it. */
export interface AnomalySample {
  /** Kind of the fault, null where there is none. */
  readonly kind: string | null;
  /** RGBA, side * side * 4. */
  readonly pixels: Uint8ClampedArray;
  /** 1 where the fault is, side * side. */
  readonly mask: Uint8Array;
  /** Each arm's scores, side * side, in the order of the recipe's arms; null before an arm has any. */
  readonly maps: readonly (Float32Array | null)[];
}

/** The two parts of the training, in their order. */
export type AnomalyPart = 'student' | 'segmentation';

export interface AnomalyProgress {
  /** Steps taken in both parts together. */
  readonly step: number;
  readonly steps: number;
  readonly part: AnomalyPart;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number | null;
  /** Loss of the part at hand, per arm; arms that share a student share its loss. */
  readonly losses: readonly number[];
}

export interface AnomalyReport {
  readonly side: number;
  readonly teacher: { readonly title: string; readonly parameters: number };
  /** Trainable parameters. */
  readonly student: number;
  readonly segmentation: number;
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
}

/** Each arm's figures; null for arms whose network has not been trained yet. */
export type ArmFigures = readonly (AnomalyFigures | null)[];

export type AnomalyEvent =
  | { readonly type: 'anomalyPrepared'; readonly report: AnomalyReport }
  | { readonly type: 'anomalyState'; readonly state: 'running' | 'paused' | 'done' | 'stopped' }
  | { readonly type: 'anomalyMetrics'; readonly progress: AnomalyProgress }
  | { readonly type: 'anomalyEvaluated'; readonly step: number; readonly arms: ArmFigures }
  | { readonly type: 'anomalySamples'; readonly samples: readonly AnomalySample[] }
  /** Training came apart; an error ends the run after this. What is shown from now on are the last good weights. */
  | {
      readonly type: 'anomalyExploded';
      /** From which the loss was no longer as it should be, counted from 1. */
      readonly step: number;
      /** The arms by the last good weights, on the validation images. */
      readonly good: { readonly step: number; readonly arms: ArmFigures };
    }
  | {
      readonly type: 'anomalyTested';
      readonly arms: readonly AnomalyFigures[];
      readonly seconds: number;
    };
