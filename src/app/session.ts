import { destseg, type AnomalyRecipe } from '../recipe/anomaly';
import type { LinkForm } from '../recipe/check-words';
import type { Fault } from '../recipe/errors';
import { encodeLink, decodeLink } from '../recipe/link';
import { NESTING, nestingOf } from '../recipe/nesting';
import { defaultPreset, FAULTS, presets } from '../recipe/presets';
import type { Recipe, TaskEntry } from '../recipe/recipe';
import { shown } from '../recipe/shown';
import type { BackendName, DeviceReport, FromWorker, Speed, ToWorker } from '../worker/protocol';
import type { WorkerEars, WorkerLink } from '../worker/client';
import { FAULTS_LINK, newAnomaly, type AnomalyView } from './anomaly/view';
import { withTenth, withTenthOf } from './edit';
import { Desk, OWN_TASK } from './own/desk';
import { destinationOf, recordsOf, type Chosen } from './own/files';
import type { ReadFiles } from './own/given';
import { PanelData } from './panels';
import { patienceFor } from './patience';
import { fetchRecording, replay, replayFactor } from './replay';
import { hasBegun, isOver, isRunMessage, newRun } from './run';
import type { Phase, RunMessage, RunView } from './run';
import { liveChange } from '../recipe/live';
import { trainsFirst } from '../recipe/before';
import {
  chosenRecipe,
  RECORDED,
  sameValue,
  settingsDiffer,
  type Action,
  type Notice,
} from './state';
import type { Store } from './store';
import { Wire } from './wire';
import {
  DEVICE_NOTICE,
  deviceNotice,
  FILES_NOTICE,
  filesFirst,
  linkNotice,
  runEnded,
  STUDENT_FIRST,
  TEACHER_FIRST,
} from './words/notices';

export interface Surroundings {
  connect(ears: WorkerEars): WorkerLink;
  /** Fetches what reads strangers' files. */
  reader(): Promise<ReadFiles>;
  /** Backend that was asked for in the address, or null. */
  readonly backend: BackendName | null;
  /** Every so many replayed steps one is audited; absent where none is. */
  readonly audit?: number;
  /** Where the site's files are. */
  readonly base: string;
  readonly lessMotion: boolean;
  setHash(hash: string): void;
}

/** Characters of a recipe file; the largest recipe has a few thousand. */
const LONGEST_RECIPE = 1_000_000;

/** Notices that are about the settings on the page, and go when another preset is chosen. */
const ABOUT_SETTINGS = ['files', 'own-teacher', 'start', 'file', 'run'];

/** What a check was asked for: a run, or settings that come from a link or a file. */
type Purpose = 'start' | 'link' | 'file';

/** Settings that wait for the worker's word. */
interface Checking {
  readonly request: number;
  readonly recipe: unknown;
  readonly purpose: Purpose;
  /** Of a link: its form, and what was found wrong with it before the worker was asked. */
  readonly link?: LinkForm & { readonly problems: readonly string[] };
}

/** Carries out what people press: talks to the worker, plays recordings, keeps the address in step. */
export class Session {
  readonly live = new PanelData();
  readonly recorded = new PanelData();
  /** What people bring: a teacher, images. */
  readonly desk: Desk;
  private readonly store: Store;
  private readonly around: Surroundings;
  private readonly wire: Wire;
  private stopReplay: (() => void) | null = null;
  /** What finds faults where that is chosen. */
  private faults: AnomalyRecipe = destseg;
  private requests = 0;
  private runs = RECORDED;
  private recordings = 0;
  /** The questions that the worker was told to keep answering, and of which run they are. */
  private watched: { readonly run: number; readonly questions: readonly number[] } | null = null;
  /** The device of the worker that was lost last. */
  private before: DeviceReport | null = null;
  /** The check whose answer decides about the next run, and what to do with it. */
  private checking: Checking | null = null;

