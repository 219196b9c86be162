import { LESS, UserError, saysMemory } from '../recipe/errors';

/** What can befall a device under the work: what is computed from then on is nothing, or wrong. */
type Trouble = 'lost' | 'memory' | 'refused';

/** The device that trains. */
interface Watched {
  /**
   * Resolves when all has been heard that the device has to say of the work that it was given so far; rejects where it
   * does not answer any more.
   */
  settle(): Promise<unknown>;
  /** Notes what only asking brings to light, where asking costs next to nothing. */
  look?(): void;
}

/** A device that does not answer by then has not been lost, but has much to do. */
const SETTLE_MS = 2000;

/** Codes of faults after which the device, and the worker with it, is of no use any more. */
const SPENT: ReadonlySet<string> = new Set([
  'E_DEVICE_LOST',
  'E_DEVICE_REFUSED',
  'E_OUT_OF_MEMORY',
]);

/** Whether nothing more can be computed after this fault, other than on a new device. */
export function isSpent(code: string): boolean {
  return SPENT.has(code);
}

/** Watches over one device: notes the first trouble that befalls it, and tells it once. */
export class Watch {
  private readonly device: Watched;
  private first: UserError | null = null;
  private tell: ((trouble: UserError) => void) | null = null;

  constructor(device: Watched) {
    this.device = device;
  }

  /** @param detail what the browser or the driver says of it */
  befall(trouble: Trouble, detail: string): void {
    if (this.first) return;
    this.first = errorOf(trouble, detail);
    this.tell?.(this.first);
  }

  /** From now on trouble is told to somebody, at once where it is there already. */
  telling(tell: (trouble: UserError) => void): void {
    this.tell = tell;
    if (this.first) tell(this.first);
  }

  /** @throws UserError what has befallen the device, so far as it is known */
  require(): void {
    this.device.look?.();
    if (this.first) throw this.first;
  }

  /** What has befallen the device, once all that it has to say has been heard; null where it is well. */
  async settled(): Promise<UserError | null> {
    if (this.first) return this.first;
    const answer = this.device.settle().catch((gone: unknown) => this.befall('lost', String(gone)));
    await Promise.race([answer, after(SETTLE_MS)]);
    // Its events are tasks of their own, which come after the promises.
    await after(0);
    this.device.look?.();
    return this.first;
  }
}

let current: Watch | null = null;

/** A watch over the device that is started now; one that was watched before is forgotten. */
export function watch(device: Watched): Watch {
  current = new Watch(device);
  return current;
}

/** The processor needs no watch. */
export function watchNothing(): void {
  current = null;
}

/** @throws UserError what has befallen the device that trains, so far as it is known */
export function requireDevice(): void {
  current?.require();
}

/** @throws UserError what has befallen the device that trains, once it has said all about the work so far */
export async function requireSettled(): Promise<void> {
  const trouble = await current?.settled();
  if (trouble) throw trouble;
}

/**
 * Why work on the device really ended: a device that is gone lets every call fail in words of its own, which are never the
 * reason. What was thrown stays as the cause.
 */
export async function reasonOf(thrown: unknown): Promise<unknown> {
  const trouble = await current?.settled();
  if (!trouble || trouble === thrown) return thrown;
  const { code, message, hint, cause } = trouble;
  return new UserError(code, message, hint, {
    cause: `${String(cause)}\n${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
  });
}

function errorOf(trouble: Trouble, detail: string): UserError {
  const options = { cause: detail };
  if (trouble === 'memory' || saysMemory(detail))
    return new UserError(
      'E_OUT_OF_MEMORY',
      'The graphics processor has not enough memory for this.',
      `${LESS} Other tabs and programs that use it give memory back when they are closed.`,
      options,
    );
  if (trouble === 'lost')
    return new UserError(
      'E_DEVICE_LOST',
      'The graphics processor was taken away.',
      'Start again; if it happens once more, restart the browser.',
      options,
    );
  return new UserError(
    'E_DEVICE_REFUSED',
    'The graphics processor refused a command, so the numbers can no longer be trusted.',
    'Start again; if it happens once more, restart the browser.',
    options,
  );
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
