import { faultOf, type Fault } from '../../recipe/errors';
import type { AnyValues } from '../../recipe/fields';
import type { FileNetwork, Meaning } from '../../recipe/meaning';
import type { Inspection } from '../../recipe/inspection';
import type { Recipe } from '../../recipe/recipe';
import type { FromWorker, ToWorker } from '../../worker/protocol';
import type { Readable } from '../../worker/protocol-reading';
import { menu, presets } from '../../recipe/presets';
import { shown } from '../../recipe/shown';
import { withFileStudent } from '../edit';
import { sameValue, type AppState } from '../state';
import type { Store } from '../store';
import { teacherLeft } from '../words/notices';
import type { Chosen } from './files';
import { Given, type ReadFiles } from './given';
import type { Asked, DataDraft, Doing, OwnAction, TeacherDraft } from './state';

/** Corrections that follow each other so fast are looked at together, in milliseconds. */
const PAUSE_MS = 250;
/** The preset of the task of own images. */
const OWN_PRESET = 'own-images';
export const OWN_TASK = 'images';

/** The networks from files that a recipe names, teachers and students. */
function filesOf({
  teacher,
  companions,
  students,
}: Pick<Recipe, 'teacher' | 'companions' | 'students'>): readonly FileNetwork[] {
  return [
    ...[teacher, ...companions].flatMap((one) => (one.source === 'file' ? [one] : [])),
    ...students.flatMap(({ file }) => file ?? []),
  ];
}

const askedOf = ({ task, students }: Recipe): Asked => ({
  task,
  models: students.map(({ model }) => model),
});

export const titleOf = (preset: string): string =>
  menu.find(({ id }) => id === preset)?.title ?? preset;

/** What a check waits for until the worker turns to it. */
function waitingFor({ worker, live, anomaly }: AppState): string {
  if (worker === 'starting') return 'Waiting for the check of the device';
  const run = anomaly ?? live;
  if (run?.working) return `Waiting until this makes way: ${run.working.what}`;
  return run?.phase === 'running' ? 'Waiting for the step that is trained' : 'Waiting for its turn';
}

/** What this part of the session needs from the rest. */
interface Around {
  post(message: ToWorker): void;
  /** A number that no request has had. */
  request(): number;
  edit(recipe: Recipe): void;
  choosePreset(id: string): void;
  /** Reads files for the page's task. */
  readFiles(files: readonly File[]): void;
  /** What was missing for a run is there. */
  arrived(): void;
  reader(): Promise<ReadFiles>;
}

/** Carries out what people do with a teacher or images of their own. */
export class Desk {
  private readonly store: Store;
  private readonly around: Around;
  /** What is being read; a newer reading takes its place. */
  private reading: { cancel(): void } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What was given before: a new worker gets it again. */
  private readonly given: Given;
  /** The inspection after which the recipe's own teacher is adapted to other students. */
  private refitting = 0;
  /** What waits for the worker to be ready. */
  private waiting: (() => void)[] = [];
  /** The files of the offer on the page. */
  private offered: readonly Chosen[] = [];

  constructor(store: Store, around: Around) {
    this.store = store;
    this.around = around;
    this.given = new Given({
      post: (message) => around.post(message),
      request: () => around.request(),
      reader: () => around.reader(),
      reading: (task, { what, share }) => store.dispatch({ type: 'reading', task, what, share }),
      refused: (task, fault) => store.dispatch({ type: 'refused', task, fault }),
      summarised: (request, params) => this.data({ request, params }),
      bringing: (bringing) => this.change({ type: 'bringing', bringing }),
      networks: (given) => this.change({ type: 'given', given }),
      held: (report) => this.change({ type: 'held', report }),
      refitted: (report) => this.refitted(report),
      arrived: () => around.arrived(),
    });
  }

  open(dialog: 'teacher' | 'data'): void {
    this.change({ type: 'dialog', dialog });
    if (dialog === 'data') this.lookAtHeld();
    else this.lookAgain();
  }

