import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../src/recipe/events';
import { Control } from '../../src/train/control';
import { train } from '../../src/train/train';
import { fakeTrainer } from '../support/fake-trainer';
import { sample } from '../support/page';
import { eventsOf } from '../support/runs';

const evaluation = { every: 50, images: 1, testImages: 1 };
const stepsOf = (events: readonly RunEvent[], type: RunEvent['type']): number[] =>
  events.flatMap((event) => {
    if (event.type !== type) return [];
    if (event.type === 'metrics') return [event.progress.step];
    return event.type === 'evaluated' ? [event.point.step] : [];
  });
const statesOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'state' ? [event.state] : []));

/** A clock that only steps move. */
let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('events of a run', () => {
  it('metrics: at most eight in any second at a thousand steps a second, and the last step', async () => {
    const times: number[] = [];
    const control = new Control('running');
    const trainer = fakeTrainer({ steps: 3000, evaluation }, () => (now += 1));
    for await (const event of train(trainer, control, {
      stage: false,
      evaluate: false,
      pause: () => Promise.resolve(),
    }))
      if (event.type === 'metrics') times.push(now);
    expect(times.at(-1)).toBe(3000);
    const paced = times.slice(0, -1);
    expect(paced.length).toBeGreaterThan(20);
    for (const time of paced)
      expect(paced.filter((t) => t >= time && t < time + 1000).length).toBeLessThanOrEqual(8);
  });

  it('metrics: every step where steps are slower than that', async () => {
    const trainer = fakeTrainer({ steps: 12, evaluation }, () => (now += 130));
    expect(stepsOf(await eventsOf(trainer), 'metrics').length).toBe(12);
  });

  it('evaluations: at step 1, at every so many steps, and once at the end', async () => {
    const at = async (steps: number) =>
      stepsOf(
        await eventsOf(fakeTrainer({ steps, evaluation }), undefined, { evaluate: true }),
        'evaluated',
      );
    expect(await at(120)).toEqual([1, 50, 100, 120]);
    expect(await at(100)).toEqual([1, 50, 100]);
    expect(await at(1)).toEqual([1]);
  });

  it('none on the validation split where none is asked for', async () => {
    const events = await eventsOf(fakeTrainer({ steps: 60, evaluation }));
    expect(stepsOf(events, 'evaluated')).toEqual([]);
    expect(events.at(-2)).toMatchObject({ type: 'tested' });
  });

  it('in order: prepared, running, ..., tested, done', async () => {
    const events = await eventsOf(fakeTrainer({ steps: 3, evaluation }));
    expect(events[0]?.type).toBe('prepared');
    expect(events[1]).toEqual({ type: 'state', state: 'running' });
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['tested', 'state']);
    expect(events.at(-1)).toEqual({ type: 'state', state: 'done' });
  });

  it('stage: at most four samples a second while the run is live', async () => {
    const times: number[] = [];
    const trainer = fakeTrainer({ steps: 3000, evaluation }, () => (now += 1));
    for await (const event of train(trainer, new Control('running'), {
      stage: true,
      evaluate: false,
      pause: () => Promise.resolve(),
    }))
      if (event.type === 'stage') times.push(now);
    expect(times.length).toBeGreaterThan(8);
    expect(times.length).toBeLessThanOrEqual(3 * 4 + 1);
  });

  it('progress counts steps and tells the time left', async () => {
    const trainer = fakeTrainer({ steps: 100, evaluation }, () => (now += 10));
    const events = await eventsOf(trainer);
    const progress = events.flatMap((event) => (event.type === 'metrics' ? [event.progress] : []));
    const middle = progress.find(({ step }) => step > 40)!;
    expect(middle.stepsPerSecond).toBeCloseTo(100, 0);
    expect(middle.secondsLeft).toBeCloseTo((100 - middle.step) / 100, 1);
    expect(progress[0]?.secondsLeft).toBe(null);
  });
});

