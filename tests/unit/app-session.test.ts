import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../src/app/session';
import { markOf } from '../../src/app/marks';
import { initialState } from '../../src/app/state';
import { createStore } from '../../src/app/store';
import { mendLink } from '../../src/recipe/check-words';
import type { Recipe } from '../../src/recipe/recipe';
import type { WorkerEars } from '../../src/worker/client';
import type { DeviceReport, FromWorker, ToWorker } from '../../src/worker/protocol';
import { catalogue as everything } from '../support/catalogue';
import {
  catalogue,
  evaluated,
  figures,
  gpu,
  images,
  metrics,
  processor,
  report,
  sample,
  spiral,
} from '../support/page';

/** A page with a worker that answers only what a test makes it answer. */
function page(hash = '', guess: 'gpu' | 'cpu' = 'gpu') {
  const store = createStore(initialState(images));
  const sent: ToWorker[] = [];
  const workers: WorkerEars[] = [];
  let ended = 0;
  const hashes: string[] = [];
  const session = new Session(store, {
    connect(ears) {
      workers.push(ears);
      return { post: (message) => sent.push(message), end: () => (ended += 1) };
    },
    reader: () => Promise.reject(new Error('no files are read here')),
    backend: null,
    base: 'http://localhost/',
    lessMotion: false,
    setHash: (text) => hashes.push(text),
  });
  session.begin(hash, guess);
  const hear = (message: FromWorker) => workers.at(-1)?.heard(message);
  const last = <T extends ToWorker['type']>(type: T) =>
    sent.findLast((message): message is Extract<ToWorker, { type: T }> => message.type === type);
  return {
    store,
    session,
    sent,
    workers,
    hashes,
    hear,
    last,
    /** How many workers have been ended. */
    ended: () => ended,
    types: () => sent.map(({ type }) => type),
    ready: (device: DeviceReport = gpu) => hear({ type: 'ready', catalogue, device }),
    /** Accepts the settings that were sent to be checked. */
    accept() {
      const check = last('check');
      if (!check) throw new Error('nothing was sent to be checked');
      hear({
        type: 'checked',
        request: check.request,
        recipe: check.recipe as Recipe,
        problems: [],
      });
    },
    prepared() {
      hear({ type: 'prepared', run: last('prepare')?.run ?? -1, report });
    },
    begun(step = 5) {
      const run = last('prepare')?.run ?? -1;
      hear({ type: 'state', run, state: 'running' });
      hear(metrics(run, step));
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a first visit', () => {
  test('prepares the run before Play, and Play starts it at once', () => {
    const { ready, accept, prepared, session, types, last } = page();
    ready();
    accept();
    prepared();
    expect(types()).toEqual(['hello', 'check', 'prepare', 'speed']);
    session.play();
    expect(last('play')?.run).toBe(last('prepare')?.run);
  });

  test('Play before the device is known is carried out when it is', () => {
    const { ready, accept, prepared, session, store, last } = page();
    session.play();
    expect(store.get().intent).toBe('play');
    ready();
    accept();
    expect(last('play')).toBeUndefined();
    prepared();
    expect(last('play')).toBeDefined();
    expect(store.get().intent).toBeNull();
  });

  test('Pause takes a Play back that still waits', () => {
    const { ready, accept, prepared, session, last } = page();
    session.play();
    session.pause();
    ready();
    accept();
    prepared();
    expect(last('play')).toBeUndefined();
  });

  test('takes the plane where only the processor trains, unless something was chosen', () => {
    const untouched = page();
    untouched.ready(processor);
    expect(untouched.store.get().draft.preset).toBe('spiral');
    expect(untouched.store.get().notices[0]?.sentence).toContain('No GPU');
    const chosen = page();
    chosen.session.choosePreset('shapes-c');
    chosen.ready(processor);
    expect(chosen.store.get().draft.preset).toBe('shapes-c');
  });
});

describe('a long preparation', () => {
  const working = (run: number, secondsLeft: number | null): FromWorker => ({
    type: 'working',
    run,
    what: 'Training teacher 2 of 3',
    share: 0.4,
    secondsLeft,
  });

  test('can be stopped, says what became of it, and Play starts it again', () => {
    const { ready, accept, hear, session, store, last } = page();
    session.play();
    ready();
    accept();
    const run = last('prepare')?.run ?? -1;
    hear(working(run, null));
    expect(store.get().live?.stoppable).toBe(false);
    hear(working(run, 42));
    hear(working(run, null));
    expect(store.get().live?.stoppable).toBe(true);
    session.stop();
    expect(last('stop')?.run).toBe(run);
    expect(store.get().intent).toBeNull();
    hear({ type: 'notice', run, sentence: 'Stopped. Kept: teacher 1 of 3.' });
    hear({ type: 'state', run, state: 'stopped' });
    expect(store.get().live).toMatchObject({ phase: 'stopped', working: null, stoppable: false });
    expect(store.get().notices.map(({ sentence }) => sentence)).toContain(
      'Stopped. Kept: teacher 1 of 3.',
    );
    session.play();
    accept();
    expect(last('prepare')?.run).toBe(run + 1);
  });

  test('is not stopped once the run is prepared', () => {
    const { ready, accept, prepared, session, last } = page();
    ready();
    accept();
    prepared();
    session.stop();
    expect(last('stop')).toBeUndefined();
  });
});

describe('settings', () => {
  test('changed before the first step are prepared anew by Play', () => {
    const { ready, accept, prepared, session, last } = page();
    ready();
    accept();
    prepared();
    session.edit({ ...images, seed: 9 });
    session.play();
    accept();
    expect(last('prepare')?.recipe.seed).toBe(9);
  });

  test('changed during a run leave it alone until they are applied', () => {
    const { ready, accept, prepared, begun, session, types, last, store } = page();
    ready();
    accept();
    prepared();
    session.play();
    begun();
    session.edit({ ...images, seed: 9 });
    expect(types().filter((type) => type === 'prepare')).toHaveLength(1);
    expect(last('stop')).toBeUndefined();
    expect(markOf(store.get())).toBe('before changes');
    session.applyAndRestart();
    accept();
    expect(last('stop')?.run).toBe(1);
    expect(last('prepare')).toMatchObject({ run: 2, recipe: { seed: 9 } });
    expect(markOf(store.get())).toBeNull();
    prepared();
    expect(last('play')?.run).toBe(2);
  });

  test('stand in the address, with only what differs from the preset', () => {
    const { session, hashes } = page();
    session.edit({ ...images, seed: 9 });
    expect(hashes).toEqual(['preset=shapes-b&seed=9']);
  });

  test('that cannot run together are refused with the reasons', () => {
    const { ready, session, hear, last, store } = page();
    ready();
    session.play();
    const request = last('check')?.request ?? -1;
    hear({ type: 'checked', request, recipe: null, problems: ['rate is 1e9'] });
    expect(last('prepare')).toBeUndefined();
    expect(store.get().intent).toBeNull();
    expect(store.get().notices).toMatchObject([{ tone: 'warning', more: ['rate is 1e9'] }]);
  });
});

describe('another task or preset', () => {
  /** A run that has shown something everywhere, in one of its phases. */
  function shown(phase: 'running' | 'paused' | 'done' | 'stopped' | 'failed') {
    const one = page();
    one.ready();
    one.accept();
    one.prepared();
    one.session.play();
    one.begun();
    one.hear(evaluated(1, 5, [0.5, 0.6, 0.7]));
    one.hear({ type: 'stage', run: 1, samples: [sample(1), sample(2)] });
    one.hear({ type: 'notice', run: 1, sentence: 'From step 6 on: temperature 2.' });
    one.store.dispatch({ type: 'pin', sample: sample(2) });
    if (phase === 'failed')
      one.hear({
        type: 'failed',
        run: 1,
        fault: { code: 'E', message: 'Broken.', hint: '', detail: '' },
      });
    else one.hear({ type: 'state', run: 1, state: phase });
    return one;
  }
  /** Everything that the page draws of runs. */
  const drawn = ({ store, session }: ReturnType<typeof page>) => {
    const { live, recorded, anomaly, asked, pinned, hovered, intent, notices } = store.get();
    const { log, feed } = session.live;
    const points = [...log.columns('loss').steps, ...log.columns('kl').steps];
    const said = notices.filter(({ key }) => key === 'run');
    const runs: readonly unknown[] = [live, recorded, anomaly, asked, pinned, hovered, intent];
    const board = [...feed.snapshot(), ...(feed.featured() ? [feed.featured()] : [])];
    return [...runs.filter((one) => one !== null), ...points, ...board, ...said];
  };

  test.each(['running', 'paused', 'done', 'stopped', 'failed'] as const)(
    'takes everything of a run that is %s off the page',
    (phase) => {
      const one = shown(phase);
      expect(drawn(one).length).toBeGreaterThan(5);
      const told = vi.fn<() => void>();
      one.session.live.log.subscribe(told);
      one.session.choosePreset('spiral');
      expect(drawn(one)).toEqual([]);
      // The charts are told at once, not with their next redraw.
      expect(told).toHaveBeenCalled();
      const going = phase === 'running' || phase === 'paused';
      expect(one.last('stop')?.run).toBe(going ? 1 : undefined);
      const said = one.store.get().notices.map(({ sentence }) => sentence);
      expect(said.filter((sentence) => sentence.includes('was ended'))).toEqual(
        going
          ? [
              'The run of “Shapes, 1,000 images” was ended at step 5 of 1,000, because something else was chosen.',
            ]
          : [],
      );
    },
  );

  test('is prepared at once, and what the old run still says changes nothing', () => {
    const one = shown('running');
    one.session.choosePreset('spiral');
    one.accept();
    expect(one.last('prepare')).toMatchObject({ run: 2, recipe: { preset: 'spiral' } });
    const before = one.store.get();
    one.hear(metrics(1, 77));
    one.hear(evaluated(1, 77, [0.5, 0.6, 0.7]));
    one.hear({ type: 'stage', run: 1, samples: [sample(9)] });
    one.hear({ type: 'state', run: 1, state: 'stopped' });
    expect(one.store.get().live).toBe(before.live);
    expect(one.session.live.feed.snapshot()).toEqual([]);
    one.prepared();
    expect(one.store.get().live).toMatchObject({ id: 2, phase: 'ready' });
    expect(one.last('play')?.run).toBe(1);
  });

  test('that needs files shows nothing of the old run while it has none', () => {
    const one = shown('running');
    one.session.choosePreset('cifar10');
    expect(drawn(one)).toEqual([]);
    expect(one.last('stop')?.run).toBe(1);
    expect(one.last('prepare')?.run).toBe(1);
  });

  test('chosen while a run of the old one is being asked for is not overtaken by it', () => {
    const one = page();
    one.ready();
    const asked = one.last('check')?.request ?? -1;
    one.session.choosePreset('cifar10');
    one.hear({ type: 'checked', request: asked, recipe: images, problems: [] });
    expect(one.last('prepare')).toBeUndefined();
    expect(one.store.get().live).toBeNull();
  });

  test('takes the place of the search for faults, which ends', () => {
    const one = page();
    one.ready();
    one.session.choosePreset('destseg');
    const run = one.last('prepareAnomaly')?.run;
    expect(run).toBeDefined();
    one.session.choosePreset('cifar10');
    expect(one.last('stop')?.run).toBe(run);
    expect(drawn(one)).toEqual([]);
  });

  test('comes with a recipe file or a link too', () => {
    for (const how of ['file', 'link'] as const) {
      const one = shown('done');
      if (how === 'file') one.session.openRecipe(JSON.stringify(spiral));
      else one.session.openLink('#preset=spiral&seed=3');
      one.accept();
      expect(one.store.get().draft.task.id).toBe('spiral');
      expect(one.store.get().live).toBeNull();
      expect(one.session.live.log.columns('loss').steps).toEqual([]);
    }
  });
});

describe('a run and the settings on the page', () => {
  test('that are not its own are marked, before the first step too, until they are again', () => {
    const { ready, accept, prepared, session, store } = page();
    ready();
    accept();
    prepared();
    expect(markOf(store.get())).toBeNull();
    session.edit({ ...images, seed: 9 });
    expect(markOf(store.get())).toBe('prepared before changes');
    session.edit(images);
    expect(markOf(store.get())).toBeNull();
    session.toggleStudent('ERM');
    expect(markOf(store.get())).toBe('prepared before changes');
  });

  test('differ once the examples that it ran on have been replaced', () => {
    const { ready, accept, prepared, begun, session, store, hear } = page();
    ready();
    accept();
    prepared();
    session.play();
    begun();
    hear({ type: 'filesRead', request: 1, task: 'cifar10', sentence: '3 images.' });
    expect(markOf(store.get())).toBeNull();
    hear({ type: 'filesRead', request: 2, task: 'shapes', sentence: '3 images.' });
    expect(markOf(store.get())).toBe('before changes');
    session.applyAndRestart();
    accept();
    expect(markOf(store.get())).toBeNull();
  });

  test('a chosen question goes with its run', () => {
    const { ready, accept, prepared, begun, session, store } = page();
    ready();
    accept();
    prepared();
    session.play();
    begun();
    store.dispatch({ type: 'pin', sample: sample(2) });
    session.reset();
    accept();
    expect(store.get().pinned).toBeNull();
  });
});

describe('a link', () => {
  test('gives its settings after they were checked', () => {
    const { ready, accept, store, types } = page('#preset=shapes-c&seed=9');
    expect(store.get().draft).toMatchObject({ preset: 'shapes-c', seed: 1 });
    ready();
    accept();
    expect(store.get().draft).toMatchObject({ preset: 'shapes-c', seed: 9 });
    expect(types().filter((type) => type === 'check')).toHaveLength(2);
  });

  test('with a bad value keeps the others, says what is used, and the address has that', () => {
    const { ready, hear, last, store, hashes } = page('#preset=shapes-c&seed=-4&steps=7');
    ready();
    const check = last('check');
    if (!check?.link) throw new Error('the link was not sent to be mended');
    hear({
      type: 'checked',
      request: check.request,
      ...mendLink(check.recipe, check.link, everything),
    });
    expect(store.get().draft).toMatchObject({ preset: 'shapes-c', seed: 1, steps: 7 });
    expect(store.get().notices).toMatchObject([
      { more: ['Seed is -4, allowed is a whole number from 0 to 2147483647; 1 is used instead.'] },
    ]);
    expect(hashes.at(-1)).toBe('preset=shapes-c&steps=7');
  });

  test('back or forward to one that cannot be used shows what is used, in the address too', () => {
    const { ready, accept, session, store, hashes, hear, last } = page('#preset=shapes-c&seed=9');
    ready();
    accept();
    session.openLink('#%E0%A4%A=&&&=%%');
    expect(store.get().notices.at(-1)?.more?.[0]).toContain(
      '“Shapes, 1,000 images” is used instead',
    );
    const check = last('check');
    if (!check?.link) throw new Error('the link was not sent to be mended');
    hear({
      type: 'checked',
      request: check.request,
      ...mendLink(check.recipe, check.link, everything),
    });
    expect(store.get().draft).toEqual(images);
    expect(hashes.at(-1)).toBe('preset=shapes-b');
    session.openLink(`#preset=shapes-c&${'x'.repeat(9000)}`);
    expect(store.get().draft).toEqual(images);
    expect(hashes.at(-1)).toBe('preset=shapes-b');
    session.openLink('#preset=shapes-c');
    expect(store.get().notices.filter(({ key }) => key === 'link')).toEqual([]);
  });

  test('to the preset that finds faults names what it cannot carry', () => {
    const { store } = page('#preset=destseg&seed=3');
    expect(store.get().anomaly).not.toBeNull();
    expect(store.get().notices).toMatchObject([{ more: [expect.stringContaining('“seed”')] }]);
  });

  test('that cannot be read says so before the worker has answered', () => {
    const { store } = page('#preset=nonsense');
    expect(store.get().notices[0]?.more?.[0]).toContain('nonsense');
  });
});

describe('a recipe file', () => {
  test.each([
    ['deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'nests lists and tables more than 32 deep'],
    ['deeper', '{"a":'.repeat(1_000_00), 'nests lists and tables more than 32 deep'],
    ['endless', ' '.repeat(2_000_000), 'far longer than any recipe'],
    ['not JSON', '{"a\u202e', 'It is not JSON'],
  ])('that is %s is refused with a sentence', (_, text, words) => {
    const { ready, session, store, types } = page();
    ready();
    const before = types().length;
    session.openRecipe(text);
    expect(store.get().notices).toMatchObject([{ more: [expect.stringContaining(words)] }]);
    expect(store.get().notices[0]?.more?.[0]).not.toMatch(/\u202e/);
    expect(types().length).toBe(before);
  });
});

describe('files', () => {
  test('are asked for where the task needs them', () => {
    const { ready, session, store, types } = page('#preset=cifar10');
    ready();
    session.play();
    expect(types()).not.toContain('prepare');
    expect(store.get().intent).toBeNull();
    expect(store.get().notices.map(({ key }) => key)).toContain('files');
  });

  test('that were read let the run be prepared', () => {
    const { ready, accept, session, hear, last, store } = page('#preset=cifar10');
    ready();
    accept();
    session.readFiles([new File(['x'], 'train.bin')]);
    expect(last('files')?.task).toBe('cifar10');
    hear({ type: 'filesRead', request: 1, task: 'cifar10', sentence: '3 images.' });
    accept();
    expect(last('prepare')?.recipe.task.id).toBe('cifar10');
    expect(store.get().files['cifar10']).toEqual({ phase: 'read', sentence: '3 images.' });
  });
});

describe('a worker that is gone', () => {
  function going() {
    const one = page();
    one.ready();
    one.accept();
    one.prepared();
    one.session.play();
    one.begun();
    return one;
  }

  test('is noticed by its error, and Start again begins with a new one', () => {
    const { workers, store, session, ready, accept, prepared, last } = going();
    workers[0]?.lost('out of memory');
    expect(store.get()).toMatchObject({
      worker: 'lost',
      lost: { message: 'The training worker is gone.', hint: 'It stopped: out of memory.' },
    });
    session.startAgain();
    expect(workers).toHaveLength(2);
    ready();
    accept();
    prepared();
    expect(last('play')?.run).toBe(2);
  });

  test('is noticed by ten seconds of silence while it trains', () => {
    const { store, hear } = going();
    vi.advanceTimersByTime(9_000);
    hear(metrics(1, 6));
    vi.advanceTimersByTime(9_000);
    expect(store.get().worker).toBe('ready');
    vi.advanceTimersByTime(3_000);
    expect(store.get().worker).toBe('lost');
  });

  test('is not missed while it is paused or goes slowly', () => {
    const paused = going();
    paused.hear({ type: 'state', run: 1, state: 'paused' });
    const slow = going();
    slow.session.setSpeed('slow');
    vi.advanceTimersByTime(120_000);
    expect(paused.store.get().worker).toBe('ready');
    expect(slow.store.get().worker).toBe('ready');
  });

  test('is not declared gone because the page was asleep', () => {
    const { store } = going();
    const now = Date.now();
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(now + 3_600_000);
    vi.advanceTimersByTime(1_000);
    expect(store.get().worker).toBe('ready');
  });
});

describe('questions on the page', () => {
  test('are named to the worker, the chosen one too once it has left the board', () => {
    const { ready, accept, prepared, begun, session, hear, last, store } = page();
    ready();
    accept();
    prepared();
    session.play();
    begun();
    const offer = (from: number, count: number) =>
      hear({
        type: 'stage',
        run: 1,
        samples: Array.from({ length: count }, (_, at) => sample(from + at)),
      });
    offer(1, 2);
    expect(last('watch')).toEqual({ type: 'watch', run: 1, questions: [2, 1] });
    store.dispatch({ type: 'pin', sample: sample(1) });
    offer(3, 32);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      vi.advanceTimersByTime(5_000);
      hear({ type: 'alive' });
    }
    const watched = last('watch')?.questions ?? [];
    expect(watched).toContain(1);
    expect(watched).toHaveLength(33);
    const answers = [{ id: 1, students: [[0.9, 0.1]], kl: [0.4] }];
    hear({ type: 'answers', run: 1, step: 50, questions: answers });
    expect(session.live.feed.latest(1)).toMatchObject({ step: 50, kl: [0.4] });
  });
});

describe('a device that is gone', () => {
  const fault = { code: 'E_DEVICE_LOST', message: 'Gone.', hint: 'Start again.', detail: '' };

  /** A page whose device is gone in the middle of a run, or while it rests. */
  function gone(phase: 'running' | 'paused' = 'running') {
    const one = page();
    one.ready();
    one.accept();
    one.prepared();
    one.session.play();
    one.begun();
    if (phase === 'paused') one.hear({ type: 'state', run: 1, state: 'paused' });
    one.hear({ type: 'broken', fault });
    return one;
  }

  test.each(['running', 'paused'] as const)(
    'while the run is %s: its worker is ended at once, and the page says why',
    (phase) => {
      const { store, ended, workers } = gone(phase);
      expect([ended(), workers.length]).toEqual([1, 1]);
      expect(store.get()).toMatchObject({
        worker: 'lost',
        lost: fault,
        device: null,
        live: { phase: 'stopped', fault: null, progress: { step: 5 } },
      });
    },
  );

  test('after the end of a run leaves its results', () => {
    const { hear, store } = gone();
    expect(store.get().live?.phase).toBe('stopped');
    const one = page();
    one.ready();
    one.accept();
    one.prepared();
    one.begun();
    one.hear({ type: 'state', run: 1, state: 'done' });
    one.hear({ type: 'broken', fault });
    expect(one.store.get()).toMatchObject({ worker: 'lost', live: { phase: 'done' } });
    // Words that were under way when the worker was ended are not heard.
    hear(metrics(1, 99));
    expect(store.get().live?.progress?.step).toBe(5);
  });

  test.each<
    [string, 'play' | 'step' | null, (session: ReturnType<typeof page>['session']) => void]
  >([
    ['Start again', 'play', (session) => session.startAgain()],
    ['Play', 'play', (session) => session.play()],
    ['Apply & restart', 'play', (session) => session.applyAndRestart()],
    ['Step', 'step', (session) => session.step()],
    ['Reset', null, (session) => session.reset()],
  ])('%s gets a new worker, which prepares a run from step 0', (_, intent, press) => {
    const { session, workers, store, ready, accept, prepared, last, sent } = gone();
    press(session);
    expect(workers).toHaveLength(2);
    expect(last('hello')).toMatchObject({ backend: null, orElse: true });
    expect(store.get()).toMatchObject({ worker: 'starting', lost: null, live: null });
    const before = sent.length;
    ready();
    accept();
    prepared();
    const after = sent.slice(before).map(({ type }) => type);
    expect(after).toEqual(['check', 'prepare', 'speed', ...(intent ? [intent] : [])]);
    expect(last('prepare')?.run).toBe(2);
  });

  test('may come back or not: only what is worse than before is said', () => {
    const { session, ready, store } = gone();
    const said = () => store.get().notices.map(({ sentence }) => sentence);
    session.reset();
    ready(processor);
    expect(said()).toEqual([
      'WebGPU did not come back, so WebAssembly trains from now on; a restart of the browser may bring it back.',
    ]);
    expect(store.get().draft.preset).toBe('shapes-b');
    session.reset();
    ready();
    expect(said()).toEqual([]);
  });

  test('ends a run that finds faults too', () => {
    const { session, ready, store, hear, last, workers } = page();
    ready();
    session.choosePreset('destseg');
    session.play();
    const run = last('prepareAnomaly')?.run ?? -1;
    hear({ type: 'anomalyState', run, state: 'running' });
    hear({ type: 'broken', fault });
    expect(store.get()).toMatchObject({ worker: 'lost', anomaly: { phase: 'stopped' } });
    session.startAgain();
    ready();
    expect(workers).toHaveLength(2);
    expect(last('prepareAnomaly')?.run).toBeGreaterThan(run);
  });
});

test('Retry after a failure that nobody knows gets a new worker; after one with a reason the old one goes on', () => {
  const failed = (code: string) => {
    const one = page();
    one.ready();
    one.accept();
    const fault = { code, message: 'It failed.', hint: '', detail: '' };
    one.hear({ type: 'failed', run: 1, fault });
    one.session.applyAndRestart();
    return one.workers.length;
  };
  expect([failed('E_UNEXPECTED'), failed('E_FETCH')]).toEqual([2, 1]);
});

describe('the buttons', () => {
  test('Step, Pause, Reset and the speed reach the run', () => {
    const { ready, accept, prepared, begun, session, last, types } = page();
    ready();
    accept();
    prepared();
    session.step();
    expect(last('step')?.run).toBe(1);
    session.play();
    begun();
    session.pause();
    expect(last('pause')?.run).toBe(1);
    session.setSpeed('max');
    expect(last('speed')).toMatchObject({ run: 1, speed: 'max' });
    session.reset();
    accept();
    expect(last('prepare')?.run).toBe(2);
    expect(last('speed')).toMatchObject({ run: 2, speed: 'max' });
    prepared();
    expect(types().filter((type) => type === 'play')).toHaveLength(1);
  });

  test('training that came apart starts again at a tenth of the rate, in one click', () => {
    const { session, store, hear, accept, prepared, begun, last, ready, hashes } = page();
    ready();
    accept();
    prepared();
    begun(40);
    const run = last('prepare')?.run ?? -1;
    const good = { step: 20, seconds: 1, students: [0.4, 0.5, 0.5].map(figures), averaged: null };
    hear({ type: 'exploded', run, step: 31, good });
    const fault = { code: 'E_DIVERGED', message: 'It left.', hint: '', detail: '' };
    hear({ type: 'failed', run, fault: { ...fault, rate: 'students' } });
    expect(store.get().live).toMatchObject({
      phase: 'failed',
      evaluation: good,
      verdicts: [],
      exploded: { step: 31, good: 20 },
    });
    session.retrySlower();
    expect(store.get().draft.optimizer).toEqual({ ...images.optimizer, rate: 0.005 });
    expect(hashes.at(-1)).toContain('optimizer.rate=0.005');
    accept();
    expect(last('prepare')?.recipe).toMatchObject({ optimizer: { rate: 0.005 } });
    prepared();
    expect(last('play')?.run).toBe(last('prepare')?.run);
    expect(store.get().live?.exploded).toBeNull();
  });

  test('Play after the end is a new run', () => {
    const { ready, accept, prepared, begun, session, hear, last } = page();
    ready();
    accept();
    prepared();
    session.play();
    begun();
    hear({ type: 'state', run: 1, state: 'done' });
    session.play();
    accept();
    expect(last('prepare')?.run).toBe(2);
  });
});
