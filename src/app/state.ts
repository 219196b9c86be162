import type { Fault } from '../recipe/errors';
import { afterAnomaly, isAnomalyMessage, type AnomalyView } from './anomaly/view';
import type { Catalogue, InputKind, Recipe, TaskEntry } from '../recipe/recipe';
import type { DeviceReport, FromWorker, Speed, StageSample } from '../worker/protocol';
import {
  hearOwn,
  nothingOwn,
  reduceOwn,
  type Doing,
  type OwnAction,
  type OwnState,
} from './own/state';
import { kindOf } from './panels';
import { afterMessage, hasBegun, type Phase, type RunMessage, type RunView } from './run';

/** Id of a recorded run; those of the worker count from 1. */
export const RECORDED = 0;

/** Key of what a run has to say. */
const RUN_NOTICE = 'run';

export type FileState =
  | { readonly phase: 'reading'; readonly what: string; readonly share: number }
  | { readonly phase: 'read'; readonly sentence: string }
  | { readonly phase: 'refused'; readonly fault: Fault };

/** What is said about a recorded run. */
export interface Recorded {
  readonly recordedOn: string;
  /** How many times faster than it happened it is shown. */
  readonly faster: number;
}

/** A sentence above the panels, until it is closed. */
export interface Notice {
  /** A newer notice with the same key takes its place. */
  readonly key: string;
  readonly tone: 'info' | 'warning';
  readonly sentence: string;
  readonly more?: readonly string[];
}

export interface AppState {
  readonly worker: 'starting' | 'ready' | 'lost';
  /** Why the worker, or the device that it trained on, is lost. */
  readonly lost: Fault | null;
  readonly device: DeviceReport | null;
  readonly catalogue: Catalogue | null;
  /** The settings on the page: every student that may take part. */
  readonly draft: Recipe;
  /** Names of the students that are switched off. */
  readonly off: readonly string[];
  /** The person has chosen or changed something: the page no longer changes its mind about the preset. */
  readonly touched: boolean;
  readonly live: RunView | null;
  /** The settings that the live run was asked for with. */
  readonly asked: Recipe | null;
  readonly recorded: (RunView & Recorded) | null;
  readonly showing: 'recorded' | 'live';
  /** The run that finds faults, which then has the page to itself; null while it is not chosen. */
  readonly anomaly: AnomalyView | null;
  /** What was pressed and waits for the worker. */
  readonly intent: 'play' | 'step' | null;
  readonly speed: Speed;
  /** What became of the files that were given last, by task. */
  readonly files: Readonly<Record<string, FileState>>;
  /** What the worker holds, in words, by task: files that are refused change nothing of it. */
  readonly loaded: Readonly<Record<string, string>>;
  readonly notices: readonly Notice[];
  /** What a person brings. */
  readonly own: OwnState;
  /** The sample under the pointer, by its id, and the one that was clicked, which may have left the board. */
  readonly hovered: number | null;
  readonly pinned: StageSample | null;
}

export type Action =
  | { readonly type: 'message'; readonly message: FromWorker }
  | { readonly type: 'recording'; readonly run: RunView & Recorded }
  | { readonly type: 'replayed'; readonly message: RunMessage }
  | { readonly type: 'preset'; readonly recipe: Recipe; readonly byPerson: boolean }
  | { readonly type: 'edit'; readonly recipe: Recipe }
  | { readonly type: 'toggle'; readonly name: string }
  /** The live run goes on with other numbers. */
  | { readonly type: 'adjusted'; readonly recipe: Recipe }
  | { readonly type: 'asked'; readonly run: RunView; readonly asked: Recipe }
  /** A run that finds faults has been asked for. */
  | { readonly type: 'anomaly'; readonly run: AnomalyView }
  | { readonly type: 'showLive' }
  | { readonly type: 'intent'; readonly intent: 'play' | 'step' | null }
  | { readonly type: 'speed'; readonly speed: Speed }
  | { readonly type: 'lost'; readonly fault: Fault }
  | { readonly type: 'restarted' }
  | {
      readonly type: 'reading';
      readonly task: string;
      readonly what: string;
      readonly share: number;
    }
  | { readonly type: 'refused'; readonly task: string; readonly fault: Fault }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'dismiss'; readonly key: string }
  | { readonly type: 'hover'; readonly sample: number | null }
  | { readonly type: 'pin'; readonly sample: StageSample }
  | { readonly type: 'own'; readonly action: OwnAction };

export function initialState(recipe: Recipe): AppState {
  return {
    worker: 'starting',
    lost: null,
    device: null,
    catalogue: null,
    draft: recipe,
    off: [],
    touched: false,
    live: null,
    asked: null,
    recorded: null,
    showing: 'live',
    anomaly: null,
    intent: null,
    speed: 'live',
    files: {},
    loaded: {},
    notices: [],
    own: nothingOwn,
    hovered: null,
    pinned: null,
  };
}