  /** Closes the dialog; what was being read or looked at is given up. */
  close(): void {
    this.cancel();
    this.change({ type: 'dialog', dialog: null });
  }

  /** Ends reading and inspecting at once; what was found out before stays. */
  cancel(): void {
    this.reading?.cancel();
    this.reading = null;
    clearTimeout(this.timer);
    const { teacher } = this.own();
    if (teacher.request !== null)
      this.around.post({ type: 'inspectStop', request: teacher.request });
    this.teacher({ reading: null, request: null, inspecting: null });
    this.data({ reading: null });
  }

  /** Reads a network and has it inspected on the page's task. What was there before stays until this one is used. */
  async readTeacher(files: readonly Chosen[], again = false): Promise<void> {
    if (files.length === 0) return;
    this.cancel();
    this.change({ type: 'dialog', dialog: 'teacher' });
    this.teacher({
      known: null,
      report: null,
      fits: [],
      wanted: false,
      held: false,
      corrections: {},
      tried: [],
      ways: [],
      fault: null,
      reading: { what: 'Opening the files', share: 0 },
    });
    const began = performance.now();
    const read = await this.read(files, 'teacher', (reading) => this.teacher({ reading }));
    if (read === null) return;
    if ('fault' in read) {
      // Data that came into the teacher's dialog are data all the same.
      if (read.fault.code === 'E_UPLOAD_DATA' && !again) return this.readData(files, true);
      return this.teacher({ reading: null, fault: read.fault });
    }
    const { title, sha256, format, layers, parameters } = read.value;
    const seconds = (performance.now() - began) / 1000;
    this.given.network(sha256, files);
    this.teacher({
      reading: null,
      known: { title, sha256, format, layers, parameters, seconds },
      inspecting: { what: waitingFor(this.store.get()), share: 0 },
    });
    this.whenReady(() => {
      const recipe = this.store.get().draft;
      const request = this.around.request();
      this.teacher({ request, asked: askedOf(recipe) });
      this.around.post({ type: 'teacherRead', request, network: read.value, sha256, recipe });
      // A recipe that waited for this file says what it means.
      const { teacher } = recipe;
      if (teacher.source === 'file' && teacher.sha256 === sha256) this.inspect(teacher.meaning);
    });
  }

  /** Files that belong to another task: its preset is offered, and they are kept meanwhile. */
  offer(files: readonly Chosen[], preset: string): void {
    this.offered = files;
    const title = titleOf(preset);
    const [first] = files;
    const what = files.length === 1 && first ? shown(first.path) : `${files.length} files`;
    const sentence = `The page’s task has no use for ${what}: that is data for “${title}”.`;
    this.change({ type: 'offer', offer: { sentence, preset } });
  }

  /** Switches to the task of the offered files and reads them. */
  takeOffer(): void {
    const { offer } = this.own();
    const files = this.offered;
    if (!offer) return;
    const { dialog } = this.own();
    // Its data are those of a task, which has its place on the page.
    if (dialog === 'data') this.close();
    this.around.choosePreset(offer.preset);
    if (dialog === 'teacher') this.lookAgain();
    this.around.readFiles(files.map(({ blob }) => blob));
  }

  forgetOffer(): void {
    this.offered = [];
    if (this.own().offer) this.change({ type: 'offer', offer: null });
  }

  /** Another preset, whose teacher the network in the dialog becomes as soon as it is found to suit it. */
  switchTeacher(preset: string): void {
    this.around.choosePreset(preset);
    this.teacher({ wanted: true, held: false });
    this.lookAgain();
  }

  /** Files of a page's task: the worker reads them, now or as soon as it is ready. */
  readFiles(task: string, files: readonly File[]): void {
    if (files.length === 0) return;
    const reading = () => this.store.dispatch({ type: 'reading', task, what: 'Reading', share: 0 });
    reading();
    this.whenReady(() => {
      // A new worker began with nothing.
      reading();
      const request = this.around.request();
      this.given.asks(request, task, { kind: 'files', files });
      this.around.post({ type: 'files', request, task, files });
    });
  }

