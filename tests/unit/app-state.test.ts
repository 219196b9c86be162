import { describe, expect, test } from 'vitest';
import { newRun } from '../../src/app/run';
import {
  chosenRecipe,
  initialState,
  lacksFiles,
  reduce,
  sameValue,
  settingsDiffer,
  shownRun,
  type Action,
  type AppState,
} from '../../src/app/state';
import {
  catalogue,
  evaluated,
  figures,
  gpu,
  images,
  metrics,
  report,
  sample,
  spiral,
} from '../support/page';

function after(state: AppState, ...actions: Action[]): AppState {
  return actions.reduce(reduce, state);
}

const ready = after(initialState(images), {
  type: 'message',
  message: { type: 'ready', catalogue, device: gpu },
});
const asked: Action = {
  type: 'asked',
  run: newRun(1, images, images.students),
  asked: images,
};
const running = after(
  ready,
  asked,
  { type: 'message', message: { type: 'prepared', run: 1, report } },
  { type: 'message', message: { type: 'state', run: 1, state: 'running' } },
  { type: 'message', message: metrics(1, 10) },
);

test('a task lacks its files until they are read; of an unknown one nothing is said', () => {
  const tasks = catalogue.tasks.map((task) => ({ ...task, needsFiles: true }));
  const state = { ...ready, catalogue: { ...catalogue, tasks } };
  expect(lacksFiles(state)).toBe(true);
  expect(lacksFiles({ ...state, loaded: { [images.task.id]: 'its files' } })).toBe(false);
  expect(lacksFiles({ ...state, catalogue: null })).toBe(false);
  expect(lacksFiles(ready)).toBe(false);
});

describe('messages', () => {
  test('carry a run from preparing to its test', () => {
    expect(after(ready, asked).live?.phase).toBe('preparing');
    expect(running.live).toMatchObject({ phase: 'running', progress: { step: 10 } });
    const students = [0.6, 0.8, 0.9].map(figures);
    const done = after(
      running,
      { type: 'message', message: evaluated(1, 50, [0.5, 0.6, 0.55]) },
      {
        type: 'message',
        message: {
          type: 'tested',
          run: 1,
          teacher: figures(0.98),
          students,
          verdicts: [],
          seconds: 9,
        },
      },
      { type: 'message', message: { type: 'state', run: 1, state: 'done' } },
    );
    expect(done.live).toMatchObject({ phase: 'done', tested: { students } });
  });

  test('of a run that was reset change nothing', () => {
    const reset = after(running, { ...asked, run: newRun(2, images, images.students) });
    expect(after(reset, { type: 'message', message: metrics(1, 99) })).toBe(reset);
  });

  test('of a failed run keep its figures and drop what was pressed', () => {
    const fault = { code: 'E', message: 'It failed.', hint: 'Retry.', detail: '' };
    const failed = after(
      running,
      { type: 'intent', intent: 'play' },
      { type: 'message', message: { type: 'failed', run: 1, fault } },
    );
    expect(failed.intent).toBeNull();
    expect(failed.live).toMatchObject({ phase: 'failed', fault, progress: { step: 10 } });
  });

  test('of a failure before the worker was ready say that it is lost', () => {
    const fault = { code: 'E', message: 'No cards.', hint: 'Load again.', detail: '' };
    const message: Action = { type: 'message', message: { type: 'failed', run: 0, fault } };
    expect(after(initialState(images), message)).toMatchObject({
      worker: 'lost',
      lost: fault,
    });
    expect(after(ready, message)).toMatchObject({ worker: 'ready', notices: [{ key: 'E' }] });
  });

  test('about files are kept by task', () => {
    const fault = { code: 'E', message: 'Too short.', hint: '', detail: '' };
    const state = after(
      ready,
      { type: 'reading', task: 'cifar10', what: 'Reading', share: 0 },
      {
        type: 'message',
        message: {
          type: 'filesReading',
          request: 1,
          task: 'cifar10',
          what: 'Unpacking',
          share: 0.5,
        },
      },
    );
    expect(state.files['cifar10']).toEqual({ phase: 'reading', what: 'Unpacking', share: 0.5 });
    const refused = after(state, {
      type: 'message',
      message: { type: 'filesRefused', request: 1, task: 'cifar10', fault },
    });
    expect(refused.files['cifar10']).toEqual({ phase: 'refused', fault });
  });
});

