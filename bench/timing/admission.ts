import { countMacs } from '../../src/models/net/graph';
import type { Tensors } from '../support/cells';
import { problemOf } from '../support/problem';
import { check } from './check';
import type { Check } from './check';
import { startNode, startTorch } from './contestant';
import type { Contestant, Exchange } from './contestant';
import { taskOf } from './job';
import type { Job, Peer, TimedPlace, Way } from './job';
import type { Torch } from './torch';
import type { Venue } from './venue';

/** Multiply-adds that the plain JavaScript backend does in about half a minute. */
const MOST_MACS = 3.2e8;
/**
 * Rows of the batch that gradients are compared on, at most. A difference of one rounding can switch a ReLU on or off, and
 * with it a whole term of the gradient: among millions of activations some always stand that near to zero.
 */
const MOST_ROWS = 8;
/** What is allowed at the batch that is timed, where some ReLUs do differ: a wrong batch is off by its whole size. */
const ROUGH = 0.1;

export interface Entrance extends Exchange {
  readonly place: TimedPlace;
  readonly venue: Venue;
  /** PyTorch, or a sentence about its absence. */
  readonly torch: Torch | string;
}

/** Someone who has taken the first step of the job, and whose gradient is right. */
export interface Admitted {
  readonly contestant: Contestant;
  readonly check: Check;
  /** Time of the first step, compilation included. */
  readonly firstMs: number;
}

/** Who is not, with the reason as a sentence. */
export interface Turned {
  readonly state: 'wrong' | 'failed' | 'absent';
  readonly why: string;
  readonly check: Check | null;
}

/**
 * Compares the gradients of implementations with those of plain tfjs in plain JavaScript (whose long sums are in double
 * precision): one step from the same weights on a batch small enough for that. Then each takes the job's first step, where
 * all must agree roughly.
 */
export class Admission {
  private readonly job: Job;
  private readonly small: Job;
  private readonly around: Entrance;
  private readonly start: ReadonlyMap<string, Float32Array> | null;
  private expected: Tensors | null = null;
  private first: Tensors | null = null;

  constructor(job: Job, around: Entrance) {
    this.job = job;
    this.small = smallOf(job);
    this.around = around;
    this.start = job.kind === 'train' ? problemOf(job.setup).student.weights : null;
  }

  /** Rows of the batch on which gradients are compared. */
  get rows(): number {
    return this.small.setup.batch;
  }

  /** Computes what is expected. */
  async prepare(): Promise<void> {
    const contestant = await startNode(taskOf(this.small), 'plain-tfjs', 'cpu', this.around);
    try {
      this.expected = (await firstStep(contestant)).tensors;
    } finally {
      contestant.stop();
    }
  }

  /** The contestant who is admitted is the caller's to stop. */
  async admit(peer: Peer | Way): Promise<Admitted | Turned> {
    const { torch } = this.around;
    if (isTorch(peer) && typeof torch === 'string')
      return { state: 'absent', why: torch, check: null };
    const started: Contestant[] = [];
    try {
      const answer = await this.examine(peer, started);
      for (const one of started)
        if (!('contestant' in answer) || answer.contestant !== one) one.stop();
      return answer;
    } catch (thrown) {
      for (const one of started) one.stop();
      return { state: 'failed', why: (thrown as Error).message, check: null };
    }
  }

  private async examine(peer: Peer | Way, started: Contestant[]): Promise<Admitted | Turned> {
    const begin = async (job: Job) => {
      const contestant = await startPeer(job, peer, this.around);
      started.push(contestant);
      return { contestant, ...(await firstStep(contestant)) };
    };
    const { start, expected } = this;
    if (!expected) throw new Error('somebody was examined before the reference was there');
    const exact = await begin(this.small);
    const result = check(start, exact.tensors, expected);
    if (!result.passed) return wrong(result, result, '');
    if (this.rows === this.job.setup.batch)
      return { contestant: exact.contestant, check: result, firstMs: exact.ms };
    exact.contestant.stop();
    const full = await begin(this.job);
    this.first ??= full.tensors;
    const rough = check(start, full.tensors, this.first);
    if (rough.error > ROUGH) return wrong(result, rough, ` at batch ${this.job.setup.batch}`);
    return { contestant: full.contestant, check: result, firstMs: full.ms };
  }
}

function wrong(kept: Check, { error, tensor }: Check, where: string): Turned {
  const why = `Its gradient of ${tensor} is off by ${error.toExponential(1)}${where}.`;
  return { state: 'wrong', why, check: kept };
}

async function firstStep(contestant: Contestant): Promise<{ ms: number; tensors: Tensors }> {
  const { ms } = await contestant.steps(1);
  return { ms, tensors: await contestant.results() };
}

/** The same job on as many rows as the reference is computed for. */
function smallOf(job: Job): Job {
  if (job.kind === 'kernel') return job;
  const { student, teacher, setup } = problemOf(job.setup);
  const asked = setup.arm === 'erm' ? 0 : countMacs(teacher.graph);
  // The way back costs twice the way forth.
  const affordable = Math.floor(MOST_MACS / (3 * countMacs(student.graph) + asked));
  const batch = Math.min(setup.batch, MOST_ROWS, Math.max(2, affordable));
  return { ...job, setup: { ...setup, batch } };
}

const isTorch = (peer: Peer | Way): peer is 'pytorch' | 'pytorch-compile' =>
  peer === 'pytorch' || peer === 'pytorch-compile';

function startPeer(job: Job, peer: Peer | Way, around: Entrance): Promise<Contestant> {
  const { torch, place, venue } = around;
  return isTorch(peer) && job.kind === 'train' && typeof torch !== 'string'
    ? startTorch(job.setup, peer, torch, around)
    : venue.begin(taskOf(job), peer, place);
}
