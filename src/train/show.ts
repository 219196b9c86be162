import type { RunEvent } from '../recipe/events';
import type { Control } from './control';
import { Fineness, Pace } from './pace';
import type { Trainer } from './trainer';

/** At most four new samples a second on the stage, and two pictures of the plane. */
const STAGE_MS: Record<Control['speed'], number> = { slow: 0, live: 280, max: 1000 };
const PLANE_MS: Record<Control['speed'], number> = { slow: 0, live: 500, max: 1500 };
/** Drawing the stage may take at most this share of the time, as far as coarser pictures can help. */
const SHARE = 0.15;

/**
 * What a run shows of its networks: new questions, pictures of the plane or the line, and the answers of now to the
 * questions of before.
 */
export class Show {
  private readonly trainer: Trainer;
  private readonly control: Control;
  private readonly stage = new Pace();
  private readonly picture = new Pace();
  private readonly fineness = new Fineness();
  private asked = false;

  constructor(trainer: Trainer, control: Control) {
    this.trainer = trainer;
    this.control = control;
  }

  /**
   * Shows the networks as they stand.
   *
   * @param how 'when due': what the intervals and the share of the time allow. 'with figures': so that nothing on the
   *   page is older than the figures that were just measured; where drawing is dear, pictures are coarser. 'in full':
   *   everything, for a state that is looked at for a while. 'finely': the same, with the finest pictures.
   */
  async *look(
    how: 'when due' | 'with figures' | 'in full' | 'finely',
  ): AsyncGenerator<RunEvent, void, undefined> {
    const full = how === 'in full' || how === 'finely';
    const must = full || how === 'with figures';
    const started = performance.now();
    const { stage, picture, fineness } = this;
    if (full || (must ? stage.rested(started) : stage.ready(started)))
      yield* this.question(started);
    if (must) yield* this.answers();
    const drawn = performance.now();
    if (must || picture.ready(drawn))
      yield* this.pictures(drawn, how === 'finely' ? 0 : fineness.halvings);
  }

  /** Shows the last good weights, to which the trainer has gone back: no new questions, those that are there anew. */
  async *rescued(): AsyncGenerator<RunEvent, void, undefined> {
    yield* this.answers();
    yield* this.pictures(performance.now(), 0);
  }

  private async *question(started: number): AsyncGenerator<RunEvent, void, undefined> {
    const samples = await this.trainer.look(1);
    if (samples.length > 0) yield { type: 'stage', samples };
    // The first one's time went into compiling kernels.
    const share = this.asked ? SHARE : Infinity;
    if (samples.length > 0) this.asked = true;
    this.stage.done(started, performance.now(), STAGE_MS[this.control.speed], share);
  }

  private async *answers(): AsyncGenerator<RunEvent, void, undefined> {
    const questions = await this.trainer.again(this.control.watched);
    if (questions.length > 0) yield { type: 'answers', step: this.trainer.shown, questions };
  }

  private async *pictures(
    started: number,
    halvings: number,
  ): AsyncGenerator<RunEvent, void, undefined> {
    const { trainer, fineness } = this;
    const planes = await trainer.planes(halvings);
    if (planes) yield { type: 'plane', step: trainer.shown, ...planes };
    const lines = await trainer.lines(halvings);
    if (lines) yield { type: 'line', step: trainer.shown, ...lines };
    const now = performance.now();
    const known = fineness.took(halvings, started, now, SHARE);
    this.picture.done(started, now, PLANE_MS[this.control.speed], known ? SHARE : Infinity);
  }
}
