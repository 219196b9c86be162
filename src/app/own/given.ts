import { faultOf, type Fault } from '../../recipe/errors';
import type { AnyValues } from '../../recipe/fields';
import type { Inspection } from '../../recipe/inspection';
import type { FileNetwork } from '../../recipe/meaning';
import type { Recipe } from '../../recipe/recipe';
import { shown } from '../../recipe/shown';
import type { ReadingRun } from '../../worker/client-supervise';
import type { FromWorker, ToWorker } from '../../worker/protocol';
import type { Readable } from '../../worker/protocol-reading';
import type { Chosen } from './files';
import type { Doing } from './state';

/** Where a task's data came from: files that the worker reads, images that a reader reads for it, or kept ones. */
export type Source =
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'images'; readonly files: readonly Chosen[] }
  | { readonly kind: 'kept'; readonly id: string };

/** Reads files; the module that does it is fetched when the first file is given. */
export type ReadFiles = <K extends keyof Readable>(
  files: readonly Chosen[],
  kind: K,
  progress: (what: string, share: number) => void,
) => ReadingRun<Readable[K]>;

/** What this needs from the desk. */
interface Around {
  post(message: ToWorker): void;
  request(): number;
  reader(): Promise<ReadFiles>;
  /** A task's data are being read. */
  reading(task: string, doing: Doing): void;
  /** What a task's data came from cannot be read any more. */
  refused(task: string, fault: Fault): void;
  /** The worker was asked for the images' summary. */
  summarised(request: number, params: AnyValues): void;
  /** Digests of all networks whose files are here. */
  networks(given: readonly string[]): void;
  /** A network is being read for the worker; null when that is over. */
  bringing(doing: Doing | null): void;
  /** The worker holds a network that was inspected before. */
  held(report: Inspection): void;
  /** A network was looked at anew for the students and inputs on the page. */
  refitted(report: Inspection): void;
  /** What was on its way is there, or will not come. */
  arrived(): void;
}

/**
 * What a person has given, kept as files and not as what was read of them: a new worker gets it again without anybody
 * choosing a file twice. Only what a worker has taken counts, so that files which end workers are not given for ever.
 */
export class Given {
  private readonly around: Around;
  /** What a worker has taken, by task. */
  private readonly data = new Map<string, Source>();
  /** What a worker was asked to take, by the request. */
  private readonly asked = new Map<number, { readonly task: string; readonly source: Source }>();
  /** The newest that was given for a task, taken or not. */
  private readonly newest = new Map<string, Source>();
  /** The files of networks, by their digest. */
  private readonly networks = new Map<string, readonly Chosen[]>();
  /** What was last found out about each network, by its digest. */
  private readonly reports = new Map<string, Inspection>();
  /** Networks that were last looked at for other students or other inputs than the page's. */
  private readonly outdated = new Set<string>();
  /** The network that is on its way, and the inspection that it still waits for. */
  private coming: { readonly sha256: string; request: number | null } | null = null;
  private readonly runs = new Set<{ cancel(): void }>();
  /** Counts workers: what was begun for one that is gone is not carried out. */
  private worker = 0;

  constructor(around: Around) {
    this.around = around;
  }

  /** The worker is asked to take a task's data. */
  asks(request: number, task: string, source: Source): void {
    this.asked.set(request, { task, source });
    this.newest.set(task, source);
  }

  /** The files that a network was read from. */
  network(sha256: string, files: readonly Chosen[]): void {
    this.networks.set(sha256, files);
    this.around.networks([...this.networks.keys()]);
  }

  /** What is known of a network is not what the page's settings ask of it: it is looked at anew when it is brought. */
  outdate(sha256: string): void {
    this.reports.delete(sha256);
    this.outdated.add(sha256);
  }

  private forget(sha256: string): void {
    this.networks.delete(sha256);
    this.around.networks([...this.networks.keys()]);
  }

  /**
   * Gives the worker a task's data again.
   *
   * @param params parameters of the task, as a recipe has them
   * @returns false where none were given
   */
  bringData(task: string, params: AnyValues): boolean {
    const source = this.data.get(task);
    if (!source) return false;
    this.newest.set(task, source);
    this.around.reading(task, { what: 'Reading the files again', share: 0 });
    if (source.kind === 'images') void this.readImages(task, source, params);
    else this.post(task, source, params);
    return true;
  }

