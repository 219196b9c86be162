import { Admission } from './admission';
import type { Admitted, Entrance } from './admission';
import { baselineOf, jobName, taskOf } from './job';
import type { Job, Peer, Way } from './job';
import { besideOthers } from './others';
import { rowOf, rowWithout } from './row';
import type { Row } from './row';

/** A round of a fast implementation takes about this long: one step would be lost in the noise. */
const ROUND_MS = 1000;
const MOST_STEPS = 50;
/** Steps that a warm-up takes where they are fast. */
const WARM_UP = 3;
/** A step that takes longer is not warmed up further. */
const SLOW_MS = 4000;

export interface Surroundings extends Entrance {
  readonly rounds: number;
  /** Told what goes on. */
  say(what: string): void;
}

/** Somebody's times. */
interface Times extends Admitted {
  steps: number;
  readonly rounds: number[];
  readonly calls: number[];
  readonly others: number[];
}

/**
 * All implementations of a job side by side: those whose gradient is right are warmed up and take turns round by round, so
 * that what else happens on the machine hits all alike. Rows come in the order of the job's peers; one that fails does not
 * end the others.
 */
export async function contest(job: Job, around: Surroundings): Promise<Row[]> {
  const { place, say } = around;
  const rows = new Map<Peer | Way, Row>();
  const admission = new Admission(job, around);
  say(`${jobName(job)}, ${place}: reference`);
  await admission.prepare();
  const all: Times[] = [];
  try {
    for (const peer of job.peers) {
      const answer = await admission.admit(peer);
      if ('contestant' in answer) {
        const off = answer.check.error.toExponential(1);
        say(`  ${peer}: off by ${off}, first step ${answer.firstMs.toFixed(0)} ms`);
        all.push({ ...answer, steps: 1, rounds: [], calls: [], others: [] });
      } else {
        const { state, why, check } = answer;
        say(`  ${peer}: ${why}`);
        rows.set(peer, rowWithout(taskOf(job), place, peer, state, why, check));
      }
    }
    await takeTurns(all, around, ({ contestant: { peer }, check }, why) => {
      say(`  ${peer}: ${why}`);
      rows.set(peer, rowWithout(taskOf(job), place, peer, 'failed', why, check));
    });
  } finally {
    for (const { contestant } of all) contestant.stop();
  }
  const timed = all.filter(({ contestant }) => !rows.has(contestant.peer));
  const baseline = timed.find(({ contestant }) => contestant.peer === baselineOf(job, place));
  for (const one of timed) {
    const { peer, started } = one.contestant;
    const about = { device: started.device, check: one.check, checkedRows: admission.rows };
    const row = rowOf(taskOf(job), place, peer, about, one, baseline?.rounds ?? null);
    rows.set(peer, row);
  }
  return job.peers.flatMap((peer) => rows.get(peer) ?? []);
}

/** Warm-up, then the rounds, each implementation in turn. @param failed told of one that breaks off */
async function takeTurns(
  all: readonly Times[],
  { rounds, say }: Surroundings,
  failed: (one: Times, why: string) => void,
): Promise<void> {
  const left = new Set(all);
  const each = async (work: (one: Times) => Promise<void>) => {
    for (const one of left) {
      try {
        await work(one);
      } catch (thrown) {
        left.delete(one);
        failed(one, (thrown as Error).message);
      }
    }
  };
  await each(async (one) => {
    const { ms } = await one.contestant.steps(1);
    if (ms > SLOW_MS) return;
    const { ms: more } = await one.contestant.steps(WARM_UP);
    one.steps = Math.max(1, Math.min(MOST_STEPS, Math.round((ROUND_MS * WARM_UP) / more)));
  });
  for (let round = 0; round < rounds; round++) {
    say(`  round ${round + 1} of ${rounds}`);
    await each(async (one) => {
      const { result, others } = await besideOthers(
        () => one.contestant.steps(one.steps),
        ({ cpuMs }) => cpuMs,
      );
      one.rounds.push(result.ms / one.steps);
      one.calls.push(result.jsMs / one.steps);
      if (others !== null) one.others.push(others);
    });
  }
}