  constructor(store: Store, around: Surroundings) {
    this.store = store;
    this.around = around;
    this.live.feed.subscribe(() => this.watch());
    store.subscribe(() => this.watch());
    this.wire = new Wire({
      connect: (ears) => around.connect(ears),
      patience: () => patienceFor(store.get()),
      heard: (message) => this.heard(message),
      lost: (fault) => this.lost(fault),
    });
    this.desk = new Desk(store, {
      post: (message) => this.post(message),
      request: () => (this.requests += 1),
      edit: (recipe) => this.edit(recipe),
      choosePreset: (id) => this.choosePreset(id),
      readFiles: (files) => this.readFiles(files),
      arrived: () => this.prepareAhead(),
      reader: around.reader,
    });
  }

  /** Starts from an address: a link's settings, or the preset that fits the device as far as it is known. */
  begin(hash: string, guess: 'gpu' | 'cpu'): void {
    const fitting = defaultPreset(guess).id;
    if (hash.length > 1) this.openLink(hash, fitting);
    else this.usePreset(fitting, false);
    this.connect();
  }

  /**
   * Takes the settings of a link. What of them can be used is found out as soon as the worker can.
   * @param otherwise the preset to use where the link names none that is known
   */
  openLink(hash: string, otherwise = this.fitting()): void {
    const faults = faultsLink(hash);
    if (faults !== null) {
      this.chooseFaults();
      if (faults.length > 0) this.tell(linkNotice(faults, 'link'));
      return;
    }
    const { recipe, preset, unread, problems, notices } = decodeLink(hash, otherwise);
    this.store.dispatch({ type: 'dismiss', key: 'link' });
    const base = preset ?? otherwise;
    this.usePreset(base, preset !== null, recipe);
    for (const sentence of notices)
      this.tell({ key: 'own-teacher', tone: 'info', sentence, more: [] });
    if (problems.length > 0) this.tell(linkNotice(problems, 'link'));
    if (recipe !== null) this.check(recipe, 'link', { preset: base, unread, problems });
    else {
      if (problems.length > 0) this.around.setHash(this.hash());
      this.prepareAhead();
    }
  }

  /** The preset that a first visit shows on this device, as far as it is known. */
  private fitting(): string {
    const { device, draft } = this.store.get();
    return device ? defaultPreset(hasGpu(device) ? 'gpu' : 'cpu').id : draft.preset;
  }

  private tell(notice: Notice): void {
    this.store.dispatch({ type: 'notice', notice });
  }

  choosePreset(id: string): void {
    if (id === FAULTS.id) return this.chooseFaults();
    this.usePreset(id, true);
    this.around.setHash(encodeLink(this.store.get().draft));
    this.prepareAhead();
  }

  /** The run that finds faults, in the place of whatever runs. */
  private chooseFaults(): void {
    this.stopReplay?.();
    this.checking = null;
    this.around.setHash(FAULTS_LINK);
    this.store.dispatch({ type: 'intent', intent: null });
    this.faults = destseg;
    const { live } = this.store.get();
    this.prepareFaults();
    this.live.clear();
    if (live && !isOver(live.phase) && hasBegun(live)) this.tell(runEnded(live));
  }

  /** Finds faults with other numbers, at once. A recipe that cannot be run is refused by the worker. */
  restartFaults(recipe: AnomalyRecipe): void {
    this.faults = recipe;
    if (this.isLost()) return this.startAgain();
    this.store.dispatch({ type: 'intent', intent: 'play' });
    this.prepareFaults();
  }

  private prepareFaults(): void {
    this.runs += 1;
    const { worker, speed } = this.store.get();
    this.store.dispatch({ type: 'anomaly', run: newAnomaly(this.runs, this.faults) });
    if (worker !== 'ready') return;
    this.post({ type: 'prepareAnomaly', run: this.runs, recipe: this.faults });
    this.post({ type: 'speed', run: this.runs, speed });
  }

  edit(recipe: Recipe): void {
    const { draft } = this.store.get();
    this.change({ type: 'edit', recipe });
    this.desk.edited(draft);
    this.around.setHash(this.hash());
    this.adjust();
  }

  /** Hands numbers that a run can take over while it goes on to the run that goes on. */
  private adjust(): void {
    const state = this.store.get();
    const { live, asked } = state;
    const going = live?.phase === 'running' || live?.phase === 'paused';
    if (!asked || !going || !settingsDiffer(state)) return;
    const recipe = chosenRecipe(state);
    const changed = liveChange(asked, recipe);
    if (changed === null || changed.length === 0) return;
    this.store.dispatch({ type: 'adjusted', recipe });
    this.post({ type: 'adjust', run: live.id, recipe });
  }

