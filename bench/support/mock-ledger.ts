/** What a mock device was asked to do since it was made. */
interface Totals {
  readonly dispatches: number;
  /** Bytes that JavaScript handed over: by writeBuffer, and in ranges mapped for writing (counted at unmap). */
  readonly bytesWritten: number;
  /** Bytes of copies from buffer to buffer. */
  readonly bytesCopied: number;
  readonly submits: number;
  /** Compute passes. */
  readonly passes: number;
  readonly pipelines: number;
  readonly bindGroups: number;
}

/** Totals, and what is alive at the moment of asking. */
export interface Counts extends Totals {
  /** Buffers not destroyed. */
  readonly buffers: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Most bytes alive at once since `forgetPeak`, or since the device was made. */
  readonly peakBytes: number;
}

/** One dispatch: the label of its shader (its first line of code where it has none), and its grid. */
export interface Dispatch {
  readonly shader: string;
  readonly workgroups: readonly [number, number, number];
}

/** Counts between two moments: totals are subtracted, what is alive is that of the later one. */
export function difference(before: Counts, after: Counts): Counts {
  return {
    ...after,
    dispatches: after.dispatches - before.dispatches,
    bytesWritten: after.bytesWritten - before.bytesWritten,
    bytesCopied: after.bytesCopied - before.bytesCopied,
    submits: after.submits - before.submits,
    passes: after.passes - before.passes,
    pipelines: after.pipelines - before.pipelines,
    bindGroups: after.bindGroups - before.bindGroups,
  };
}

/** Where the parts of a mock device write down what happens. Work of an encoder counts when it is submitted. */
export class Ledger {
  private totals = {
    dispatches: 0,
    bytesWritten: 0,
    bytesCopied: 0,
    submits: 0,
    passes: 0,
    pipelines: 0,
    bindGroups: 0,
  };
  private buffers = 0;
  private bytes = 0;
  private peakBytes = 0;
  private trace: Dispatch[] | null = null;

  add(what: keyof Totals, amount = 1): void {
    this.totals[what] += amount;
  }

  dispatched(dispatch: Dispatch): void {
    this.totals.dispatches += 1;
    this.trace?.push(dispatch);
  }

  created(size: number): void {
    this.buffers += 1;
    this.bytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
  }

  destroyed(size: number): void {
    this.buffers -= 1;
    this.bytes -= size;
  }

  counts(): Counts {
    const { totals, buffers, bytes, peakBytes } = this;
    return { ...totals, buffers, bytes, peakBytes };
  }

  forgetPeak(): void {
    this.peakBytes = this.bytes;
  }

  /** Starts a list of the dispatches that follow, and returns the list so far (empty where there was none). */
  takeTrace(): readonly Dispatch[] {
    const taken = this.trace ?? [];
    this.trace = [];
    return taken;
  }
}
