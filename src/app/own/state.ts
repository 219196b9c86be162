/** What the page knows of a teacher and of images that a person brings. Pure. */
import type { Fault } from '../../recipe/errors';
import type { AnyValues } from '../../recipe/fields';
import type { Inspection, Tried, TriedLayers } from '../../recipe/inspection';
import type { Meaning } from '../../recipe/meaning';
import type { DataSummary, KeptData } from '../../recipe/own-data';
import type { Choice } from '../../recipe/recipe';
import type { FromWorker } from '../../worker/protocol';

/** How far some work is. */
export interface Doing {
  readonly what: string;
  readonly share: number;
}

/** What is known of a network as soon as its files are read. */
export interface KnownNetwork {
  readonly title: string;
  readonly sha256: string;
  readonly format: string;
  readonly layers: number;
  readonly parameters: number;
  /** Seconds that reading took. */
  readonly seconds: number;
}

/** The parts of a recipe that a network is inspected for. */
export interface Asked {
  readonly task: Choice;
  readonly models: readonly Choice[];
}

/** The teacher that is being looked at in the dialog; nothing of it counts before it is used. */
export interface TeacherDraft {
  readonly reading: Doing | null;
  readonly known: KnownNetwork | null;
  /** What it was inspected for: of another task or other students, the report says nothing. */
  readonly asked: Asked | null;
  /** The inspection whose answer is waited for. */
  readonly request: number | null;
  readonly inspecting: Doing | null;
  /** The last report; an older one than `corrections` while `request` is not null. */
  readonly report: Inspection | null;
  readonly corrections: Partial<Meaning>;
  /** Every normalisation that was tried, the best first: a report on a correction knows only that one. */
  readonly tried: readonly Tried[];
  /** Every way that was tried to put its layers together, in the same manner. */
  readonly ways: readonly TriedLayers[];
  readonly fault: Fault | null;
  /** Ids of presets whose task it would suit where it does not suit the page's. */
  readonly fits: readonly string[];
  /** It is to be used as soon as it is known to suit the page's task. */
  readonly wanted: boolean;
  /** It was to be used at once, and was not: a person has to see first what is open or looks wrong. */
  readonly held: boolean;
}

/** Files that belong to another task than the page's: they are kept until a person says what to do. */
export interface Offer {
  readonly sentence: string;
  /** The preset to which they belong. */
  readonly preset: string;
}

/** The images that are being looked at in the dialog. */
export interface DataDraft {
  readonly reading: Doing | null;
  /** The summary that is waited for. */
  readonly request: number | null;
  readonly summary: DataSummary | null;
  /** Parameters of the task that the summary is to be of. */
  readonly params: AnyValues;
  readonly fault: Fault | null;
  /** What the browser keeps; null while that is not known. */
  readonly kept: readonly KeptData[] | null;
  readonly keptFault: Fault | null;
}

export interface OwnState {
  readonly dialog: 'teacher' | 'data' | null;
  readonly teacher: TeacherDraft;
  readonly data: DataDraft;
  readonly offer: Offer | null;
  /** Digests of the networks whose files were given: a new worker gets them again where a recipe names them. */
  readonly given: readonly string[];
  /** A network that a new worker is given again. */
  readonly bringing: Doing | null;
  /** What was last found out about networks that the worker holds, by their digest. */
  readonly held: Readonly<Record<string, Inspection>>;
}

export type OwnAction =
  | { readonly type: 'offer'; readonly offer: Offer | null }
  | { readonly type: 'dialog'; readonly dialog: OwnState['dialog'] }
  | { readonly type: 'teacher'; readonly change: Partial<TeacherDraft> }
  | { readonly type: 'data'; readonly change: Partial<DataDraft> }
  | { readonly type: 'given'; readonly given: readonly string[] }
  | { readonly type: 'bringing'; readonly bringing: Doing | null }
  /** The worker holds a network that one before it inspected. */
  | { readonly type: 'held'; readonly report: Inspection }
  /** The worker that held everything is gone. */
  | { readonly type: 'lost' };