  toggleStudent(name: string): void {
    this.store.dispatch({ type: 'toggle', name });
    this.around.setHash(this.hash());
  }

  /** Takes the settings of a recipe file; where it cannot be used, the settings stay and a notice says why. */
  openRecipe(text: string): void {
    const refused = (why: string) => this.tell(linkNotice([why], 'file'));
    if (text.length > LONGEST_RECIPE) return refused('It is far longer than any recipe.');
    if (nestingOf(text) > NESTING)
      return refused(`It nests lists and tables more than ${NESTING} deep, which no recipe does.`);
    let recipe: unknown;
    try {
      recipe = JSON.parse(text);
    } catch (cause) {
      return refused(`It is not JSON: ${shown((cause as Error).message, 200)}.`);
    }
    this.check(recipe, 'file');
  }

  /** The settings on the page as a recipe file, which the command line reads too. */
  recipeFile(): string {
    return `${JSON.stringify(chosenRecipe(this.store.get()), null, 2)}\n`;
  }

  /** The settings on the page as a link's hash. */
  hash(): string {
    const state = this.store.get();
    return state.anomaly ? FAULTS_LINK : encodeLink(chosenRecipe(state));
  }

  play(): void {
    this.want('play');
  }

  step(): void {
    this.want('step');
  }

  pause(): void {
    const { intent } = this.store.get();
    const run = this.going();
    if (intent !== null) this.store.dispatch({ type: 'intent', intent: null });
    if (run?.phase === 'running') this.post({ type: 'pause', run: run.id });
  }

  /** What is trained before the run has learnt enough; the run goes on with it. */
  enough(): void {
    const { live } = this.store.get();
    if (live?.phase === 'preparing') this.post({ type: 'enough', run: live.id });
  }

  /** Ends the preparation of a run; what is finished of it is kept by the worker. */
  stop(): void {
    const { live, intent } = this.store.get();
    if (intent !== null) this.store.dispatch({ type: 'intent', intent: null });
    if (live?.phase === 'preparing') this.post({ type: 'stop', run: live.id });
  }

  /** Back to step 0 with the settings on the page. */
  reset(): void {
    if (this.isLost()) return this.startAgain(null);
    if (this.store.get().anomaly) return this.prepareFaults();
    this.showLive();
    if (this.mayStart()) this.startRun();
  }

  /** A new run with the settings on the page, at once; on a new worker where nobody knows what failed. */
  applyAndRestart(): void {
    if (this.isLost() || this.going()?.fault?.code === 'E_UNEXPECTED') return this.startAgain();
    if (this.store.get().anomaly) {
      this.store.dispatch({ type: 'intent', intent: 'play' });
      return this.prepareFaults();
    }
    this.showLive();
    this.store.dispatch({ type: 'intent', intent: 'play' });
    if (this.mayStart()) this.startRun();
  }

  /** A new run at a tenth of the learning rate under which the last one came apart, at once. */
  retrySlower(): void {
    const { anomaly, live, draft } = this.store.get();
    const rate = (anomaly ?? live)?.fault?.rate;
    if (rate === undefined) return;
    if (rate === 'student' || rate === 'segmentation') {
      if (anomaly) this.restartFaults(withTenthOf(anomaly.recipe, rate));
      return;
    }
    this.edit(withTenth(draft, rate, live?.recipe ?? draft));
    this.applyAndRestart();
  }

  setSpeed(speed: Speed): void {
    this.store.dispatch({ type: 'speed', speed });
    const run = this.going();
    if (run && run.phase !== 'failed') this.post({ type: 'speed', run: run.id, speed });
  }

