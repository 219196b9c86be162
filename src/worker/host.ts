import type { OwnStore } from '../upload/store/store';
import { startBackend } from '../gpu/backend';
import { isSpent, reasonOf } from '../gpu/health';
import { auditSteps } from '../gpu/replay/audit';
import type { AnomalyRecipe } from '../recipe/anomaly';
import { UserError, faultOf } from '../recipe/errors';
import type { Fault } from '../recipe/errors';
import { readRecipe, requireRecipe } from '../recipe/check';
import { checkInWords, mendLink } from '../recipe/check-words';
import type { Meaning } from '../recipe/meaning';
import { defaultsOf } from '../recipe/fields';
import type { AnyValues } from '../recipe/fields';
import type { KeptData, OwnData, Role } from '../recipe/own-data';
import type { Catalogue, Choice, Recipe, TeacherCard } from '../recipe/recipe';
import type { LoadContext, Source, TaskData } from '../tasks/contract';
import { tasks } from '../tasks/registry';
import { catalogueOf } from '../train/catalogue';
import { Control } from '../train/control';
import { Estimate } from '../train/estimate';
import { Keep } from '../train/keep';
import type { Surroundings } from '../train/prepare';
import { loadTask } from '../train/prepare';
import { loadRun } from '../train/load-run';
import { Stopped } from '../train/stopped';
import { train } from '../train/train';
import { Inspector } from './inspector';
import type { FromWorker, ToWorker } from './protocol';

/** The run that is going on: its id, its handle, and the promise of its end. */
interface Current {
  readonly run: number;
  readonly control: Control;
  readonly abort: AbortController;
  /** What is done before its first step, in words: what was finished last, and what goes on. */
  readonly before: { finished: string[]; doing: string; enough: boolean; prepared: boolean };
  ended: Promise<void>;
}

/** The task of a person's own images. */
const OWN = 'images';

function countsSentence(train: number, validation: number, test: number): string {
  const [most, some, last] = [train, validation, test].map((count) =>
    count.toLocaleString('en-GB'),
  );
  return `${most} training, ${some} validation and ${last} test images, read on this computer; nothing was sent.`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Own images in the browser's private file system; loaded when first asked for. */
async function ownStore(): Promise<OwnStore> {
  return new (await import('../upload/store/store')).OwnStore();
}

/** In long work something is said at least so often, where there is room for it. */
const SILENCE_MS = 1000;

/** Lets the worker's messages in between two pieces of work; unlike a timer it is not slowed down in hidden tabs. */
function pauser(): () => Promise<void> {
  const channel = new MessageChannel();
  let waiting: (() => void)[] = [];
  channel.port1.onmessage = () => {
    const now = waiting;
    waiting = [];
    for (const resolve of now) resolve();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(null);
    });
}

/**
 * The worker's side of the protocol: one message in, any number out. Knows no worker API, so that tests run it in place.
 */
export class Host {
  private readonly post: (message: FromWorker) => void;
  private readonly wasmPaths: Readonly<Record<string, string>> | undefined;
  private readonly rest = pauser();
  private spoke = 0;
  /** The device is of no use any more: everything has been said. */
  private spent = false;
  private readonly files = new Map<
    string,
    { readonly sources: readonly Source[]; readonly params: AnyValues; readonly data: TaskData }
  >();
  private base = '';
  private cards: readonly TeacherCard[] = [];
  private catalogue: Catalogue | null = null;
  private current: Current | null = null;
  private readonly keep = new Keep();
  private readonly inspector = new Inspector({
    catalogue: () => this.known(),
    post: (message) => this.post(message),
    pause: () => this.pause(),
    load: (recipe, signal, progress) => this.examples(recipe, signal, progress),
  });
  /** A person's own images, for the task "images". */
  private own: OwnData | null = null;

  constructor(post: (message: FromWorker) => void, wasmPaths?: Readonly<Record<string, string>>) {
    this.post = (message) => {
      if (this.spent) return;
      this.spoke = performance.now();
      post(message);
    };
    this.wasmPaths = wasmPaths;
  }

  /** Handles one message; never throws, every error is posted. */
  receive(message: ToWorker): void {
    const run = 'run' in message ? message.run : 0;
    this.handle(message).catch((thrown: unknown) => this.fail(run, thrown));
  }

  /** What was thrown where nobody waited for it: outside any run, or beside one. */
  stray(thrown: unknown): void {
    void this.fail(0, thrown);
  }