describe('settings', () => {
  test('differ from the running run until they are put back', () => {
    expect(settingsDiffer(running)).toBe(false);
    const changed = after(running, { type: 'edit', recipe: { ...images, seed: 7 } });
    expect(settingsDiffer(changed)).toBe(true);
    expect(settingsDiffer(after(changed, { type: 'edit', recipe: images }))).toBe(false);
  });

  test('do not differ from a run that has not begun', () => {
    const prepared = after(ready, asked, { type: 'edit', recipe: { ...images, seed: 7 } });
    expect(settingsDiffer(prepared)).toBe(false);
  });

  test('leave out students that are off, but never all of them', () => {
    const one = after(ready, { type: 'toggle', name: 'ERM' });
    expect(chosenRecipe(one).students.map(({ name }) => name)).toEqual(['KD', 'Extracurricular']);
    const last = after(
      one,
      { type: 'toggle', name: 'KD' },
      { type: 'toggle', name: 'Extracurricular' },
    );
    expect(chosenRecipe(last).students.map(({ name }) => name)).toEqual(['Extracurricular']);
    expect(chosenRecipe(after(one, { type: 'toggle', name: 'ERM' }))).toBe(images);
  });

  test('keep the looks of students when others are off', () => {
    const two = { ...images, students: images.students.slice(1) };
    const run = newRun(3, two, images.students);
    expect(run.looks.map(({ marker }) => marker)).toEqual(['square', 'triangle']);
  });
});

describe('a recorded run', () => {
  const recorded = after(
    ready,
    {
      type: 'recording',
      run: { ...newRun(0, images, images.students), recordedOn: 'a test', faster: 2 },
    },
    { type: 'replayed', message: { type: 'prepared', run: 0, report } },
  );

  test('is shown until something is pressed, and is never the live one', () => {
    expect(shownRun(recorded)).toMatchObject({ id: 0, recordedOn: 'a test', report });
    const pressed = after(recorded, asked, { type: 'showLive' });
    expect(shownRun(pressed)?.id).toBe(1);
  });

  test('has its counter never before its figures', () => {
    const seen = after(running, { type: 'message', message: evaluated(1, 50, [0.5, 0.6, 0.55]) });
    expect(seen.live).toMatchObject({ progress: { step: 50 }, evaluation: { step: 50 } });
    // What comes late takes nothing back.
    const late = after(seen, { type: 'message', message: evaluated(1, 40, [0.5, 0.6, 0.55]) });
    expect(late.live?.progress?.step).toBe(50);
  });

  test('takes its pinned question along, and pressing Play on a live run does not', () => {
    const pin: Action = { type: 'pin', sample: sample(3) };
    expect(after(running, pin, { type: 'showLive' }).pinned?.id).toBe(3);
    expect(after(recorded, asked, pin, { type: 'showLive' }).pinned).toBeNull();
  });

  test('stays on the screen while the live run is being prepared', () => {
    const preparing = after(recorded, asked, {
      type: 'message',
      message: { type: 'working', run: 1, what: 'Drawing images', share: 0.5, secondsLeft: null },
    });
    expect(shownRun(preparing)?.id).toBe(0);
    expect(preparing.live?.working).toEqual({
      what: 'Drawing images',
      share: 0.5,
      secondsLeft: null,
    });
  });

  test('goes when another preset is chosen', () => {
    const other = after(recorded, { type: 'preset', recipe: spiral, byPerson: true });
    expect(other).toMatchObject({ recorded: null, showing: 'live', touched: true });
  });
});

describe('a run whose settings are changed while it goes on', () => {
  const notice = (changedFrom?: number): Action => ({
    type: 'message',
    message: { type: 'notice', run: 1, sentence: 'Said.', ...(changedFrom && { changedFrom }) },
  });

  test('is marked with the first step that had others, for as long as it is shown', () => {
    expect(after(running, notice()).live?.changed).toBeNull();
    const changed = after(running, notice(11), notice(61), { type: 'dismiss', key: 'run' });
    expect(changed.live?.changed).toBe(11);
    expect(changed.notices).toEqual([]);
    // The next run begins with them.
    expect(after(changed, asked).live?.changed).toBeNull();
  });

  test('has no mark where it had not begun', () => {
    expect(after(running, notice(1)).live?.changed).toBeNull();
  });
});

describe('the page', () => {
  test('shows one notice for each reason, and closes it', () => {
    const notice = (sentence: string): Action => ({
      type: 'notice',
      notice: { key: 'link', tone: 'info', sentence },
    });
    const state = after(ready, notice('old'), notice('new'));
    expect(state.notices.map(({ sentence }) => sentence)).toEqual(['new']);
    expect(after(state, { type: 'dismiss', key: 'link' }).notices).toEqual([]);
  });

  test('pins a sample with one click and lets it go with another', () => {
    const pinned = after(running, { type: 'pin', sample: sample(3) });
    expect(pinned.pinned?.id).toBe(3);
    expect(after(pinned, { type: 'pin', sample: sample(3) }).pinned).toBeNull();
  });

  test('compares plain data whatever the order of keys', () => {
    expect(sameValue({ a: [1, { b: 2 }], c: NaN }, { c: NaN, a: [1, { b: 2 }] })).toBe(true);
    expect(sameValue({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(sameValue([1], { 0: 1 })).toBe(false);
    expect(sameValue(null, {})).toBe(false);
  });
});
