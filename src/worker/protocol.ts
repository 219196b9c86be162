/**
 * What the page and the worker say to each other: types only. Every message of a run carries its id, so that words of
 * a run that was reset are ignored.
 */
import type { LinkForm } from '../recipe/check-words';
import type { Catalogue, Recipe } from '../recipe/recipe';
import type { BackendName, DeviceReport } from '../recipe/device';
import type { AnyValues } from '../recipe/fields';
import type { DataSummary, KeptData, OwnData } from '../recipe/own-data';
import type { AnomalyRecipe } from '../recipe/anomaly';
import type {
  AnomalyEvent,
  AnomalyFigures,
  AnomalyProgress,
  AnomalyReport,
  AnomalySample,
  ArmFigures,
} from '../recipe/anomaly-events';
import type { Fault } from '../recipe/errors';
import type { Inspection } from '../recipe/inspection';
import type { Meaning } from '../recipe/meaning';
import type { ReadNetwork } from '../upload/given';
import type {
  EvaluationPoint,
  Figures,
  Footprint,
  LaterAnswers,
  LineAnswer,
  PlaneGrid,
  Progress,
  RunEvent,
  Speed,
  StageSample,
  TaskReport,
  TrainPoint,
  Verdict,
  WeightSpread,
} from '../recipe/events';

export type {
  DataSummary,
  KeptData,
  OwnData,
  AnomalyEvent,
  AnomalyFigures,
  AnomalyProgress,
  AnomalyReport,
  AnomalySample,
  ArmFigures,
  BackendName,
  DeviceReport,
  EvaluationPoint,
  Figures,
  Footprint,
  LaterAnswers,
  LineAnswer,
  PlaneGrid,
  Progress,
  Speed,
  RunEvent,
  StageSample,
  TaskReport,
  TrainPoint,
  Verdict,
  WeightSpread,
};

export type ToWorker =
  | {
      readonly type: 'hello';
      readonly backend: BackendName | null;
      /** Another backend may take the place of the one that is asked for by name. */
      readonly orElse?: boolean;
      readonly base: string;
      /** Every so many replayed steps one is taken both ways and compared: a debug switch (gpu/replay/audit.ts). */
      readonly audit?: number;
    }
  | {
      readonly type: 'check';
      readonly request: number;
      readonly recipe: unknown;
      /** Where the settings are a link's: what is wrong with them is then replaced instead of refused. */
      readonly link?: LinkForm;
    }
  | {
      readonly type: 'files';
      readonly request: number;
      readonly task: string;
      readonly files: readonly File[];
    }
  /**
   * A person's own images, as a reader made them, for the task "images"; what was held before stays if they are refused.
   * Their buffers move to the worker. Answered by `dataRead` and `filesRead`, or by `filesRefused`.
   */
  | {
      readonly type: 'data';
      readonly request: number;
      readonly data: OwnData;
      /** Parameters of the task, as a recipe has them. */
      readonly params: AnyValues;
    }
  /** The summary of the images that are held, for other parameters of the task. Answered as `data` is. */
  | { readonly type: 'dataView'; readonly request: number; readonly params: AnyValues }
  /** Keeps the images that are held, in the browser's private file system; one of the same name is replaced. */
  | { readonly type: 'keepData'; readonly request: number; readonly name: string }
  | { readonly type: 'listKept'; readonly request: number }
  | { readonly type: 'forgetKept'; readonly request: number; readonly id: string }
  /** Loads kept images in the place of those that are held. Answered as `data` is. */
  | {
      readonly type: 'loadKept';
      readonly request: number;
      readonly id: string;
      readonly params: AnyValues;
    }
  /**
   * A network that was read from files: kept under their digest until it is forgotten, and inspected on the recipe's
   * task. Answered by `inspecting`, then `inspected` or `notInspected`.
   */
  | {
      readonly type: 'teacherRead';
      readonly request: number;
      readonly network: ReadNetwork;
      readonly sha256: string;
      readonly recipe: Recipe;
    }
  /** A network that a worker before this one inspected: kept like the others, and not inspected anew. */
  | { readonly type: 'teacherAgain'; readonly network: ReadNetwork; readonly sha256: string }
  /** Inspects a kept network anew: on another task, or with what a person corrected. The one before is broken off. */
  | {
      readonly type: 'inspect';
      readonly request: number;
      readonly sha256: string;
      readonly recipe: Recipe;
      readonly corrections: Partial<Meaning>;
    }
  /** Breaks an inspection off; it is answered by `notInspected` with the code E_STOPPED. */
  | { readonly type: 'inspectStop'; readonly request: number }
  | { readonly type: 'teacherForget'; readonly sha256: string }
  | { readonly type: 'prepare'; readonly run: number; readonly recipe: Recipe }
  /** A run that finds faults; played, paused, stepped and stopped like the others. */
  | { readonly type: 'prepareAnomaly'; readonly run: number; readonly recipe: AnomalyRecipe }
  | { readonly type: 'play'; readonly run: number }
  | { readonly type: 'pause'; readonly run: number }
  | { readonly type: 'step'; readonly run: number }
  | { readonly type: 'stop'; readonly run: number }
  /** What is trained before the run has learnt enough: the run goes on with it as it stands. */
  | { readonly type: 'enough'; readonly run: number }
  /** Other numbers for a run that goes on (see recipe/live.ts). */
  | { readonly type: 'adjust'; readonly run: number; readonly recipe: Recipe }
  /** The questions that are still on the page, by their ids: they are answered again as the students learn. */
  | { readonly type: 'watch'; readonly run: number; readonly questions: readonly number[] }
  | { readonly type: 'speed'; readonly run: number; readonly speed: Speed };

