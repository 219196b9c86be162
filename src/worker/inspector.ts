import { UserError, faultOf } from '../recipe/errors';
import type { Meaning } from '../recipe/meaning';
import type { Catalogue, Recipe } from '../recipe/recipe';
import type { TaskData } from '../tasks/contract';
import type { ReadNetwork } from '../upload/given';
import type { FromWorker } from './protocol';

/** Most networks that are held: a run asks at most five teachers. The one that was given first goes first. */
const MOST = 8;

/** What the inspector gets from the host. */
interface Around {
  catalogue(): Catalogue;
  post(message: FromWorker): void;
  /** Lets messages in. */
  pause(): Promise<void>;
  /** The recipe's data. */
  load(
    recipe: Recipe,
    signal: AbortSignal,
    progress: (what: string, share: number) => void,
  ): Promise<TaskData>;
}

/** The networks that somebody gave, by their files' digest, and what is found out about them. */
export class Inspector {
  private readonly around: Around;
  private readonly networks = new Map<string, ReadNetwork>();
  private current: { readonly request: number; readonly abort: AbortController } | null = null;
  private ended: Promise<void> = Promise.resolve();

  constructor(around: Around) {
    this.around = around;
  }

  get(sha256: string): ReadNetwork | undefined {
    return this.networks.get(sha256);
  }

  keep(sha256: string, network: ReadNetwork): void {
    this.networks.delete(sha256);
    this.networks.set(sha256, network);
    const [oldest] = this.networks.keys();
    if (this.networks.size > MOST && oldest !== undefined) this.networks.delete(oldest);
  }

  forget(sha256: string): void {
    this.networks.delete(sha256);
  }

  /** Resolves as soon as no network is being inspected: what nobody waits for so much makes way. */
  async idle(): Promise<void> {
    for (let ended: Promise<void> | null = null; ended !== this.ended;) {
      ended = this.ended;
      await ended;
    }
  }

  /** Breaks an inspection off. */
  stop(request: number): void {
    if (this.current?.request === request) this.current.abort.abort(stopped());
  }

  /** Inspects a network; one that goes on is broken off. Never throws: errors are posted. */
  async inspect(
    request: number,
    sha256: string,
    recipe: Recipe,
    corrections: Partial<Meaning>,
  ): Promise<void> {
    this.current?.abort.abort(stopped());
    const abort = new AbortController();
    const own = { request, abort };
    this.current = own;
    const before = this.ended;
    this.ended = before.then(() => this.run(own, sha256, recipe, corrections));
    await this.ended;
  }

  /** Where a network's form does not suit the task: presets whose task it would suit. */
  private async fits(code: string, sha256: string): Promise<readonly string[]> {
    const network = this.networks.get(sha256);
    if (!network || !/^E_UPLOAD_(SHAPE|OUTPUTS)$/.test(code)) return [];
    const { fittingPresets } = await import('../train/inspect/fits');
    return fittingPresets(network, this.around.catalogue());
  }

  private async run(
    { request, abort: { signal } }: { readonly request: number; readonly abort: AbortController },
    sha256: string,
    recipe: Recipe,
    corrections: Partial<Meaning>,
  ): Promise<void> {
    const { post } = this.around;
    const progress = (what: string, share: number) =>
      post({ type: 'inspecting', request, what, share });
    try {
      signal.throwIfAborted();
      const network = this.networks.get(sha256);
      if (!network)
        throw new UserError(
          'E_TEACHER_FILE',
          'This network is not held any more.',
          'Give its file again.',
        );
      progress('Getting the task’s examples', 0);
      const data = await this.around.load(recipe, signal, progress);
      // Fetched when it is first asked for: most visitors bring no network.
      const { inspect } = await import('../train/inspect/inspect');
      const report = await inspect(network, sha256, data, recipe, corrections, {
        progress,
        pause: async () => {
          await this.around.pause();
          signal.throwIfAborted();
        },
      });
      post({ type: 'inspected', request, report });
    } catch (thrown) {
      const fault = faultOf(thrown);
      post({ type: 'notInspected', request, fault, fits: await this.fits(fault.code, sha256) });
    }
  }
}

const stopped = (): UserError => new UserError('E_STOPPED', 'The inspection was stopped.');