  /** Has the network looked at again with what a person says of it. */
  correct(part: Partial<Meaning>): void {
    const { teacher } = this.own();
    if (!teacher.known) return;
    clearTimeout(this.timer);
    const corrections = { ...teacher.corrections, ...part };
    this.teacher({
      corrections,
      request: this.around.request(),
      inspecting: { what: 'Looking at it again', share: 0 },
      fault: null,
    });
    this.timer = setTimeout(() => this.inspect(corrections), PAUSE_MS);
  }

  /** Forgets all corrections. */
  guessAgain(): void {
    this.teacher({ corrections: {} });
    this.correct({});
  }

  /** The network in the dialog becomes the teacher of the page's recipe. */
  takeTeacher(): void {
    const { report } = this.own().teacher;
    if (!report) return;
    const { name, sha256, meaning } = report;
    this.around.edit({
      ...this.store.get().draft,
      teacher: { source: 'file', name, sha256, meaning },
    });
    this.close();
    this.around.arrived();
  }

  /** The network in the dialog becomes a student more, its weights drawn anew; the settings can keep them. */
  takeStudent(): void {
    const { report } = this.own().teacher;
    if (!report) return;
    const { name, sha256, meaning } = report;
    const file = { name, sha256, meaning, weights: 'fresh' } as const;
    this.around.edit(withFileStudent(this.store.get().draft, file));
    this.close();
    this.around.arrived();
  }

  backToPreset(): void {
    const { draft } = this.store.get();
    const preset = presets.find(({ id }) => id === draft.preset) ?? presets[0];
    this.around.edit({ ...draft, teacher: preset.recipe.teacher });
  }

  /** Reads images; the worker holds them from then on, and says what they are. */
  async readData(files: readonly Chosen[], again = false): Promise<void> {
    if (files.length === 0) return;
    this.cancel();
    this.change({ type: 'dialog', dialog: 'data' });
    this.data({ fault: null, reading: { what: 'Opening the files', share: 0 } });
    const read = await this.read(files, 'data', (reading) => this.data({ reading }));
    if (read === null) return;
    if ('fault' in read) {
      // A network that came into the dialog of images is a network all the same.
      const network = read.fault.code === 'E_UPLOAD_NOTHING' && !again;
      if (network && (await this.isNetwork(files))) return this.readTeacher(files, true);
      return this.data({ reading: null, fault: read.fault });
    }
    this.whenReady(() => {
      const request = this.around.request();
      const params = this.params();
      this.data({ request, params, reading: null });
      this.given.asks(request, OWN_TASK, { kind: 'images', files });
      this.around.post({ type: 'data', request, data: read.value, params });
    });
  }

  private async isNetwork(files: readonly Chosen[]): Promise<boolean> {
    const read = await this.read(files, 'teacher', (reading) => this.data({ reading }));
    return read !== null && 'value' in read;
  }

  /** Other sides, colours or shares for the images in the dialog. */
  viewData(params: AnyValues): void {
    clearTimeout(this.timer);
    const request = this.around.request();
    this.data({ params, request });
    this.timer = setTimeout(
      () => this.around.post({ type: 'dataView', request, params }),
      PAUSE_MS,
    );
  }

  /** The images in the dialog become the page's task. */
  takeData(): void {
    const { summary, params } = this.own().data;
    if (!summary) return;
    if (this.store.get().draft.task.id !== OWN_TASK) this.around.choosePreset(OWN_PRESET);
    const { draft } = this.store.get();
    const most = summary.classes.reduce((sum, { train }) => sum + train, 0);
    this.around.edit({
      ...this.withoutForeign(
        draft,
        summary.classes.map(({ name }) => name),
      ),
      task: { id: OWN_TASK, params },
      transfer: Math.max(10, Math.min(draft.transfer, most)),
    });
    this.close();
    this.around.arrived();
  }