describe('what is shown keeps up with the figures', () => {
  const answer = { mean: [0], sd: null };
  const grid = { side: 1, extent: 1, probabilities: new Float32Array(1) };
  /** Every kind of picture, a first drawing of minutes, and later ones as dear as said. */
  const shownAt = (cost: (halvings: number) => number) => {
    let first = 60_000;
    const draw = (halvings = 0) => {
      now += cost(halvings) + first;
      first = 0;
    };
    let asked = 0;
    return {
      look: () => {
        draw(3);
        asked += 1;
        return Promise.resolve([{ ...sample(asked), id: asked }]);
      },
      again: () =>
        Promise.resolve(
          Array.from({ length: asked }, (_, id) => ({ id, students: [[1]], kl: [0] })),
        ),
      planes: (halvings?: number) => {
        draw(halvings);
        return Promise.resolve({ teacher: grid, students: [grid] });
      },
      lines: (halvings?: number) => {
        draw(halvings);
        return Promise.resolve({ places: [0], teacher: answer, students: [answer] });
      },
    };
  };

  it.each([
    ['cheap', 1],
    ['dear', 3_000],
    ['far dearer than the steps', 200_000],
  ])('where drawing is %s', async (_, cost) => {
    const steps = 500;
    const halvings: number[] = [];
    const shown = shownAt((halved) => {
      halvings.push(halved);
      return cost / 4 ** halved;
    });
    const trainer = fakeTrainer({ steps, evaluation }, () => (now += 30), shown);
    const events = await eventsOf(trainer, undefined, { stage: true, evaluate: true });
    const latest = { plane: 0, line: 0, answers: 0 };
    // How far what is on the screen lay behind the evaluation before, whenever a next one came.
    const behind: number[] = [];
    let evaluated = 0;
    for (const event of events) {
      if (event.type === 'evaluated') {
        behind.push(evaluated - Math.min(...Object.values(latest)));
        evaluated = event.point.step;
      }
      if (event.type === 'plane' || event.type === 'line' || event.type === 'answers')
        latest[event.type] = event.step;
    }
    expect(behind.length).toBe(11);
    expect(Math.max(...behind)).toBeLessThanOrEqual(0);
    expect(latest).toEqual({ plane: steps, line: steps, answers: steps });
    expect(evaluated).toBe(steps);
    // The last picture is the finest there is.
    expect(halvings.at(-1)).toBe(0);
  });

  it('asks new questions although the first was dear', async () => {
    const shown = shownAt(() => 10);
    const trainer = fakeTrainer({ steps: 2000, evaluation }, () => (now += 10), shown);
    const events = await eventsOf(trainer, undefined, { stage: true, evaluate: true });
    // A question every 280 ms at most, of more than 20 seconds.
    expect(events.filter(({ type }) => type === 'stage').length).toBeGreaterThan(50);
  });

  it('rests with all of it as of the step at which it rests', async () => {
    const control = new Control('running');
    const trainer = fakeTrainer(
      { steps: 99, evaluation },
      (step) => {
        now += 1;
        if (step === 40) control.pause();
      },
      shownAt(() => 500),
    );
    const seen = { plane: 0, line: 0, answers: 0 };
    const options = { stage: true, evaluate: true, pause: () => Promise.resolve() };
    for await (const event of train(trainer, control, options)) {
      if (event.type === 'plane' || event.type === 'line' || event.type === 'answers')
        seen[event.type] = event.step;
      if (event.type === 'state' && event.state === 'paused') break;
    }
    expect(seen).toEqual({ plane: 40, line: 40, answers: 40 });
  });

  it('answers the questions that somebody looks at', async () => {
    const control = new Control('running');
    const watched: (readonly number[] | null)[] = [];
    const trainer = fakeTrainer(
      { steps: 100, evaluation },
      (step) => {
        if (step === 60) control.watch([3, 5]);
      },
      {
        again: (ids) => {
          watched.push(ids);
          return Promise.resolve([]);
        },
      },
    );
    await eventsOf(trainer, control, { stage: true, evaluate: true });
    expect(watched).toEqual([null, null, null, [3, 5]]);
  });
});