  /** Says what was thrown, unless it was the device that failed. */
  private async fail(run: number, thrown: unknown): Promise<void> {
    const fault = faultOf(await reasonOf(thrown));
    if (isSpent(fault.code)) this.broken(fault);
    else this.post({ type: 'failed', run, fault });
  }

  private async handle(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'hello':
        auditSteps(message.audit ?? 0);
        return this.hello(message);
      case 'check':
        return this.post({
          type: 'checked',
          request: message.request,
          ...(message.link
            ? mendLink(message.recipe, message.link, this.known())
            : checkInWords(message.recipe, this.known())),
        });
      case 'files':
        return this.readFiles(message.request, message.task, message.files);
      case 'data':
        return this.answerOwn(message.request, message.params, () => Promise.resolve(message.data));
      case 'dataView':
        return this.answerOwn(message.request, message.params, () => Promise.resolve(this.held()));
      case 'loadKept':
        return this.answerOwn(message.request, message.params, async () =>
          (await ownStore()).load(message.id),
        );
      case 'keepData':
        return this.answerKept(message.request, (store) => store.save(this.held(), message.name));
      case 'listKept':
        return this.answerKept(message.request, (store) => store.list());
      case 'forgetKept':
        return this.answerKept(message.request, (store) => store.remove(message.id));
      case 'teacherRead':
        this.inspector.keep(message.sha256, message.network);
        return this.inspect(message, {});
      case 'teacherAgain':
        return this.inspector.keep(message.sha256, message.network);
      case 'inspect':
        return this.inspect(message, message.corrections);
      case 'inspectStop':
        return this.inspector.stop(message.request);
      case 'teacherForget':
        return this.inspector.forget(message.sha256);
      case 'prepare':
        return this.prepare(message.run, (current) => this.drive(current, message.recipe));
      case 'prepareAnomaly':
        return this.prepare(message.run, (current) => this.findFaults(current, message.recipe));
      case 'play':
        return this.controlOf(message.run)?.play();
      case 'pause':
        return this.controlOf(message.run)?.pause();
      case 'step':
        return this.controlOf(message.run)?.stepOnce();
      case 'stop':
        this.controlOf(message.run)?.stop();
        this.stopPreparing(message.run);
        return;
      case 'enough':
        if (this.current?.run === message.run) this.current.before.enough = true;
        return;
      case 'adjust':
        return this.controlOf(message.run)?.adjust(requireRecipe(message.recipe, this.known()));
      case 'watch':
        return this.controlOf(message.run)?.watch(message.questions);
      case 'speed': {
        const control = this.controlOf(message.run);
        if (control) control.speed = message.speed;
        return;
      }
      default:
        message satisfies never;
    }
  }

  private readonly pause = async (): Promise<void> => {
    await this.rest();
    if (performance.now() - this.spoke > SILENCE_MS) this.post({ type: 'alive' });
  };

  private controlOf(run: number): Control | null {
    return this.current?.run === run ? this.current.control : null;
  }

  private known(): Catalogue {
    if (!this.catalogue) throw new Error('a message came before the worker was ready');
    return this.catalogue;
  }

  private async hello({ backend, orElse, base }: ToWorker & { type: 'hello' }): Promise<void> {
    this.base = base;
    const device = await startBackend({
      wanted: backend,
      ...(orElse && { orElse }),
      ...(this.wasmPaths ? { wasmPaths: this.wasmPaths } : {}),
      broken: (trouble) => this.broken(faultOf(trouble)),
    });
    this.cards = (await (await this.fetch('teachers/cards.json')).json()) as TeacherCard[];
    this.catalogue = catalogueOf(this.cards);
    this.post({ type: 'ready', catalogue: this.catalogue, device });
  }

  /** The device is of no use any more, and this worker with it: says why, and nothing after that. */
  private broken(fault: Fault): void {
    this.post({ type: 'broken', fault });
    this.spent = true;
    this.current?.control.stop();
    this.current?.abort.abort(new Stopped());
  }

  private async fetch(path: string): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.base));
    } catch (cause) {
      throw new UserError(
        'E_FETCH',
        `${path} could not be fetched from where this page came from.`,
        'Check the connection and load the page again.',
        { cause },
      );
    }
    if (response.ok) return response;
    throw new UserError(
      'E_FETCH',
      `${path} is missing where this page came from (${response.status}).`,
      'Load the page again.',
    );
  }

  /** What a run gets of the worker. */
  private around({ run, abort, before }: Current): Surroundings {
    const estimate = new Estimate();
    const silent = this.silently(abort.signal);
    const ended = aborted(abort.signal);
    return {
      ...silent,
      // A person waits for a check; what is prepared before Play can wait for it.
      pause: async () => {
        await silent.pause();
        if (!before.prepared) await Promise.race([this.inspector.idle(), ended]);
        abort.signal.throwIfAborted();
      },
      keep: this.keep,
      progress: (what, share) => {
        before.doing = what;
        const secondsLeft = estimate.left(what, share);
        this.post({ type: 'working', run, what, share, secondsLeft });
      },
      enough: () => before.enough,
      finished: (what) => {
        before.finished.push(before.enough ? `${what} as it stood` : what);
        // It was said of this network alone.
        before.enough = false;
      },
    };
  }

  /** What loading needs of the worker, where nobody is told how far it is. */
  private silently(signal: AbortSignal): Surroundings {
    return {
      cards: this.cards,
      signal,
      pause: async () => {
        await this.pause();
        signal.throwIfAborted();
      },
      progress: () => undefined,
      sources: (task) => this.files.get(task)?.sources ?? [],
      own: (task) => Promise.resolve(task === OWN ? this.own : null),
      uploaded: (sha256) => this.inspector.get(sha256),
      teacherFile: async (id) =>
        new Uint8Array(await (await this.fetch(`teachers/${id}.safetensors`)).arrayBuffer()),
      generatorFile: async (name) =>
        new Uint8Array(await (await this.fetch(`generators/${name}`)).arrayBuffer()),
    };
  }

  /** Finds out what a network from a file means on a recipe's task. Its teacher need not be one that fits. */
  private async inspect(
    { request, sha256, recipe: input }: { request: number; sha256: string; recipe: Recipe },
    corrections: Partial<Meaning>,
  ): Promise<void> {
    const { recipe, problems } = readRecipe(input, this.known());
    if (recipe) return this.inspector.inspect(request, sha256, recipe, corrections);
    const fault = faultOf(new UserError('E_RECIPE', problems.join(' ')));
    this.post({ type: 'notInspected', request, fault, fits: [] });
  }

  /** All that a person's files hold for a task, read as these parameters say; null where no files were given. */
  private async heldData(
    task: Choice,
    around: Pick<LoadContext, 'progress' | 'signal'>,
  ): Promise<TaskData | null> {
    const held = this.files.get(task.id);
    if (!held) return null;
    const same = JSON.stringify(held.params) === JSON.stringify(task.params);
    return same ? held.data : this.readAs(task, held.sources, around);
  }

  private async readAs(
    { id, params }: Choice,
    sources: readonly Source[],
    around: Pick<LoadContext, 'progress' | 'signal'>,
  ): Promise<TaskData> {
    const task = tasks.get(id);
    const data = await task.load(params, {
      ...around,
      trainCount: task.transfer.max,
      seed: undefined,
      sources,
    });
    this.files.set(id, { sources, params, data });
    return data;
  }

  /** The data that networks are inspected on. */
  private async examples(
    recipe: Recipe,
    signal: AbortSignal,
    progress: Surroundings['progress'],
  ): Promise<TaskData> {
    const around = { ...this.silently(signal), progress };
    return (await this.heldData(recipe.task, around)) ?? loadTask(recipe, around);
  }

  private held(): OwnData {
    if (this.own) return this.own;
    throw new UserError(
      'E_DATA_NEEDED',
      'No images are held here.',
      'Give their files, or load kept ones.',
    );
  }

  /** Says what own images hold, and keeps them for runs; what was held before stays if they are refused. */
  private async answerOwn(
    request: number,
    params: AnyValues,
    get: () => Promise<OwnData>,
  ): Promise<void> {
    try {
      const data = await get();
      const { summaryOf } = await import('../tasks/images/summary');
      const summary = summaryOf(data, { ...defaultsOf(tasks.get(OWN).params), ...params });
      // What was learnt from other images is not what a next run with the same settings would learn.
      this.post({ type: 'dataRead', request, summary });
      if (this.own === data) return;
      this.own = data;
      this.keep.clear();
      const total = (role: Role) => summary.classes.reduce((sum, counts) => sum + counts[role], 0);
      const sentence = countsSentence(total('train'), total('validation'), total('test'));
      this.post({ type: 'filesRead', request, task: OWN, sentence });
    } catch (thrown) {
      this.post({ type: 'filesRefused', request, task: OWN, fault: faultOf(thrown) });
    }
  }

  /** Does something with what the browser keeps, and says what is kept then. */
  private async answerKept(
    request: number,
    work: (store: OwnStore) => Promise<readonly KeptData[]>,
  ): Promise<void> {
    try {
      this.post({ type: 'kept', request, entries: await work(await ownStore()) });
    } catch (thrown) {
      this.post({ type: 'keptRefused', request, fault: faultOf(thrown) });
    }
  }

  /** Reads dropped files whole, so that a bad one is refused at once; what was read before stays if they are. */
  private async readFiles(request: number, id: string, files: readonly File[]): Promise<void> {
    try {
      const task = tasks.get(id);
      const data = await this.readAs({ id, params: defaultsOf(task.params) }, files, {
        progress: (what, share) =>
          this.post({ type: 'filesReading', request, task: id, what, share }),
      });
      // What was learnt from other files is not what a next run with the same settings would learn.
      this.keep.clear();
      const { train, validation, test } = data;
      const sentence = countsSentence(train.count, validation.count, test.count);
      this.post({ type: 'filesRead', request, task: id, sentence });
    } catch (thrown) {
      this.post({ type: 'filesRefused', request, task: id, fault: faultOf(thrown) });
    }
  }

  /** Ends the run before, then starts the new one, paused. */
  private async prepare(run: number, drive: (current: Current) => Promise<void>): Promise<void> {
    const before = this.current;
    before?.control.stop();
    before?.abort.abort(new Stopped());
    const control = new Control('paused');
    const abort = new AbortController();
    const current: Current = {
      run,
      control,
      abort,
      before: { finished: [], doing: '', enough: false, prepared: false },
      ended: Promise.resolve(),
    };
    this.current = current;
    await before?.ended;
    if (this.current !== current) return;
    current.ended = drive(current).catch(async (thrown: unknown) => {
      if (this.current !== current) return;
      if (thrown instanceof Stopped) this.stopped(current);
      else await this.fail(run, thrown);
    });
    await current.ended;
  }

  /** Ends what goes on before a run's first step; later on the run itself ends in its own time. */
  private stopPreparing(run: number): void {
    const { current } = this;
    if (current?.run === run && !current.before.prepared) current.abort.abort(new Stopped());
  }

  /** Says what became of work that was stopped in the middle. */
  private stopped({ run, before: { finished, doing } }: Current): void {
    const kept =
      finished.length > 0
        ? `Kept: ${finished.join(', ')}; a run with the same settings goes on from there.`
        : 'Nothing was finished yet, so nothing is kept.';
    this.post({ type: 'notice', run, sentence: `Stopped (${doing}). ${kept}` });
    this.post({ type: 'state', run, state: 'stopped' });
  }

  private async drive(current: Current, input: Recipe): Promise<void> {
    const recipe = requireRecipe(input, this.known());
    const { run, control, before } = current;
    const around = this.around(current);
    const data = (await this.heldData(recipe.task, around)) ?? (await loadTask(recipe, around));
    if (data.train.count < recipe.transfer)
      this.post({
        type: 'notice',
        run,
        sentence: `The files hold ${data.train.count} training images, so the students get these instead of ${recipe.transfer}.`,
      });
    const loaded = await loadRun(recipe, data, around);
    try {
      const options = { stage: true, evaluate: true, pause: this.pause };
      for await (const event of train(loaded.trainer, control, options)) {
        if (this.current !== current) return;
        if (event.type === 'prepared') before.prepared = true;
        this.post({ ...event, run });
      }
    } finally {
      loaded.dispose();
    }
  }

  private async findFaults(current: Current, input: AnomalyRecipe): Promise<void> {
    const { run, control } = current;
    // It ends between two pieces of its work by itself.
    current.before.prepared = true;
    // Fetched when it is first asked for: most visitors classify.
    const { requireAnomalyRecipe } = await import('../recipe/anomaly-check');
    const { findFaults } = await import('../anomaly/find');
    const recipe = requireAnomalyRecipe(input, this.known());
    const around = this.around(current);
    for await (const event of findFaults(recipe, around, control, true)) {
      if (this.current !== current) return;
      this.post({ ...event, run });
    }
  }
}
