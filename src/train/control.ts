import type { Speed } from '../recipe/events';
import type { Recipe } from '../recipe/recipe';

/** The handle by which a run is played, paused, stepped and stopped while it goes on. */
export class Control {
  speed: Speed = 'live';
  private mode: 'running' | 'paused' | 'stopped';
  private single = 0;
  private adjusted: Recipe | null = null;
  /** Questions that somebody still looks at, by their ids; null where nobody has said so. */
  watched: readonly number[] | null = null;
  private wake: (() => void) | null = null;

  constructor(mode: 'running' | 'paused' = 'paused') {
    this.mode = mode;
  }

  play(): void {
    this.single = 0;
    this.change('running');
  }

  /** Takes no further step, those that were asked for singly included. */
  pause(): void {
    this.single = 0;
    this.change('paused');
  }

  /** Asks for one step; pauses a running run. */
  stepOnce(): void {
    this.single += 1;
    this.change('paused');
  }

  /** Ends the run before its next step. Cannot be taken back. */
  stop(): void {
    this.change('stopped');
  }

  private change(mode: 'running' | 'paused' | 'stopped'): void {
    if (this.mode === 'stopped') return;
    this.mode = mode;
    this.wake?.();
    this.wake = null;
  }

  /** Says which questions somebody still looks at. */
  watch(questions: readonly number[]): void {
    this.watched = questions;
  }

  /** Asks for other numbers from the next step on. */
  adjust(recipe: Recipe): void {
    this.adjusted = recipe;
  }

  /** The recipe with other numbers that was asked for last, once. */
  takeAdjusted(): Recipe | null {
    const { adjusted } = this;
    this.adjusted = null;
    return adjusted;
  }

  get state(): 'running' | 'paused' | 'stopped' {
    return this.mode;
  }

  /** What to do next. While paused without a step to take: 'wait'. */
  next(): 'step' | 'single' | 'wait' | 'stop' {
    if (this.mode === 'stopped') return 'stop';
    if (this.mode === 'running') return 'step';
    if (this.single === 0) return 'wait';
    this.single -= 1;
    return 'single';
  }

  /** Resolves at the next word from outside. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Resolves after the time, or at the next word from outside. */
  async wait(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const time = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([time, this.changed()]);
    clearTimeout(timer);
  }
}
