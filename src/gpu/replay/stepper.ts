import * as tf from '@tensorflow/tfjs';
import { hasKernels } from '../kernels/launch';
import { countAudit, isAudited } from './audit';
import { observe, Recording } from './recording';
import type { Observed } from './recording';

/** Most bytes of buffers that a recorded step may keep on the GPU. */
const BUDGET = 1_000_000_000;

/**
 * Runs a step again and again: the first time to make pipelines and slots, the second to see what it does, the third to
 * record it, and from then on as a replay of that. A step that cannot be recorded goes on as it is, and `refusal` says
 * why. Each form of a step has a recording of its own; the last one is kept. On other backends than WebGPU a step just
 * runs.
 */
export class Stepper {
  /** Why steps are not replayed, as a sentence; null while nothing is against it. */
  refusal: string | null = null;
  private readonly budget: number;
  /** True where not to replay was said from the start, whatever the steps do. */
  private never: boolean;
  private form = '';
  private seen = 0;
  private replayed = 0;
  private before: Observed | null = null;
  private recording: Recording | null = null;

  /** @param refusal why not to try at all, as half a sentence */
  constructor(refusal: string | null = null, budget = BUDGET) {
    this.budget = budget;
    this.never = refusal !== null;
    if (refusal !== null) this.refuse(refusal);
  }

  get replays(): boolean {
    return this.recording !== null;
  }

  /**
   * Does one step, and where it is to be audited, both ways (audit.ts).
   *
   * @param work its launches, all of them the same each time for one form; called unless the step is replayed
   * @param form what the launches depend on: with another one the step is watched and recorded anew
   * @returns true where it was replayed
   */
  async run(work: () => void, form = ''): Promise<boolean> {
    if (form !== this.form) this.afresh(form);
    if (this.recording) {
      const perSubmit = tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE');
      this.replayed += 1;
      if (isAudited(this.replayed)) {
        const difference = await this.recording.audit(work, perSubmit);
        countAudit(difference === null);
        if (difference !== null) this.giveUp(difference);
        return false;
      }
      this.recording.replay(perSubmit);
      return true;
    }
    this.seen += 1;
    if (this.refusal !== null || !hasKernels() || this.seen === 1) {
      work();
    } else if (this.before === null) {
      this.before = observe(work);
    } else {
      const made = Recording.make(work, this.before, this.budget);
      if (typeof made === 'string') this.refuse(made);
      else this.recording = made;
    }
    return false;
  }

  /** What was recorded is not the step: the rest of the run goes without. */
  private giveUp(difference: string): void {
    this.dispose();
    this.never = true;
    this.refuse(`a replayed one was audited and ${difference}`);
  }

  private refuse(reason: string): void {
    if (hasKernels())
      this.refusal = `Steps are not replayed on the GPU but run one by one, because ${reason}.`;
  }

  /** The step does something else from now on: its pipelines and slots are made, it is watched, and recorded anew. */
  private afresh(form: string): void {
    this.dispose();
    this.form = form;
    this.before = null;
    this.seen = 0;
    this.replayed = 0;
    if (!this.never) this.refusal = null;
  }

  /** Gives the recorded buffers back. */
  dispose(): void {
    this.recording?.dispose();
    this.recording = null;
  }
}