export type FromWorker =
  | { readonly type: 'ready'; readonly catalogue: Catalogue; readonly device: DeviceReport }
  | {
      readonly type: 'checked';
      readonly request: number;
      readonly recipe: Recipe | null;
      /** In the words of the page; of a link also where there is a recipe: what is used instead of what. */
      readonly problems: readonly string[];
    }
  | {
      readonly type: 'filesReading';
      readonly request: number;
      readonly task: string;
      readonly what: string;
      readonly share: number;
    }
  | {
      readonly type: 'filesRead';
      readonly request: number;
      readonly task: string;
      readonly sentence: string;
    }
  /** What a person is shown of own images before they are used. */
  | { readonly type: 'dataRead'; readonly request: number; readonly summary: DataSummary }
  /** All that is kept, after `keepData`, `listKept` and `forgetKept`. */
  | { readonly type: 'kept'; readonly request: number; readonly entries: readonly KeptData[] }
  | { readonly type: 'keptRefused'; readonly request: number; readonly fault: Fault }
  | {
      readonly type: 'filesRefused';
      readonly request: number;
      readonly task: string;
      readonly fault: Fault;
    }
  | {
      readonly type: 'inspecting';
      readonly request: number;
      readonly what: string;
      readonly share: number;
    }
  | { readonly type: 'inspected'; readonly request: number; readonly report: Inspection }
  | {
      readonly type: 'notInspected';
      readonly request: number;
      readonly fault: Fault;
      /** Ids of presets whose task the network would suit by its form. */
      readonly fits: readonly string[];
    }
  | {
      readonly type: 'working';
      readonly run: number;
      readonly what: string;
      readonly share: number;
      /** By its pace so far; null while that says too little. */
      readonly secondsLeft: number | null;
    }
  /** Said now and then in the middle of long work, which is not to be taken for silence. */
  | { readonly type: 'alive' }
  | (RunEvent & { readonly run: number })
  | (AnomalyEvent & { readonly run: number })
  | { readonly type: 'failed'; readonly run: number; readonly fault: Fault }
  /** The device is of no use any more, and the worker with it: its last word. */
  | { readonly type: 'broken'; readonly fault: Fault };
