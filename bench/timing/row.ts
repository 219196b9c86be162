import type { Place } from '../support/cells';
import type { Check } from './check';
import type { Peer, Task, Way } from './job';
import { median, speedup } from './statistics';

/** One implementation at one job, as it stands in the file. */
export interface Row {
  readonly task: Task;
  readonly place: Place;
  readonly peer: Peer | Way;
  /** Adapter, processor or threads in words; empty where it did not start. */
  readonly device: string;
  /** 'wrong': its gradient is not the reference's, so that its time means nothing. */
  readonly state: 'timed' | 'wrong' | 'failed' | 'absent';
  /** Why there is no time, as a sentence. */
  readonly reason: string | null;
  readonly check: Omit<Check, 'passed'> | null;
  /** Steps that were timed together in each round. */
  readonly steps: number;
  /** Milliseconds of one step, round by round. */
  readonly rounds: readonly number[];
  /** Median over rounds: one step from the first call until the device is done. */
  readonly ms: number | null;
  /** Median over rounds: what of it is spent in the calls, before any waiting. */
  readonly callMs: number | null;
  /** Processor time of a step on a GPU that computes nothing: JavaScript alone. */
  readonly jsMs: number | null;
  readonly imagesPerSecond: number | null;
  /** How many times faster than the baseline of the job. */
  readonly speedup: number | null;
}

/** What was measured of an implementation. */
export interface Measured {
  readonly rounds: readonly number[];
  readonly calls: readonly number[];
  readonly steps: number;
}

export function rowWithout(
  task: Task,
  place: Place,
  peer: Peer | Way,
  state: 'wrong' | 'failed' | 'absent',
  reason: string,
  more: Partial<Row> = {},
): Row {
  return {
    task,
    place,
    peer,
    device: '',
    state,
    reason,
    check: null,
    steps: 0,
    rounds: [],
    ms: null,
    callMs: null,
    jsMs: null,
    imagesPerSecond: null,
    speedup: null,
    ...more,
  };
}

/** The row of what was timed. @param baseline rounds of the job's baseline, null where it has none */
export function rowOf(
  task: Task,
  place: Place,
  peer: Peer | Way,
  device: string,
  check: Check,
  { rounds, calls, steps }: Measured,
  baseline: readonly number[] | null,
): Row {
  const ms = median(rounds);
  const { error, tensor } = check;
  return {
    ...rowWithout(task, place, peer, 'failed', ''),
    state: 'timed',
    reason: null,
    device,
    check: { error, tensor },
    steps,
    rounds,
    ms,
    callMs: median(calls),
    imagesPerSecond: (task.setup.batch * 1000) / ms,
    speedup: baseline === null ? null : speedup(rounds, baseline),
  };
}