const noTeacher: TeacherDraft = {
  reading: null,
  known: null,
  asked: null,
  request: null,
  inspecting: null,
  report: null,
  corrections: {},
  tried: [],
  ways: [],
  fault: null,
  fits: [],
  wanted: false,
  held: false,
};

export const nothingOwn: OwnState = {
  dialog: null,
  teacher: noTeacher,
  data: {
    reading: null,
    request: null,
    summary: null,
    params: {},
    fault: null,
    kept: null,
    keptFault: null,
  },
  offer: null,
  given: [],
  bringing: null,
  held: {},
};

export function reduceOwn(state: OwnState, action: OwnAction): OwnState {
  switch (action.type) {
    case 'offer':
      return { ...state, offer: action.offer };
    case 'dialog':
      return { ...state, dialog: action.dialog };
    case 'teacher':
      return { ...state, teacher: { ...state.teacher, ...action.change } };
    case 'data':
      return { ...state, data: { ...state.data, ...action.change } };
    case 'given':
      return { ...state, given: action.given };
    case 'bringing':
      return { ...state, bringing: action.bringing };
    case 'held':
      return { ...state, held: { ...state.held, [action.report.sha256]: action.report } };
    case 'lost':
      return { ...nothingOwn, dialog: state.dialog, given: state.given };
  }
}

/** The state after a word of the worker about a network or images; words about older requests change nothing. */
export function hearOwn(state: OwnState, message: FromWorker): OwnState {
  const { teacher, data } = state;
  switch (message.type) {
    case 'inspecting': {
      if (message.request !== teacher.request) return state;
      const { what, share } = message;
      return { ...state, teacher: { ...teacher, inspecting: { what, share } } };
    }
    case 'inspected': {
      const { report } = message;
      const held = { ...state.held, [report.sha256]: report };
      if (message.request !== teacher.request) return { ...state, held };
      return { ...state, held, teacher: withReport(teacher, report) };
    }
    case 'notInspected':
      if (message.request !== teacher.request) return state;
      return {
        ...state,
        teacher: {
          ...teacher,
          request: null,
          inspecting: null,
          fault: message.fault,
          fits: message.fits,
        },
      };
    case 'dataRead':
      if (message.request !== data.request) return state;
      return { ...state, data: { ...data, request: null, summary: message.summary, fault: null } };
    case 'kept':
      return { ...state, data: { ...data, kept: message.entries, keptFault: null } };
    case 'keptRefused':
      return { ...state, data: { ...data, keptFault: message.fault } };
    case 'filesRefused':
      if (message.request !== data.request) return state;
      return { ...state, data: { ...data, request: null, fault: message.fault } };
    default:
      return state;
  }
}

function withReport(teacher: TeacherDraft, report: Inspection): TeacherDraft {
  const { tried, assembly } = report;
  return {
    ...teacher,
    request: null,
    inspecting: null,
    fault: null,
    fits: [],
    report,
    tried: report.normalisationBy === 'person' ? withScores(teacher.tried, tried) : tried,
    ways:
      assembly?.by === 'person' ? withWays(teacher.ways, assembly.tried) : (assembly?.tried ?? []),
  };
}

/** The list as it was, with what was found out anew; what it did not hold comes first. */
function withScores(before: readonly Tried[], found: readonly Tried[]): readonly Tried[] {
  const newer = (one: Tried) => found.find(({ input }) => input.name === one.input.name);
  const unknown = found.filter(({ input }) => !before.some((one) => one.input.name === input.name));
  return [...unknown, ...before.map((one) => newer(one) ?? one)];
}

/** The same of ways to put layers together; a person's own goes where it says something else than those before it. */
function withWays(
  before: readonly TriedLayers[],
  found: readonly TriedLayers[],
): readonly TriedLayers[] {
  const same = (a: TriedLayers, b: TriedLayers) =>
    JSON.stringify(a.layers) === JSON.stringify(b.layers);
  const unknown = found.filter((one) => !before.some((other) => same(one, other)));
  const others = before.filter(({ what }) => unknown.length === 0 || what !== unknown[0]?.what);
  return [...unknown, ...others];
}