describe('control', () => {
  /** Pulls events until one fits; throws where the run ends first. */
  async function until(
    run: AsyncGenerator<RunEvent>,
    fits: (event: RunEvent) => boolean,
  ): Promise<RunEvent> {
    for (;;) {
      const { value, done } = await run.next();
      if (done) throw new Error('the run ended before that');
      if (fits(value)) return value;
    }
  }
  const start = (control: Control, steps = 10) => {
    const trainer = fakeTrainer({ steps, evaluation }, () => (now += 200));
    const options = { stage: false, evaluate: false, pause: () => Promise.resolve() };
    return { trainer, run: train(trainer, control, options) };
  };
  const isState = (state: string) => (event: RunEvent) =>
    event.type === 'state' && event.state === state;
  const isStep = (step: number) => (event: RunEvent) =>
    event.type === 'metrics' && event.progress.step === step;

  it('waits while paused, takes single steps, plays on and pauses again', async () => {
    const control = new Control();
    const { trainer, run } = start(control);
    await until(run, isState('paused'));
    const next = run.next();
    control.stepOnce();
    expect((await next).value).toMatchObject({ type: 'metrics', progress: { step: 1 } });
    const waiting = run.next();
    control.stepOnce();
    control.stepOnce();
    expect((await waiting).value).toMatchObject({ type: 'metrics', progress: { step: 2 } });
    await until(run, isStep(3));
    const resumed = until(run, isState('running'));
    await Promise.resolve();
    expect(trainer.step).toBe(3);
    control.play();
    await resumed;
    await until(run, isStep(6));
    control.pause();
    await until(run, isState('paused'));
    expect(trainer.step).toBe(6);
    const rest = until(run, isState('done'));
    control.play();
    await rest;
    expect(trainer.step).toBe(10);
  });

  it('a step asked for while the run plays pauses it after that step', async () => {
    const control = new Control('running');
    const { trainer, run } = start(control);
    await until(run, isStep(2));
    control.stepOnce();
    await until(run, isState('paused'));
    await until(run, isStep(3));
    expect([trainer.step, control.state]).toEqual([3, 'paused']);
  });

  it('stops for good, running or paused, without a test', async () => {
    for (const mode of ['running', 'paused'] as const) {
      const control = new Control(mode);
      const { trainer, run } = start(control);
      await until(run, isState(mode));
      control.stop();
      control.play();
      expect(control.state).toBe('stopped');
      const rest: RunEvent[] = [];
      for await (const event of run) rest.push(event);
      expect(rest).toEqual([{ type: 'state', state: 'stopped' }]);
      expect(trainer.step).toBe(0);
    }
  });

  it('shows the step at which it rests, however fast the steps before it', async () => {
    const control = new Control('running');
    const trainer = fakeTrainer({ steps: 99, evaluation }, (step) => {
      now += 1;
      if (step === 40) control.pause();
    });
    const options = { stage: false, evaluate: false, pause: () => Promise.resolve() };
    const heard: RunEvent[] = [];
    await until(train(trainer, control, options), (event) => {
      heard.push(event);
      return isState('paused')(event);
    });
    expect(stepsOf(heard, 'metrics').at(-1)).toBe(40);
  });

  it('forgets single steps that were not taken yet when it is told to play or pause', () => {
    const control = new Control();
    for (const word of ['play', 'pause'] as const) {
      control.stepOnce();
      control.stepOnce();
      expect(control.next()).toBe('single');
      control[word]();
      control.pause();
      expect(control.next()).toBe('wait');
    }
  });

  it('stops while it waits', async () => {
    const control = new Control();
    const { run } = start(control);
    await until(run, isState('paused'));
    const ending = until(run, isState('stopped'));
    control.stop();
    expect(await ending).toEqual({ type: 'state', state: 'stopped' });
  });

  it('the pause counts neither as training time nor in the time left', async () => {
    const control = new Control();
    const { run } = start(control, 4);
    await until(run, isState('paused'));
    const done = until(run, (event) => event.type === 'tested');
    now += 60_000;
    control.play();
    expect(await done).toMatchObject({ seconds: 0.8 });
  });

  it('at slow speed every step waits a second, or for the next word', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const control = new Control('running');
    control.speed = 'slow';
    const { trainer, run } = start(control, 3);
    await until(run, isStep(1));
    const second = until(run, isStep(2));
    await vi.advanceTimersByTimeAsync(900);
    expect(trainer.step).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    await second;
    const paused = until(run, isState('paused'));
    await vi.advanceTimersByTimeAsync(10);
    control.pause();
    await paused;
    expect(trainer.step).toBe(2);
    vi.useRealTimers();
  });
});

it('a run told to pause and to stop says so in order', async () => {
  const control = new Control('running');
  const trainer = fakeTrainer({ steps: 5, evaluation }, (step) => {
    if (step === 2) control.stop();
  });
  const events = await eventsOf(trainer, control);
  expect(statesOf(events)).toEqual(['running', 'stopped']);
  expect(trainer.step).toBe(2);
});