  /** Files that were dropped anywhere on the page: they say themselves where they belong. */
  async dropFiles(files: readonly Chosen[]): Promise<void> {
    if (files.length === 0) return;
    const { own } = this.store.get();
    const asked = this.task()?.needsFiles === true && this.task()?.id !== OWN_TASK;
    const destination = await destinationOf(files, asked, own.dialog);
    if (destination === 'teacher') return this.desk.readTeacher(files);
    if (destination === 'data') return this.desk.readData(files);
    const preset = recordsOf(files) ?? 'cifar10';
    const fits = asked && (recordsOf(files) === null || this.task()?.id === preset);
    if (fits) this.readFiles(files.map(({ blob }) => blob));
    else this.desk.offer(files, preset);
  }

  readFiles(files: readonly File[]): void {
    this.desk.readFiles(this.store.get().draft.task.id, files);
  }

  /**
   * A new worker, with a new device, in the place of one that was lost; the run starts again from step 0.
   * @param intent what is done with the run when it is prepared
   */
  startAgain(intent: 'play' | 'step' | null = 'play'): void {
    const { anomaly } = this.store.get();
    // A worker that is left although it answers takes with it what it holds.
    if (!this.isLost()) this.gone();
    this.store.dispatch({ type: 'restarted' });
    this.live.clear();
    this.showLive();
    this.store.dispatch({ type: 'intent', intent });
    if (anomaly) this.prepareFaults();
    this.connect();
  }

  /** The worker is gone, or its device, and what it held with it. */
  private lost(fault: Fault): void {
    this.gone();
    this.store.dispatch({ type: 'lost', fault });
  }

  private gone(): void {
    this.before = this.store.get().device ?? this.before;
    this.desk.lost();
  }

  private isLost(): boolean {
    return this.store.get().worker === 'lost';
  }

  /** @param candidate settings that will take the place of the preset's own, or null */
  private usePreset(id: string, byPerson: boolean, candidate: unknown = null): void {
    const preset = presets.find((known) => known.id === id) ?? presets[0];
    // What was said of other settings would contradict these.
    for (const key of ABOUT_SETTINGS) this.store.dispatch({ type: 'dismiss', key });
    this.desk.forgetOffer();
    const recipe = this.desk.keepTeacher(preset.recipe);
    const { draft } = this.store.get();
    // What was asked for before is not wanted any more; what a link asks for still is while the device is looked for.
    if (byPerson || this.checking?.purpose === 'start') this.checking = null;
    this.change({ type: 'preset', recipe, byPerson });
    this.desk.edited(draft);
    // A recording of other settings than those of a link would be taken for theirs.
    if (candidate === null ? recipe === preset.recipe : sameValue(candidate, preset.recipe))
      void this.showRecording(preset.id);
  }

  /** Changes the settings. A run that is not of them leaves the page, and ends. */
  private change(action: Extract<Action, { type: 'preset' | 'edit' }>): void {
    const before = this.store.get();
    const run = this.going();
    this.store.dispatch(action);
    const { live, anomaly, recorded } = this.store.get();
    if (recorded === null) this.stopReplay?.();
    if (live !== null || anomaly !== null) return;
    this.live.clear();
    if (run === null || isOver(run.phase)) return;
    this.post({ type: 'stop', run: run.id });
    if (before.anomaly === null && hasBegun(before.live)) this.tell(runEnded(before.live));
  }

  private async showRecording(id: string): Promise<void> {
    this.recordings += 1;
    const wanted = this.recordings;
    const recording = await fetchRecording(id);
    const { draft, intent, live, anomaly } = this.store.get();
    const late = draft.preset !== id || intent !== null || anomaly !== null || hasBegun(live);
    // Of two that were asked for one after the other, the later one is shown.
    if (!recording || late || wanted !== this.recordings) return;
    const run = {
      ...newRun(RECORDED, recording.recipe, recording.recipe.students),
      recordedOn: recording.recordedOn,
      faster: replayFactor(recording),
    };
    this.recorded.clear();
    this.store.dispatch({ type: 'recording', run });
    this.stopReplay = replay(recording, this.around.lessMotion, (event) => {
      const ours: RunMessage = { ...event, run: RECORDED };
      this.recorded.take(ours);
      this.store.dispatch({ type: 'replayed', message: ours });
    });
  }

