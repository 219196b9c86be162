import type { AnomalyRecipe } from '../../recipe/anomaly';
import type { Fault } from '../../recipe/errors';
import { FAULTS } from '../../recipe/presets';
import type {
  AnomalyEvent,
  AnomalyFigures,
  AnomalyProgress,
  AnomalyReport,
  AnomalySample,
  ArmFigures,
  FromWorker,
} from '../../worker/protocol';
import type { Phase } from '../run';

/** A link to the preset that finds faults, without #: its settings stand fast. */
export const FAULTS_LINK = `preset=${FAULTS.id}`;

/** What the page knows of a run that finds faults. */
export interface AnomalyView {
  readonly id: number;
  readonly recipe: AnomalyRecipe;
  readonly phase: Phase;
  readonly working: { readonly what: string; readonly share: number } | null;
  readonly report: AnomalyReport | null;
  readonly progress: AnomalyProgress | null;
  /** Validation figures, in order of their steps. */
  readonly points: readonly { readonly step: number; readonly arms: ArmFigures }[];
  readonly samples: readonly AnomalySample[];
  readonly tested: readonly AnomalyFigures[] | null;
  readonly fault: Fault | null;
  /** Training came apart at a step; the last point and the pictures are those of the last good weights. */
  readonly exploded: { readonly step: number; readonly good: number } | null;
}

export function newAnomaly(id: number, recipe: AnomalyRecipe): AnomalyView {
  return {
    id,
    recipe,
    phase: 'preparing',
    working: null,
    report: null,
    progress: null,
    points: [],
    samples: [],
    tested: null,
    fault: null,
    exploded: null,
  };
}

/** Messages of a run that finds faults; some kinds are those of every run. */
export type AnomalyMessage =
  | (AnomalyEvent & { readonly run: number })
  | Extract<FromWorker, { readonly type: 'working' | 'failed' }>;

export function isAnomalyMessage(message: FromWorker): message is AnomalyMessage {
  return (
    message.type.startsWith('anomaly') || message.type === 'working' || message.type === 'failed'
  );
}

/** The run after a message about it. Messages of other runs change nothing. */
export function afterAnomaly(view: AnomalyView, message: AnomalyMessage): AnomalyView {
  if (message.run !== view.id) return view;
  switch (message.type) {
    case 'working':
      return { ...view, working: { what: message.what, share: message.share } };
    case 'failed':
      return { ...view, phase: 'failed', working: null, fault: message.fault };
    case 'anomalyPrepared':
      return { ...view, phase: 'ready', working: null, report: message.report };
    case 'anomalyState':
      return { ...view, phase: message.state };
    case 'anomalyMetrics':
      return { ...view, progress: message.progress };
    case 'anomalyEvaluated':
      return { ...view, points: [...view.points, { step: message.step, arms: message.arms }] };
    case 'anomalySamples':
      return { ...view, samples: message.samples };
    case 'anomalyExploded': {
      const { step, good } = message;
      const points = [...view.points.filter((point) => point.step < good.step), good];
      return { ...view, points, exploded: { step, good: good.step } };
    }
    case 'anomalyTested':
      return { ...view, tested: message.arms };
  }
}