  /** Keeps the images that the worker holds in the browser's private file system. */
  keepData(name: string): void {
    this.around.post({ type: 'keepData', request: this.around.request(), name });
  }

  forgetKept(id: string): void {
    this.around.post({ type: 'forgetKept', request: this.around.request(), id });
  }

  /** Kept images take the place of those that are held. */
  loadKept(id: string): void {
    this.cancel();
    const request = this.around.request();
    const params = this.params();
    this.data({ request, params, fault: null });
    this.given.asks(request, OWN_TASK, { kind: 'kept', id });
    this.around.post({ type: 'loadKept', request, id, params });
  }

  /** The networks that a recipe names and that are not where a run can ask them. */
  private missing(recipe: Recipe): readonly FileNetwork[] {
    const { held } = this.own();
    return filesOf(recipe).filter(({ sha256 }) => !(sha256 in held));
  }

  /** Whether one of them teaches. */
  lacksTeacher(recipe: Recipe): boolean {
    return this.missing({ ...recipe, students: [] }).length > 0;
  }

  /** Whether the recipe's networks from files are where a run can ask them. */
  holds(recipe: Recipe): boolean {
    return this.missing(recipe).length === 0;
  }

  /**
   * Gives the worker what a recipe needs and what was given before: its data, then its networks.
   *
   * @param data true where the data of its task are missing
   * @returns true where all that is missing is on its way; `arrived` is called then
   */
  bring(recipe: Recipe, data: boolean): boolean {
    const { task } = recipe;
    if (data && this.store.get().files[task.id]?.phase !== 'reading')
      if (!this.given.bringData(task.id, task.params)) return false;
    // They may have to be looked at on the data.
    return data || this.missing(recipe).every((one) => this.given.bringNetwork(one, recipe));
  }

  /**
   * A preset's recipe, with the person's own teacher where that was made for the same task; a notice says it where it is
   * left.
   */
  keepTeacher(preset: Recipe): Recipe {
    const { draft } = this.store.get();
    const { teacher } = draft;
    if (teacher.source !== 'file') return preset;
    if (sameValue(draft.task, preset.task)) return { ...preset, teacher };
    this.store.dispatch({ type: 'notice', notice: teacherLeft(teacher.name) });
    return preset;
  }

  /** Other students or other inputs: what the recipe's own teacher shows them is found anew. */
  edited(before: Recipe): void {
    const { draft } = this.store.get();
    const { teacher } = draft;
    if (teacher.source !== 'file') return;
    if (!sameValue(before.teacher, teacher) || sameValue(askedOf(before), askedOf(draft))) return;
    if (!(teacher.sha256 in this.own().held)) return this.given.outdate(teacher.sha256);
    this.refitting = this.around.request();
    const { taps: _, ...corrections } = teacher.meaning;
    const { sha256 } = teacher;
    const request = this.refitting;
    this.around.post({ type: 'inspect', request, sha256, recipe: draft, corrections });
  }

  private refitted(report: Inspection): void {
    const { draft } = this.store.get();
    const { teacher } = draft;
    if (teacher.source !== 'file' || teacher.sha256 !== report.sha256) return;
    if (sameValue(teacher.meaning, report.meaning)) return;
    this.around.edit({ ...draft, teacher: { ...teacher, meaning: report.meaning } });
  }

  heard(message: FromWorker): void {
    this.given.heard(message);
    if (message.type === 'ready') {
      const waiting = this.waiting;
      this.waiting = [];
      for (const act of waiting) act();
    } else if (message.type === 'inspected') {
      if (message.request === this.refitting) this.refitted(message.report);
      this.around.arrived();
      const { report, wanted, request } = this.own().teacher;
      // What is open, or looks wrong, is for a person to see first.
      if (wanted && request === null && report) {
        const held = report.open.length > 0 || report.warnings.length > 0;
        this.teacher({ wanted: false, held });
        if (!held) this.takeTeacher();
      }
    } else if (message.type === 'filesRead') {
      const { teacher, dialog } = this.own();
      if (dialog === 'teacher' && teacher.known && teacher.fault?.code === 'E_DATA_NEEDED')
        this.lookAgain(true);
    }
  }