/** The page's state after something happened. Pure. */
export function reduce(state: AppState, action: Action): AppState {
  switch (action.type) {
    case 'message': {
      const next = reduceMessage(state, action.message);
      const own = hearOwn(next.own, action.message);
      return own === next.own ? next : { ...next, own };
    }
    case 'recording':
      return {
        ...state,
        recorded: { ...action.run, phase: 'running' },
        showing: 'recorded',
        ...nothingChosen,
      };
    case 'replayed':
      if (!state.recorded) return state;
      return {
        ...state,
        recorded: { ...state.recorded, ...afterMessage(state.recorded, action.message) },
      };
    case 'preset':
      return {
        ...state,
        ...nothingShown(state),
        draft: action.recipe,
        off: [],
        touched: state.touched || action.byPerson,
      };
    case 'anomaly':
      // The worker has one run at a time: the other one is over.
      return {
        ...state,
        ...nothingShown(state),
        intent: state.intent,
        anomaly: action.run,
        touched: true,
      };
    case 'edit':
      return {
        ...state,
        ...(isOther(state.draft, action.recipe) && nothingShown(state)),
        draft: action.recipe,
        off: stillThere(state.off, action.recipe),
        touched: true,
      };
    case 'toggle':
      return { ...state, off: toggled(state, action.name), touched: true };
    case 'asked':
      return {
        ...state,
        live: action.run,
        asked: action.asked,
        notices: withoutRunNotices(state.notices),
        ...(state.showing === 'live' && nothingChosen),
      };
    case 'adjusted':
      return { ...state, asked: action.recipe };
    case 'showLive':
      // A question of the recording goes with it; one of the run that is shown already stays.
      return {
        ...state,
        touched: true,
        showing: 'live',
        ...(state.showing === 'recorded' && nothingChosen),
      };
    case 'intent':
      return { ...state, intent: action.intent };
    case 'speed':
      return { ...state, speed: action.speed };
    case 'lost':
      return { ...state, ...withoutWorker(state, action.fault) };
    case 'restarted':
      return {
        ...state,
        worker: 'starting',
        lost: null,
        ...nothingShown(state),
        files: {},
        loaded: {},
      };
    case 'reading': {
      const { task, what, share } = action;
      return { ...state, files: { ...state.files, [task]: { phase: 'reading', what, share } } };
    }
    case 'refused':
      return withRefused(state, action);
    case 'notice':
      return { ...state, notices: withNotice(state.notices, action.notice) };
    case 'dismiss':
      return { ...state, notices: state.notices.filter(({ key }) => key !== action.key) };
    case 'hover':
      return { ...state, hovered: action.sample };
    case 'pin':
      return { ...state, pinned: state.pinned?.id === action.sample.id ? null : action.sample };
    case 'own':
      return { ...state, own: reduceOwn(state.own, action.action) };
  }
}

function reduceMessage(state: AppState, message: FromWorker): AppState {
  const { anomaly } = state;
  if (anomaly && isAnomalyMessage(message) && message.run === anomaly.id)
    return {
      ...state,
      anomaly: afterAnomaly(anomaly, message),
      intent: message.type === 'failed' ? null : state.intent,
    };
  switch (message.type) {
    case 'ready':
      return { ...state, worker: 'ready', device: message.device, catalogue: message.catalogue };
    case 'checked':
    case 'dataRead':
    case 'kept':
    case 'keptRefused':
    case 'alive':
    case 'broken':
      return state;
    case 'filesReading': {
      const { task, what, share } = message;
      return { ...state, files: { ...state.files, [task]: { phase: 'reading', what, share } } };
    }
    case 'filesRead': {
      const { task, sentence } = message;
      return {
        ...state,
        // What has been run so far was run on other examples.
        asked: state.asked?.task.id === task ? null : state.asked,
        files: { ...state.files, [task]: { phase: 'read', sentence } },
        loaded: { ...state.loaded, [task]: sentence },
      };
    }
    case 'filesRefused':
      return withRefused(state, message);
    case 'notice': {
      const notice: Notice = { key: RUN_NOTICE, tone: 'info', sentence: message.sentence };
      return message.run === state.live?.id
        ? { ...withLive(state, message), notices: withNotice(state.notices, notice) }
        : state;
    }
    case 'failed':
      if (message.run === 0) return withoutRun(state, message.fault);
      return withLive(state, message);
    case 'anomalyPrepared':
    case 'anomalyState':
    case 'anomalyMetrics':
    case 'anomalyEvaluated':
    case 'anomalySamples':
    case 'anomalyExploded':
    case 'anomalyTested':
    case 'inspecting':
    case 'inspected':
    case 'notInspected':
      return state;
    default:
      return withLive(state, message);
  }
}

function withRefused(
  state: AppState,
  { task, fault }: { readonly task: string; readonly fault: Fault },
): AppState {
  return { ...state, files: { ...state.files, [task]: { phase: 'refused', fault } } };
}

