import { drawWeights } from '../../src/models/net/draw';
import type { Place, Tensors } from '../support/cells';
import { problemOf } from '../support/problem';
import { check } from './check';
import type { Check } from './check';
import { startNode, startTorch } from './contestant';
import type { Contestant, Exchange } from './contestant';
import { baselineOf, jobName } from './job';
import type { Job, Peer, Task, Way } from './job';
import { rowOf, rowWithout } from './row';
import type { Measured, Row } from './row';
import type { Torch } from './torch';

/** A round of a fast implementation takes about this long: one step would be lost in the noise. */
const ROUND_MS = 1000;
const MOST_STEPS = 50;
/** Steps that a warm-up takes where they are fast. */
const WARM_UP = 3;
/** A step that takes longer is not warmed up further. */
const SLOW_MS = 4000;

export interface Surroundings extends Exchange {
  readonly place: Place;
  readonly rounds: number;
  /** PyTorch, or a sentence about its absence. */
  readonly torch: Torch | string;
  /** Told what goes on. */
  say(what: string): void;
}

/** An implementation that has passed the check. */
interface Checked {
  readonly contestant: Contestant;
  readonly check: Check;
  readonly warm: { steps: number };
  readonly measured: { rounds: number[]; calls: number[] };
}

/**
 * All implementations of a job side by side: each takes one step, whose gradient is compared with that of plain tfjs on
 * its plain JavaScript backend; those that pass are warmed up, and take turns round by round, so that what else happens
 * on the machine hits all alike. Rows come in the order of the job's peers; one that fails does not end the others.
 */
export async function contest(job: Job, around: Surroundings): Promise<Row[]> {
  const { place, say } = around;
  const rows = new Map<Peer | Way, Row>();
  const lost = (peer: Peer | Way, state: 'wrong' | 'failed' | 'absent', why: string, more = {}) => {
    say(`  ${peer}: ${why}`);
    rows.set(peer, rowWithout(taskOf(job), place, peer, state, why, more));
  };
  say(`${jobName(job)}, ${place}: reference`);
  const expected = await reference(job, around);
  const start = startOf(job);
  const checked: Checked[] = [];
  try {
    for (const peer of job.peers) {
      if (isTorch(peer) && typeof around.torch === 'string') {
        lost(peer, 'absent', around.torch);
        continue;
      }
      let contestant: Contestant | null = null;
      try {
        contestant = await startPeer(job, peer, around);
        const { ms } = await contestant.steps(1);
        const result = check(start, await contestant.results(), expected);
        if (result.passed) {
          say(`  ${peer}: off by ${result.error.toExponential(1)}, first step ${ms.toFixed(0)} ms`);
          checked.push({
            contestant,
            check: result,
            warm: { steps: 1 },
            measured: { rounds: [], calls: [] },
          });
          continue;
        }
        const { error, tensor } = result;
        lost(peer, 'wrong', `its gradient of ${tensor} is off by ${error.toExponential(1)}.`, {
          device: contestant.started.device,
          check: { error, tensor },
        });
      } catch (thrown) {
        lost(peer, 'failed', (thrown as Error).message);
      }
      contestant?.stop();
    }
    await takeTurns(checked, around, (one, why) => lost(one.contestant.peer, 'failed', why));
  } finally {
    for (const { contestant } of checked) contestant.stop();
  }
  const timed = checked.filter(({ contestant }) => !rows.has(contestant.peer));
  const baseline = timed.find(({ contestant }) => contestant.peer === baselineOf(job, place));
  const other = baseline?.measured.rounds ?? null;
  for (const { contestant, check: result, warm, measured } of timed) {
    const { peer, started } = contestant;
    const times: Measured = { ...measured, steps: warm.steps };
    rows.set(peer, rowOf(taskOf(job), place, peer, started.device, result, times, other));
  }
  return job.peers.flatMap((peer) => rows.get(peer) ?? []);
}

/** The job without those who take part. */
const taskOf = (job: Job): Task =>
  job.kind === 'train'
    ? { kind: job.kind, setup: job.setup }
    : { kind: job.kind, setup: job.setup };

const isTorch = (peer: Peer | Way): peer is 'pytorch' | 'pytorch-compile' =>
  peer === 'pytorch' || peer === 'pytorch-compile';

function startPeer(job: Job, peer: Peer | Way, around: Surroundings): Promise<Contestant> {
  const { torch, place } = around;
  return isTorch(peer) && job.kind === 'train' && typeof torch !== 'string'
    ? startTorch(job.setup, peer, torch, around)
    : startNode(job, peer, place, around);
}

/** What one step of plain tfjs on its plain JavaScript backend makes of the weights. */
async function reference(job: Job, around: Surroundings): Promise<Tensors> {
  const contestant = await startNode(job, 'plain-tfjs', 'cpu', around);
  try {
    await contestant.steps(1);
    return await contestant.results();
  } finally {
    contestant.stop();
  }
}

/** The weights before the first step; null for a kernel, whose outputs are compared as they are. */
function startOf(job: Job): ReadonlyMap<string, Float32Array> | null {
  if (job.kind === 'kernel') return null;
  const { student, recipe } = problemOf(job.setup);
  return drawWeights(student.graph, recipe.seed);
}

/** Warm-up, then the rounds, each implementation in turn. @param failed told of one that breaks off */
async function takeTurns(
  all: readonly Checked[],
  { rounds, say }: Surroundings,
  failed: (one: Checked, why: string) => void,
): Promise<void> {
  const left = new Set(all);
  const each = async (work: (one: Checked) => Promise<void>) => {
    for (const one of left) {
      try {
        await work(one);
      } catch (thrown) {
        left.delete(one);
        failed(one, (thrown as Error).message);
      }
    }
  };
  await each(async ({ contestant, warm }) => {
    const { ms } = await contestant.steps(1);
    if (ms > SLOW_MS) return;
    const { ms: more } = await contestant.steps(WARM_UP);
    warm.steps = Math.max(1, Math.min(MOST_STEPS, Math.round((ROUND_MS * WARM_UP) / more)));
  });
  for (let round = 0; round < rounds; round++) {
    say(`  round ${round + 1} of ${rounds}`);
    await each(async ({ contestant, warm, measured }) => {
      const { ms, jsMs } = await contestant.steps(warm.steps);
      measured.rounds.push(ms / warm.steps);
      measured.calls.push(jsMs / warm.steps);
    });
  }
}