  /** The worker is gone, and what it held with it. */
  lost(): void {
    // One that was never ready held nothing: what waits for it waits for the next.
    if (this.store.get().worker === 'starting') return;
    this.cancel();
    this.given.lost();
    this.change({ type: 'lost' });
  }

  private inspect(corrections: Partial<Meaning>): void {
    const { known } = this.own().teacher;
    if (!known) return;
    const request = this.around.request();
    const { sha256 } = known;
    const recipe = this.store.get().draft;
    this.teacher({ request, corrections, asked: askedOf(recipe) });
    this.around.post({ type: 'inspect', request, sha256, recipe, corrections });
  }

  /** A network that is shown for another task or other students is looked at anew. */
  private lookAgain(anyway = false): void {
    const { known, asked } = this.own().teacher;
    const { draft, worker } = this.store.get();
    if (!known || worker !== 'ready' || (!anyway && sameValue(asked, askedOf(draft)))) return;
    this.teacher({
      report: null,
      fault: null,
      fits: [],
      inspecting: { what: waitingFor(this.store.get()), share: 0 },
    });
    this.inspect({});
  }

  /** Shows the images that the worker holds when the dialog is opened. */
  private lookAtHeld(): void {
    const { loaded, worker } = this.store.get();
    if (worker === 'ready') this.around.post({ type: 'listKept', request: this.around.request() });
    if (worker === 'ready' && OWN_TASK in loaded && !this.own().data.summary)
      this.viewData(this.params());
  }

  /** The task's parameters on the page, or those of its preset. */
  private params(): AnyValues {
    const { draft } = this.store.get();
    if (draft.task.id === OWN_TASK) return draft.task.params;
    return presets.find(({ id }) => id === OWN_PRESET)?.recipe.task.params ?? {};
  }

  /** A teacher that was made for other classes is left. */
  private withoutForeign(recipe: Recipe, classes: readonly string[]): Recipe {
    const { teacher } = recipe;
    if (teacher.source !== 'file') return recipe;
    if (sameValue(this.own().held[teacher.sha256]?.taskClasses, classes)) return recipe;
    this.store.dispatch({ type: 'notice', notice: teacherLeft(teacher.name) });
    const preset = presets.find(({ id }) => id === recipe.preset) ?? presets[0];
    return { ...recipe, teacher: preset.recipe.teacher };
  }

  /** Reads files; null where a newer reading or a cancellation has made it pointless. */
  private async read<K extends keyof Readable>(
    files: readonly Chosen[],
    kind: K,
    progress: (doing: Doing) => void,
  ): Promise<{ readonly value: Readable[K] } | { readonly fault: Fault } | null> {
    const own = { cancel: () => undefined as void };
    this.reading = own;
    const current = () => this.reading === own;
    try {
      const read = await this.around.reader();
      if (!current()) return null;
      const run = read(files, kind, (what, share) => {
        if (current()) progress({ what, share });
      });
      own.cancel = () => run.cancel();
      const value = await run.done;
      return current() ? { value } : null;
    } catch (thrown) {
      return current() ? { fault: faultOf(thrown) } : null;
    } finally {
      if (current()) this.reading = null;
    }
  }

  private whenReady(act: () => void): void {
    if (this.store.get().worker === 'ready') act();
    else this.waiting.push(act);
  }

  private own() {
    return this.store.get().own;
  }

  private change(action: OwnAction): void {
    this.store.dispatch({ type: 'own', action });
  }

  private teacher(change: Partial<TeacherDraft>): void {
    this.change({ type: 'teacher', change });
  }

  private data(change: Partial<DataDraft>): void {
    this.change({ type: 'data', change });
  }
}