  private connect(): void {
    this.checking = this.checking?.purpose === 'link' ? this.checking : null;
    this.wire.open();
    const { backend, base, audit } = this.around;
    // What was asked for in the address was there before: where it does not come back, another has to do.
    const more = { ...(this.before && { orElse: true }), ...(audit !== undefined && { audit }) };
    this.post({ type: 'hello', backend, base, ...more });
  }

  private heard(message: FromWorker): void {
    if (isRunMessage(message) && message.run === this.store.get().live?.id) this.live.take(message);
    this.store.dispatch({ type: 'message', message });
    this.desk.heard(message);
    switch (message.type) {
      case 'ready':
        this.afterReady(message.device);
        break;
      case 'checked':
        this.afterCheck(message);
        break;
      case 'filesRead':
        this.store.dispatch({ type: 'dismiss', key: FILES_NOTICE });
        this.prepareAhead();
        break;
      case 'filesRefused':
        // What was pressed and waited for them waits no longer.
        if (this.store.get().intent !== null) this.prepareAhead();
        break;
      case 'prepared':
      case 'anomalyPrepared':
        this.carryOut();
        break;
      default:
    }
  }

  /** The device is known: the preset follows it unless the person has chosen; what waited is done. */
  private afterReady(device: DeviceReport): void {
    const { draft, touched, anomaly } = this.store.get();
    const fitting = defaultPreset(hasGpu(device) ? 'gpu' : 'cpu');
    if (!touched && fitting.id !== draft.preset) this.usePreset(fitting.id, false);
    const notice = deviceNotice(device, this.before?.backend ?? null);
    this.store.dispatch(
      notice ? { type: 'notice', notice } : { type: 'dismiss', key: DEVICE_NOTICE },
    );
    if (anomaly) this.prepareFaults();
    else if (this.checking?.purpose === 'link')
      this.check(this.checking.recipe, 'link', this.checking.link);
    else this.prepareAhead();
  }

  private afterCheck(message: Extract<FromWorker, { type: 'checked' }>): void {
    const { checking } = this;
    if (checking?.request !== message.request) return;
    this.checking = null;
    const { recipe } = message;
    const problems = [...(checking.link?.problems ?? []), ...message.problems];
    if (problems.length > 0) this.tell(linkNotice(problems, checking.purpose));
    if (recipe === null) {
      this.store.dispatch({ type: 'intent', intent: null });
      if (checking.purpose === 'link') this.prepareAhead();
    } else if (checking.purpose !== 'start') {
      this.change({ type: 'edit', recipe });
      // The address says what is used.
      if (checking.purpose === 'file' || problems.length > 0) this.around.setHash(this.hash());
      this.prepareAhead();
    } else {
      this.prepare(recipe, checking.recipe as Recipe);
    }
  }

  /**
   * Loads data and teacher before anybody presses Play, so that the run can begin at once. What has to be trained first
   * waits for Play.
   */
  private prepareAhead(): void {
    const state = this.store.get();
    const { worker, live, intent, anomaly } = state;
    if (worker !== 'ready' || anomaly !== null || hasBegun(live)) return;
    const unasked = intent === null && trainsFirst(chosenRecipe(state));
    const supplies = this.supplies();
    if (supplies === 'there' && !unasked) this.startRun();
    if (supplies === 'missing' && intent !== null) this.mayStart();
  }

  /** Whether the worker has the files that the settings need; those that were given before are brought to it. */
  private supplies(): 'there' | 'coming' | 'missing' {
    const { draft } = this.store.get();
    const data = this.lacksData();
    if (!data && this.desk.holds(draft)) return 'there';
    return this.desk.bring(draft, data) ? 'coming' : 'missing';
  }

  private lacksData(): boolean {
    const task = this.task();
    return task === undefined || (task.needsFiles && !(task.id in this.store.get().loaded));
  }

  private task(): TaskEntry | undefined {
    const { catalogue, draft } = this.store.get();
    return catalogue?.tasks.find(({ id }) => id === draft.task.id);
  }

  /** Asks the worker whether the settings can be used; a run with them follows. */
  private startRun(): void {
    this.check(chosenRecipe(this.store.get()), 'start');
  }

