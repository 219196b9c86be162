import type { Progress, RunEvent } from '../recipe/events';
import { fence } from '../gpu/fence';
import { requireDevice, requireSettled } from '../gpu/health';
import { auditSentence } from '../gpu/replay/audit';
import type { Control } from './control';
import { Pace } from './pace';
import { Show } from './show';
import type { Trainer } from './trainer';
import { Diverged } from './watch';

/** At most eight metric events a second, whatever the step rate. */
const METRICS_MS = 125;
const SLOW_STEP_MS = 1000;
/** Longest stretch of work without letting messages in. */
const TURN_MS = 30;

export interface TrainOptions {
  /** False for the command line: no stage and no plane. */
  readonly stage: boolean;
  /** False leaves the validation split alone during the run. */
  readonly evaluate: boolean;
  /** Lets messages and other work in. */
  pause(): Promise<void>;
}

/**
 * A run as a stream of events: prepares, steps while the control says so, evaluates as the recipe says, tests at its end.
 * The stream ends after 'done' or 'stopped'; an error ends it by being thrown. Where training came apart (`Diverged`), the
 * last good figures and pictures come before that. The trainer stays the caller's.
 */
export async function* train(
  trainer: Trainer,
  control: Control,
  options: TrainOptions,
): AsyncGenerator<RunEvent, void, undefined> {
  const show = new Show(trainer, control);
  try {
    yield* run(trainer, control, options, show);
  } catch (thrown) {
    if (!(thrown instanceof Diverged)) throw thrown;
    const good = await trainer.rescue();
    yield { type: 'exploded', step: thrown.step, good };
    if (options.stage) yield* show.rescued();
    throw thrown;
  }
}

async function* run(
  trainer: Trainer,
  control: Control,
  options: TrainOptions,
  show: Show,
): AsyncGenerator<RunEvent, void, undefined> {
  const { recipe } = trainer;
  yield { type: 'prepared', report: await trainer.prepare() };
  for (const sentence of trainer.notices) yield { type: 'notice', sentence };
  const clock = new StepClock(recipe.steps);
  const metrics = new Pace();
  let turn = performance.now();
  let evaluated = -1;
  let measured = 0;
  const measure = async (): Promise<RunEvent> => {
    measured = trainer.step;
    const train = await trainer.trainPoints();
    requireDevice();
    return { type: 'metrics', progress: clock.progress(trainer), train };
  };
  if (options.stage) yield* show.look('in full');
  let refused: string | null = null;
  let told: 'running' | 'paused' | null = null;

  while (trainer.step < recipe.steps) {
    const next = control.next();
    if (next === 'stop') break;
    const state = next === 'step' ? 'running' : 'paused';
    if (state !== told) {
      // A run that rests shows the step at which it rests.
      if (state === 'paused' && measured < trainer.step) yield await measure();
      if (state === 'paused' && options.stage && trainer.step > 0) yield* show.look('finely');
      told = state;
      yield { type: 'state', state };
      // Whoever heard that may have said something: it would be lost to the wait below.
      if (next !== 'single') continue;
    }
    if (next === 'wait') {
      clock.rest();
      await control.changed();
      continue;
    }
    const wanted = control.takeAdjusted();
    const changed = wanted && trainer.adjust(wanted);
    if (changed && changed.length > 0)
      yield {
        type: 'notice',
        changedFrom: trainer.step + 1,
        sentence: `From step ${trainer.step + 1} on: ${changed.join(', ')}. The run is no longer what its settings alone would give.`,
      };
    clock.start();
    await trainer.takeStep();
    await fence();
    clock.stop();
    if (trainer.refusal !== refused) {
      refused = trainer.refusal;
      if (refused !== null) yield { type: 'notice', sentence: refused };
    }

    const last = trainer.step === recipe.steps;
    const due = trainer.step % recipe.evaluation.every === 0 || trainer.step === 1 || last;
    await trainer.watch(due);
    const now = performance.now();
    const calm = next === 'single' || control.speed === 'slow';
    if (calm || last || metrics.ready(now)) {
      yield await measure();
      metrics.done(now, now, METRICS_MS, 1);
    }
    if (options.evaluate && due && evaluated !== trainer.step) {
      evaluated = trainer.step;
      const found = await trainer.evaluate(clock.seconds);
      requireDevice();
      yield { type: 'evaluated', ...found };
    }
    if (options.stage) yield* show.look(shownBy({ last, calm, due }));
    if (performance.now() - turn > TURN_MS || calm) {
      await options.pause();
      turn = performance.now();
    }
    if (control.speed === 'slow' && next === 'step') await control.wait(SLOW_STEP_MS);
  }

  if (trainer.step < recipe.steps) {
    yield { type: 'state', state: 'stopped' };
    return;
  }
  const audited = auditSentence();
  if (audited !== null) yield { type: 'notice', sentence: audited };
  const tested = await trainer.test();
  // The last figures are told when the device has had its last word on what they come from.
  await requireSettled();
  yield { type: 'tested', ...tested, seconds: clock.seconds };
  yield { type: 'state', state: 'done' };
}

/** How much is shown after a step. */
function shownBy({ last, calm, due }: Readonly<Record<'last' | 'calm' | 'due', boolean>>) {
  if (last) return 'finely';
  if (calm) return 'in full';
  return due ? 'with figures' : 'when due';
}

/** Time spent in steps, and what it says about the time left. Evaluation and drawing are left out of the rate. */
class StepClock {
  private readonly steps: number;
  private readonly began = performance.now();
  private stepStart = 0;
  private spent = 0;
  private taken = 0;
  private restStart: number | null = null;
  private rested = 0;

  constructor(steps: number) {
    this.steps = steps;
  }

  start(): void {
    this.stepStart = performance.now();
    if (this.restStart !== null) this.rested += this.stepStart - this.restStart;
    this.restStart = null;
  }

  stop(): void {
    const passed = performance.now() - this.stepStart;
    this.taken += 1;
    // The first step compiles kernels; from the second on it is forgotten.
    this.spent = this.taken === 2 ? 2 * passed : this.spent + passed;
  }

  rest(): void {
    this.restStart ??= performance.now();
  }

  /** Seconds since the run was prepared, without pauses. */
  get seconds(): number {
    const now = performance.now();
    const resting = this.restStart === null ? 0 : now - this.restStart;
    return (now - this.began - this.rested - resting) / 1000;
  }

  progress(trainer: Trainer): Progress {
    const perStep = this.spent / Math.max(1, this.taken);
    const wall = (this.seconds * 1000) / Math.max(1, this.taken);
    return {
      step: trainer.step,
      steps: this.steps,
      stepsPerSecond: perStep > 0 ? 1000 / perStep : 0,
      secondsLeft: this.taken < 3 ? null : ((this.steps - trainer.step) * wall) / 1000,
      teacherCalls: trainer.teacher.calls,
      teacherRows: trainer.teacher.rows,
    };
  }
}
