import * as tf from '@tensorflow/tfjs';
import { hasKernels } from '../kernels/launch';
import { observe, Recording } from './recording';
import type { Observed } from './recording';

/** Most bytes of buffers that a recorded step may keep on the GPU. */
const BUDGET = 1_000_000_000;

/**
 * Runs a step again and again: the first time to make pipelines and slots, the second to see what it does, the third to
 * record it, and from then on as a replay of that. A step that cannot be recorded goes on as it is, and `refusal` says
 * why. On other backends than WebGPU a step just runs.
 */
export class Stepper {
  /** Why steps are not replayed, as a sentence; null while nothing is against it. */
  refusal: string | null = null;
  private readonly budget: number;
  private seen = 0;
  private before: Observed | null = null;
  private recording: Recording | null = null;

  /** @param refusal why not to try at all, as half a sentence */
  constructor(refusal: string | null = null, budget = BUDGET) {
    this.budget = budget;
    if (refusal !== null) this.refuse(refusal);
  }

  get replays(): boolean {
    return this.recording !== null;
  }

  /**
   * Does one step. @param work its launches, all of them the same each time; called unless the step is replayed
   * @returns true where it was replayed
   */
  run(work: () => void): boolean {
    if (this.recording) {
      this.recording.replay(tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE'));
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

  private refuse(reason: string): void {
    if (hasKernels())
      this.refusal = `Steps are not replayed on the GPU but run one by one, because ${reason}.`;
  }

  /** Watches and records anew: the step will do something else from now on. */
  again(): void {
    this.dispose();
    this.before = null;
  }

  /** The same where what runs the step is new as well: its pipelines and slots are made first. */
  afresh(): void {
    this.again();
    this.seen = 0;
  }

  /** Gives the recorded buffers back. */
  dispose(): void {
    this.recording?.dispose();
    this.recording = null;
  }
}
