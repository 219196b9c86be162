import { identities, type Identity } from '../charts/identity';
import type { Fault } from '../recipe/errors';
import type { Recipe } from '../recipe/recipe';
import type {
  EvaluationPoint,
  Figures,
  FromWorker,
  LineAnswer,
  PlaneGrid,
  Progress,
  TaskReport,
  Verdict,
} from '../worker/protocol';

export type Phase = 'preparing' | 'ready' | 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/** The figures on the test split, from the last weights. */
export interface Tested {
  readonly teacher: Figures;
  readonly students: readonly Figures[];
  /** Of the best answer that is the same for every example; absent in older recordings. */
  readonly constant?: Figures;
  readonly verdicts: readonly Verdict[];
}

/** What the page knows of one run, live or recorded; curves and sampled questions are kept beside it. */
export interface RunView {
  readonly id: number;
  readonly recipe: Recipe;
  readonly looks: readonly Identity[];
  readonly phase: Phase;
  /** What is being prepared, with its share from 0 to 1. */
  readonly working: {
    readonly what: string;
    readonly share: number;
    readonly secondsLeft: number | null;
  } | null;
  /** The preparation takes so long that one may want to stop it. */
  readonly stoppable: boolean;
  readonly report: TaskReport | null;
  readonly progress: Progress | null;
  /** The first step with other settings than those that the run began with; null where all have them. */
  readonly changed: number | null;
  readonly evaluation: EvaluationPoint | null;
  readonly verdicts: readonly Verdict[];
  readonly tested: Tested | null;
  readonly plane: {
    readonly step: number;
    readonly teacher: PlaneGrid;
    readonly students: readonly PlaneGrid[];
  } | null;
  readonly line: {
    readonly step: number;
    readonly places: readonly number[];
    readonly teacher: LineAnswer;
    readonly students: readonly LineAnswer[];
  } | null;
  readonly fault: Fault | null;
  /** Training came apart at a step; `evaluation`, pictures and answers are those of the last good weights, `good` steps old. */
  readonly exploded: { readonly step: number; readonly good: number } | null;
}

/** Messages of a run that learns to classify; runs that find faults have events of their own. */
export type RunMessage = Exclude<
  Extract<FromWorker, { readonly run: number }>,
  { readonly type: `anomaly${string}` }
>;

export function isRunMessage(message: FromWorker): message is RunMessage {
  return 'run' in message && !message.type.startsWith('anomaly');
}

/** A run that has just been asked for. Looks stay those of the list it was chosen from, `bench`. */
export function newRun(id: number, recipe: Recipe, bench: Recipe['students']): RunView {
  const looks = identities(bench).filter((look) =>
    recipe.students.some((student) => student.name === look.name),
  );
  return {
    id,
    recipe,
    looks,
    phase: 'preparing',
    working: null,
    stoppable: false,
    report: null,
    progress: null,
    changed: null,
    evaluation: null,
    verdicts: [],
    tested: null,
    plane: null,
    line: null,
    fault: null,
    exploded: null,
  };
}

/** The run after a message about it. Messages of other runs change nothing. */
export function afterMessage(run: RunView, message: RunMessage): RunView {
  if (message.run !== run.id) return run;
  switch (message.type) {
    case 'working':
      return {
        ...run,
        working: { what: message.what, share: message.share, secondsLeft: message.secondsLeft },
        stoppable: run.phase === 'preparing' && (run.stoppable || message.secondsLeft !== null),
      };
    case 'prepared':
      return { ...run, phase: 'ready', working: null, stoppable: false, report: message.report };
    case 'state':
      return { ...run, phase: message.state, working: null, stoppable: false };
    case 'metrics':
      return { ...run, progress: message.progress };
    case 'evaluated':
      return {
        ...run,
        evaluation: message.point,
        verdicts: message.verdicts,
        progress: run.progress && reached(run.progress, message.point.step),
      };
    case 'plane':
      return {
        ...run,
        plane: { step: message.step, teacher: message.teacher, students: message.students },
      };
    case 'line':
      return {
        ...run,
        line: {
          step: message.step,
          places: message.places,
          teacher: message.teacher,
          students: message.students,
        },
      };
    case 'tested':
      return {
        ...run,
        working: null,
        verdicts: message.verdicts,
        tested: {
          teacher: message.teacher,
          students: message.students,
          ...(message.constant && { constant: message.constant }),
          verdicts: message.verdicts,
        },
      };
    case 'exploded':
      return {
        ...run,
        evaluation: message.good,
        verdicts: [],
        exploded: { step: message.step, good: message.good.step },
      };
    case 'failed':
      return { ...run, phase: 'failed', working: null, stoppable: false, fault: message.fault };
    case 'stage':
    case 'answers':
      return run;
    case 'notice':
      return { ...run, changed: run.changed ?? changedIn(message) };
  }
}

/** Before its first step a run is not changed: it is of the new settings alone. */
function changedIn({ changedFrom = 1 }: { readonly changedFrom?: number }): number | null {
  return changedFrom > 1 ? changedFrom : null;
}

/** Progress that is told now and then, brought to a step that was reached since: no figure is of a later step than it. */
function reached(progress: Progress, step: number): Progress {
  return progress.step < step ? { ...progress, step } : progress;
}

/** Whether a run makes no step any more. */
export function isOver(phase: Phase): boolean {
  return phase === 'done' || phase === 'stopped' || phase === 'failed';
}

/** Whether a run has made a step, so that starting again would lose something. */
export function hasBegun(run: RunView | null): run is RunView {
  return run !== null && ((run.progress?.step ?? 0) > 0 || run.phase === 'running');
}

/** The figures to show: those of the test when there are any, else the last ones on the validation split. */
export function figuresOf(run: RunView): {
  readonly split: 'test' | 'validation';
  readonly step: number | null;
  readonly teacher: Figures | null;
  readonly students: readonly (Figures | undefined)[];
} {
  if (run.tested) {
    const { teacher, students } = run.tested;
    return { split: 'test', step: run.progress?.step ?? null, teacher, students };
  }
  return {
    split: 'validation',
    step: run.evaluation?.step ?? null,
    teacher: run.report?.teacher.validation ?? null,
    students: run.looks.map((_, student) => run.evaluation?.students[student]),
  };
}