  private check(recipe: unknown, purpose: Purpose, link?: Checking['link']): void {
    this.requests += 1;
    const request = this.requests;
    this.checking = { request, recipe, purpose, ...(link && { link }) };
    if (this.store.get().worker !== 'ready') return;
    const form = link && { link: { preset: link.preset, unread: link.unread } };
    this.post({ type: 'check', request, recipe, ...form });
  }

  private prepare(recipe: Recipe, asked: Recipe): void {
    const { live, draft, speed } = this.store.get();
    if (live && live.phase !== 'failed') this.post({ type: 'stop', run: live.id });
    this.runs += 1;
    this.live.clear();
    this.store.dispatch({ type: 'asked', run: newRun(this.runs, recipe, draft.students), asked });
    this.post({ type: 'prepare', run: this.runs, recipe });
    this.post({ type: 'speed', run: this.runs, speed });
  }

  /** Leaves the recorded run. */
  private showLive(): void {
    this.stopReplay?.();
    this.store.dispatch({ type: 'showLive' });
  }

  /**
   * Whether a run with the settings on the page can start now; says what is missing where it cannot. What was pressed waits
   * for what is on its way.
   */
  private mayStart(): boolean {
    const { worker } = this.store.get();
    if (worker !== 'ready') return false;
    const supplies = this.supplies();
    if (supplies !== 'missing') return supplies === 'there';
    const { draft } = this.store.get();
    const network = this.desk.lacksTeacher(draft) ? TEACHER_FIRST : STUDENT_FIRST;
    const notice = this.lacksData() ? filesFirst(draft.task.id === OWN_TASK) : network;
    this.store.dispatch({ type: 'intent', intent: null });
    this.store.dispatch({ type: 'notice', notice });
    return false;
  }

  /** Plays or steps the run, now or as soon as it is prepared. */
  private want(intent: 'play' | 'step'): void {
    if (this.isLost()) return this.startAgain(intent);
    this.showLive();
    this.store.dispatch({ type: 'intent', intent });
    const state = this.store.get();
    if (state.anomaly) return this.wantFaults(state.anomaly.phase);
    const { live } = state;
    if (!this.mayStart()) return;
    const over = !live || isOver(live.phase);
    const outdated = !settingsDiffer(state) && !sameValue(chosenRecipe(state), state.asked);
    if (over || outdated) this.startRun();
    else if (live.phase !== 'preparing') this.carryOut();
  }

  private wantFaults(phase: Phase): void {
    if (this.store.get().worker !== 'ready') return;
    if (isOver(phase)) this.prepareFaults();
    else if (phase !== 'preparing') this.carryOut();
  }

  /** The worker's run, of either kind. */
  private going(): RunView | AnomalyView | null {
    const { anomaly, live } = this.store.get();
    return anomaly ?? live;
  }

  private carryOut(): void {
    const { intent } = this.store.get();
    const run = this.going();
    if (!run || intent === null) return;
    this.store.dispatch({ type: 'intent', intent: null });
    this.post({ type: intent, run: run.id });
  }

  /** Tells the worker which questions stand on the page, so that their answers keep up with the students. */
  private watch(): void {
    const { live, pinned, showing, worker } = this.store.get();
    if (!live || showing !== 'live' || worker !== 'ready') return;
    const ids = new Set(this.live.feed.snapshot().map(({ id }) => id));
    if (pinned) ids.add(pinned.id);
    const watched = { run: live.id, questions: [...ids] };
    if (ids.size === 0 || sameValue(watched, this.watched)) return;
    this.watched = watched;
    this.post({ type: 'watch', ...watched });
  }

  private post(message: ToWorker): void {
    this.wire.post(message);
  }
}

/** What a link to the preset that finds faults says beside it, as sentences; null for any other link. */
function faultsLink(hash: string): readonly string[] | null {
  const [first, ...others] = hash.replace(/^#/, '').split('&');
  if (first !== FAULTS_LINK) return null;
  return others.map((pair) => {
    const key = shown(pair.split('=')[0] ?? '', 60);
    return `“${key}” was left out: links carry no settings of “${FAULTS.title}”.`;
  });
}

function hasGpu(device: DeviceReport): boolean {
  return (device.backend === 'webgpu' || device.backend === 'webgl') && !device.software;
}