/** What the page's settings need and what is being read for it; null where nothing is on its way. */
export function comingOf({ draft, files, loaded, own }: AppState): Doing | null {
  const data = files[draft.task.id];
  if (data?.phase === 'reading' && !(draft.task.id in loaded)) return data;
  return own.bringing;
}

/** Whether the task on the page needs files that are not here. Before the catalogue has come, nothing is known of it. */
export function lacksFiles({ catalogue, draft, loaded }: AppState): boolean {
  const task = catalogue?.tasks.find(({ id }) => id === draft.task.id);
  return task?.needsFiles === true && !(draft.task.id in loaded);
}

/** A failure that belongs to no run: before the worker was ready, nothing can be done with it. */
function withoutRun(state: AppState, fault: Fault): AppState {
  if (state.worker === 'starting') return { ...state, ...withoutWorker(state, fault) };
  const notice: Notice = {
    key: fault.code,
    tone: 'warning',
    sentence: `${fault.message} ${fault.hint}`,
  };
  return { ...state, notices: withNotice(state.notices, notice) };
}

/** Nothing runs any more; what the run has shown stays. */
function withoutWorker({ live, anomaly }: AppState, lost: Fault): Partial<AppState> {
  return {
    worker: 'lost',
    lost,
    device: null,
    intent: null,
    live: live && { ...live, ...stopped(live.phase) },
    anomaly: anomaly && { ...anomaly, ...stopped(anomaly.phase) },
  };
}

/** What changes of a run whose worker is gone; one that is over stays as it is. */
function stopped(phase: Phase): { readonly phase?: 'stopped'; readonly working?: null } {
  return phase === 'done' || phase === 'failed' ? {} : { phase: 'stopped', working: null };
}

function withLive(state: AppState, message: RunMessage): AppState {
  if (!state.live) return state;
  const live = afterMessage(state.live, message);
  if (live === state.live) return state;
  return { ...state, live, intent: message.type === 'failed' ? null : state.intent };
}

/** Whether a run with one of these settings has no place on a page with the other: another task, another preset. */
function isOther(before: Recipe, now: Recipe): boolean {
  return before.task.id !== now.task.id || before.preset !== now.preset;
}

/** The page without any run: for settings that are not those of what was shown. */
function nothingShown({ notices }: AppState): Partial<AppState> {
  return {
    live: null,
    asked: null,
    recorded: null,
    anomaly: null,
    showing: 'live',
    intent: null,
    notices: withoutRunNotices(notices),
    ...nothingChosen,
  };
}

/** What was said of one run is not true of the next. */
function withoutRunNotices(notices: readonly Notice[]): readonly Notice[] {
  return notices.some(({ key }) => key === RUN_NOTICE)
    ? notices.filter(({ key }) => key !== RUN_NOTICE)
    : notices;
}

const nothingChosen = { hovered: null, pinned: null } as const;

function withNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  return [...notices.filter(({ key }) => key !== notice.key), notice];
}

/** The last student that takes part cannot be switched off. */
function toggled({ draft, off }: AppState, name: string): readonly string[] {
  if (off.includes(name)) return off.filter((other) => other !== name);
  return draft.students.length - off.length > 1 ? [...off, name] : off;
}

function stillThere(off: readonly string[], recipe: Recipe): readonly string[] {
  return off.filter((name) => recipe.students.some((student) => student.name === name));
}

/** The run that the panels show. */
export function shownRun(state: AppState): RunView | null {
  return state.showing === 'recorded' ? state.recorded : state.live;
}

/** The recipe that Play starts: the draft without the students that are switched off. */
export function chosenRecipe({ draft, off }: Pick<AppState, 'draft' | 'off'>): Recipe {
  if (off.length === 0) return draft;
  return { ...draft, students: draft.students.filter(({ name }) => !off.includes(name)) };
}

/** The settings on the page are not those of the run that has begun. */
export function settingsDiffer(state: AppState): boolean {
  if (state.showing !== 'live' || !hasBegun(state.live)) return false;
  return !sameValue(chosenRecipe(state), state.asked);
}

/** Equality of plain data; the order of keys does not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
  );
}

/** What kind of inputs the shown run's task has, or before it is prepared the catalogue says; null where neither is there. */
export function kindShown(state: AppState): InputKind | null {
  const report = shownRun(state)?.report;
  return report ? kindOf(report) : (taskShown(state)?.kind ?? null);
}

/** Whether the same task asks for real values and not for classes; false where that is not known yet. */
export function asksValues(state: AppState): boolean {
  const report = shownRun(state)?.report;
  return report ? report.targets !== undefined : taskShown(state)?.asks === 'values';
}

function taskShown(state: AppState): TaskEntry | undefined {
  const { task } = shownRun(state)?.recipe ?? state.draft;
  return state.catalogue?.tasks.find(({ id }) => id === task.id);
}
