import { nameOf } from './cells';
import type { Cell, Run } from './cells';
import { installMockGpu } from './mock-device';
import { difference } from './mock-ledger';
import type { Dispatch } from './mock-ledger';

/** Steps before those that are counted: they make pipelines, optimizer slots and pools, and record what is replayed. */
const WARM_UP = 4;
const COUNTED = 3;

/** What one training step costs. */
export interface Row extends Cell {
  readonly dispatches: number;
  /** Bytes from JavaScript to the GPU, uniforms included. */
  readonly bytesWritten: number;
  /** Bytes copied from buffer to buffer. */
  readonly bytesCopied: number;
  readonly submits: number;
  /** Compute passes. */
  readonly passes: number;
  /** Bind groups made. */
  readonly bindGroups: number;
  /** Pipelines made: 0, or the step compiles anew each time. */
  readonly pipelines: number;
  /** Most bytes of buffers alive at any moment of the step, whatever is pooled or pinned included. */
  readonly gpuBytes: number;
  /** Buffers and tensors alive after the step. */
  readonly buffers: number;
  readonly tensors: number;
}

export interface Measured {
  readonly row: Row;
  /** The dispatches of the last step, in order. */
  readonly trace: readonly Dispatch[];
}

/**
 * Counts the cost of a training step: the fifth to the seventh, which have to cost the same.
 *
 * @throws Error naming what differs between steps
 */
export async function measure(cell: Cell): Promise<Measured> {
  // tfjs registers its WebGPU backend only where it finds a navigator.gpu when it is loaded: it is loaded after this.
  installMockGpu();
  const run = await startRun(cell);
  const step = async () => {
    await run.step();
    await run.submit();
  };
  const tf = await import('@tensorflow/tfjs');
  const { countingDevice } = await import('./counting-device');
  const device = countingDevice();
  for (let i = 0; i < WARM_UP; i++) await step();
  const rows: Row[] = [];
  device.takeTrace();
  let trace: readonly Dispatch[] = [];
  for (let i = 0; i < COUNTED; i++) {
    device.forgetPeak();
    const before = device.counts();
    await step();
    const { bytes: _, peakBytes, ...counts } = difference(before, device.counts());
    rows.push({ ...cell, ...counts, gpuBytes: peakBytes, tensors: tf.memory().numTensors });
    trace = device.takeTrace();
  }
  return { row: sameOf(rows), trace };
}

/** Only the code that is measured is loaded: an engine that replaces tfjs's kernels would change the other as well. */
async function startRun(cell: Cell): Promise<Run> {
  if (cell.implementation === 'plain-tfjs') {
    const { plainRun } = await import('./plain-tfjs');
    return plainRun(cell, 'mock', 'preset');
  }
  const { ownRun } = await import('./own-engine');
  return ownRun(cell, 'mock', 'preset');
}

/** The row that all of them are. @throws Error naming the figures that differ */
export function sameOf(rows: readonly Row[]): Row {
  const [first] = rows;
  if (!first) throw new Error('no step was counted');
  const keys = Object.keys(first) as (keyof Row)[];
  const differing = keys.filter((key) => rows.some((row) => row[key] !== first[key]));
  if (differing.length === 0) return first;
  const figures = differing.map((key) => `${key} ${rows.map((row) => row[key]).join(', ')}`);
  throw new Error(
    `${nameOf(first)}: steps ${WARM_UP + 1} to ${WARM_UP + rows.length} do not cost the same (${figures.join('; ')}).`,
  );
}
