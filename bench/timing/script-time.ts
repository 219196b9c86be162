import { startNode } from './contestant';
import type { Exchange } from './contestant';
import { taskOf } from './job';
import type { Job, Peer, Way } from './job';
import { median } from './statistics';

/** Steps before JavaScript is compiled and pools are filled, steps of a round, rounds. */
const WARM_UP = 5;
const STEPS = 3;
const ROUNDS = 7;

/** Implementations whose WebGPU can be one that computes nothing. */
const IN_SCRIPT: readonly (Peer | Way)[] = [
  'plain-tfjs',
  'tfjs-mean-sum',
  'jax-js',
  'extracurricular',
];

/**
 * Processor time of one training step in milliseconds on a WebGPU that does nothing: JavaScript alone, with its garbage
 * collection. Null where an implementation has none, or does not run there.
 */
export async function scriptTime(
  job: Job,
  peer: Peer | Way,
  exchange: Exchange,
): Promise<number | null> {
  if (!IN_SCRIPT.includes(peer) || job.kind !== 'train') return null;
  const contestant = await startNode(taskOf(job), peer, 'mock', exchange).catch(() => null);
  if (!contestant) return null;
  try {
    await contestant.steps(WARM_UP);
    const rounds: number[] = [];
    for (let i = 0; i < ROUNDS; i++)
      rounds.push(((await contestant.steps(STEPS)).cpuMs ?? NaN) / STEPS);
    return median(rounds);
  } catch {
    return null;
  } finally {
    contestant.stop();
  }
}