  private post(task: string, source: Exclude<Source, { kind: 'images' }>, params: AnyValues) {
    const request = this.around.request();
    this.asks(request, task, source);
    if (source.kind === 'files')
      return this.around.post({ type: 'files', request, task, files: source.files });
    this.around.summarised(request, params);
    this.around.post({ type: 'loadKept', request, id: source.id, params });
  }

  private async readImages(
    task: string,
    source: Extract<Source, { kind: 'images' }>,
    params: AnyValues,
  ): Promise<void> {
    const wanted = this.ofThisWorker(() => this.newest.get(task) === source);
    const read = await this.read(source.files, 'data', (doing) => {
      if (wanted()) this.around.reading(task, doing);
    });
    if (!wanted()) return;
    if ('fault' in read) {
      this.data.delete(task);
      this.around.refused(task, read.fault);
      return this.around.arrived();
    }
    const request = this.around.request();
    this.asks(request, task, source);
    this.around.summarised(request, params);
    this.around.post({ type: 'data', request, data: read.value, params });
  }

  /**
   * Gives the worker a network again; one at a time.
   *
   * @param recipe the recipe that names it, for whose task it is inspected where that was never finished
   * @returns false where its files were never given
   */
  bringNetwork(network: FileNetwork, recipe: Recipe): boolean {
    const files = this.networks.get(network.sha256);
    if (!files) return false;
    if (this.coming === null) void this.readNetwork(network, files, recipe);
    return true;
  }

  private async readNetwork(
    { sha256, name, meaning }: FileNetwork,
    files: readonly Chosen[],
    recipe: Recipe,
  ): Promise<void> {
    const coming = { sha256, request: null as number | null };
    this.coming = coming;
    const wanted = this.ofThisWorker(() => this.coming === coming);
    const what = `Reading ${shown(name)} again`;
    this.around.bringing({ what, share: 0 });
    const read = await this.read(files, 'teacher', ({ share }) => {
      if (wanted()) this.around.bringing({ what, share });
    });
    if (!wanted()) return;
    // Files can change on the disk: only the same network is what the recipe names.
    if ('fault' in read || read.value.sha256 !== sha256) {
      this.forget(sha256);
      return this.done();
    }
    this.around.post({ type: 'teacherAgain', network: read.value, sha256 });
    const report = this.reports.get(sha256);
    if (report) {
      this.around.held(report);
      return this.done();
    }
    coming.request = this.around.request();
    const { request } = coming;
    const { taps: _, ...others } = meaning;
    const corrections = this.outdated.has(sha256) ? others : meaning;
    this.around.post({ type: 'inspect', request, sha256, recipe, corrections });
  }

  private done(): void {
    this.coming = null;
    this.around.bringing(null);
    this.around.arrived();
  }

  heard(message: FromWorker): void {
    switch (message.type) {
      case 'filesRead':
      case 'filesRefused': {
        const asked = this.asked.get(message.request);
        this.asked.delete(message.request);
        if (!asked) return;
        if (message.type === 'filesRead') this.data.set(asked.task, asked.source);
        else if (this.data.get(asked.task) === asked.source) this.data.delete(asked.task);
        return;
      }
      case 'inspected':
        this.reports.set(message.report.sha256, message.report);
        if (message.request !== this.coming?.request) return;
        if (this.outdated.delete(message.report.sha256)) this.around.refitted(message.report);
        this.done();
        return;
      case 'notInspected':
        if (message.request !== this.coming?.request) return;
        this.forget(this.coming.sha256);
        this.done();
        return;
      default:
    }
  }

  /** The worker is gone: what was on its way to it is given up. */
  lost(): void {
    this.worker += 1;
    this.coming = null;
    this.asked.clear();
    for (const run of this.runs) run.cancel();
    this.runs.clear();
  }

  private ofThisWorker(still: () => boolean): () => boolean {
    const { worker } = this;
    return () => this.worker === worker && still();
  }

  private async read<K extends keyof Readable>(
    files: readonly Chosen[],
    kind: K,
    progress: (doing: Doing) => void,
  ): Promise<{ readonly value: Readable[K] } | { readonly fault: Fault }> {
    let run: ReadingRun<Readable[K]> | null = null;
    try {
      const reads = await this.around.reader();
      run = reads(files, kind, (what, share) => progress({ what, share }));
      this.runs.add(run);
      return { value: await run.done };
    } catch (thrown) {
      return { fault: faultOf(thrown) };
    } finally {
      if (run) this.runs.delete(run);
    }
  }
}
