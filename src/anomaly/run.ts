import type { AnomalyEvent, AnomalyFigures } from '../recipe/anomaly-events';
import { fence } from '../gpu/fence';
import type { Control } from '../train/control';
import { Diverged } from '../train/watch';
import type { AnomalyTrainer } from './trainer';

/** At most so many metric events a second, and new pictures, whatever the step rate. */
const METRICS_MS = 125;
const LOOK_MS = 1500;
const SLOW_STEP_MS = 1000;

export interface AnomalyOptions {
  /** False for the command line: no pictures. */
  readonly look: boolean;
  /** Lets messages and other work in. */
  pause(): Promise<void>;
}

/**
 * A run of anomaly detection as a stream of events: steps of both parts while the control says so, evaluates as the
 * recipe says, tests at its end. Ends after 'done' or 'stopped'; an error ends it by being thrown. Where training came
 * apart (`Diverged`), the last good figures and pictures come before that. The trainer stays the caller's.
 */
export async function* detect(
  trainer: AnomalyTrainer,
  control: Control,
  options: AnomalyOptions,
): AsyncGenerator<AnomalyEvent, void, undefined> {
  try {
    yield* run(trainer, control, options);
  } catch (thrown) {
    if (!(thrown instanceof Diverged)) throw thrown;
    const step = trainer.rescue();
    const arms = await trainer.evaluate('validation', options.pause);
    yield { type: 'anomalyExploded', step: thrown.step, good: { step, arms } };
    if (options.look) yield { type: 'anomalySamples', samples: await trainer.look() };
    throw thrown;
  }
}

async function* run(
  trainer: AnomalyTrainer,
  control: Control,
  options: AnomalyOptions,
): AsyncGenerator<AnomalyEvent, void, undefined> {
  const { recipe, steps } = trainer;
  trainer.keep();
  yield { type: 'anomalyPrepared', report: trainer.report() };
  if (options.look) yield { type: 'anomalySamples', samples: await trainer.look() };
  let told: 'running' | 'paused' | null = null;
  let spent = 0;
  let measured = 0;
  let looked = performance.now();
  const metrics = async (): Promise<AnomalyEvent> => {
    measured = performance.now();
    const perStep = spent / Math.max(1, trainer.step);
    return {
      type: 'anomalyMetrics',
      progress: {
        step: trainer.step,
        steps,
        part: trainer.step <= recipe.student.steps ? 'student' : 'segmentation',
        stepsPerSecond: perStep > 0 ? 1000 / perStep : 0,
        secondsLeft: trainer.step < 3 ? null : ((steps - trainer.step) * perStep) / 1000,
        losses: await trainer.losses(),
      },
    };
  };

  while (trainer.step < steps) {
    const next = control.next();
    if (next === 'stop') break;
    const state = next === 'step' ? 'running' : 'paused';
    if (state !== told) {
      if (state === 'paused' && trainer.step > 0) {
        yield await metrics();
        if (options.look) yield { type: 'anomalySamples', samples: await trainer.look() };
      }
      told = state;
      yield { type: 'anomalyState', state };
      // Whoever heard that may have said something: it would be lost to the wait below.
      if (next !== 'single') continue;
    }
    if (next === 'wait') {
      await control.changed();
      continue;
    }
    const started = performance.now();
    trainer.takeStep();
    await fence();
    await trainer.losses();
    const now = performance.now();
    spent += now - started;
    const calm = next === 'single' || control.speed === 'slow';
    const last = trainer.step === steps;
    const turning = trainer.step === recipe.student.steps;
    if (calm || last || turning || now - measured > METRICS_MS) yield await metrics();
    const due =
      trainer.step % recipe.evaluation.every === 0 || trainer.step === 1 || last || turning;
    if (due) {
      const arms = await trainer.evaluate('validation', options.pause);
      trainer.keep();
      yield { type: 'anomalyEvaluated', step: trainer.step, arms };
    }
    // No picture is older than the figures that come with it.
    if (options.look && (calm || due || performance.now() - looked > LOOK_MS)) {
      yield { type: 'anomalySamples', samples: await trainer.look() };
      looked = performance.now();
    }
    await options.pause();
    if (control.speed === 'slow' && next === 'step') await control.wait(SLOW_STEP_MS);
  }

  if (trainer.step < steps) {
    yield { type: 'anomalyState', state: 'stopped' };
    return;
  }
  const arms = (await trainer.evaluate('test', options.pause)) as readonly AnomalyFigures[];
  yield { type: 'anomalyTested', arms, seconds: spent / 1000 };
  yield { type: 'anomalyState', state: 'done' };
}
