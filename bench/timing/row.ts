import type { Place } from '../support/cells';
import type { Check } from './check';
import type { Peer, Task, Way } from './job';
import { median, speedup } from './statistics';

/** One implementation at one task, as it stands in the file. */
export interface Row {
  readonly task: Task;
  readonly place: Place;
  readonly peer: Peer | Way;
  /** Adapter, or threads, in words; empty where it did not start. */
  readonly device: string;
  /** 'wrong': its gradient is not the reference's, so that its time means nothing. */
  readonly state: 'timed' | 'wrong' | 'failed' | 'absent';
  /** Why there is no time, as a sentence. */
  readonly reason: string | null;
  /** How its first step compared with that of plain tfjs in plain JavaScript. */
  readonly check: Omit<Check, 'passed'> | null;
  /** Rows of the batch that it was compared on. */
  readonly checkedRows: number | null;
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
  /** Cores that were busy with something else, mean over rounds. */
  readonly others: number | null;
  readonly imagesPerSecond: number | null;
  /** How many times faster than the baseline of the task. */
  readonly speedup: number | null;
}

const NOTHING = {
  device: '',
  checkedRows: null,
  steps: 0,
  rounds: [],
  ms: null,
  callMs: null,
  jsMs: null,
  others: null,
  imagesPerSecond: null,
  speedup: null,
} as const;

/** The row of one that has no time. */
export function rowWithout(
  task: Task,
  place: Place,
  peer: Peer | Way,
  state: 'wrong' | 'failed' | 'absent',
  reason: string,
  check: Check | null = null,
): Row {
  return { ...NOTHING, task, place, peer, state, reason, check: check && told(check) };
}

/** The row of one that was timed. @param baseline rounds of the task's baseline, null where it has none */
export function rowOf(
  task: Task,
  place: Place,
  peer: Peer | Way,
  about: { readonly device: string; readonly check: Check; readonly checkedRows: number },
  times: {
    readonly rounds: readonly number[];
    readonly calls: readonly number[];
    readonly others: readonly number[];
    readonly steps: number;
  },
  baseline: readonly number[] | null,
): Row {
  const { rounds, calls, others, steps } = times;
  const ms = median(rounds);
  return {
    ...NOTHING,
    task,
    place,
    peer,
    state: 'timed',
    reason: null,
    device: about.device,
    check: told(about.check),
    checkedRows: about.checkedRows,
    steps,
    rounds,
    ms,
    callMs: median(calls),
    others: others.length === 0 ? null : others.reduce((a, b) => a + b, 0) / others.length,
    imagesPerSecond: (task.setup.batch * 1000) / ms,
    speedup: baseline === null ? null : speedup(rounds, baseline),
  };
}

const told = ({ error, tensor }: Check): Row['check'] => ({ error, tensor });
