import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../src/app/session';
import { comingOf, initialState } from '../../src/app/state';
import { createStore } from '../../src/app/store';
import { UserError } from '../../src/recipe/errors';
import type { Recipe } from '../../src/recipe/recipe';
import type { WorkerEars } from '../../src/worker/client';
import type { FromWorker, ToWorker } from '../../src/worker/protocol';
import { catalogue } from '../support/catalogue';
import { gpu, report, spiral } from '../support/page';
import { TINY } from '../support/recipes';
import { meaningOf, smallNetwork } from '../support/uploads';

const SHA = 'ab'.repeat(32);
const network = { title: 'net', sha256: SHA, format: 'onnx', layers: 3, parameters: 9 };
const inspection = {
  ...network,
  name: 'net',
  meaning: meaningOf(smallNetwork(10), 10),
  open: [],
  warnings: [],
  tried: [],
  taskClasses: [],
};
const fault = { code: 'E_DEVICE_LOST', message: 'Gone.', hint: 'Start again.', detail: '' };
const chosen = (path: string) => ({ path, blob: new File([new Uint8Array(3073)], path) });
const cifar = [chosen('train.bin'), chosen('test.bin')];
const blobs = cifar.map(({ blob }) => blob);

/** A page whose files are read as `read` says, at once, and whose workers answer what a test makes them answer. */
function page(preset: string, read: (kind: string, path: string) => unknown = () => network) {
  const store = createStore(initialState(spiral));
  let sent: ToWorker[] = [];
  const workers: WorkerEars[] = [];
  const session = new Session(store, {
    connect(one) {
      workers.push(one);
      sent = [];
      return { post: (message) => sent.push(message), end: () => undefined };
    },
    reader: () =>
      Promise.resolve((files, kind) => ({
        cancel: () => undefined,
        done: Promise.resolve().then(() => read(kind, files[0]?.path ?? '') as never),
      })),
    backend: null,
    base: 'http://localhost/',
    lessMotion: false,
    setHash: () => undefined,
  });
  session.begin('', 'gpu');
  session.choosePreset(preset);
  const hear = (message: FromWorker) => workers.at(-1)?.heard(message);
  const last = <T extends ToWorker['type']>(type: T) =>
    sent.findLast((message): message is Extract<ToWorker, { type: T }> => message.type === type);
  const accept = () => {
    const check = last('check');
    if (!check) throw new Error('nothing was sent to be checked');
    const recipe = check.recipe as Recipe;
    hear({ type: 'checked', request: check.request, recipe, problems: [] });
  };
  /** What the worker that is there now was told. */
  const types = () => sent.map(({ type }) => type);
  const notices = () => store.get().notices.map(({ key }) => key);
  const all = {
    store,
    session,
    workers,
    hear,
    last,
    accept,
    types,
    notices,
    ready: () => hear({ type: 'ready', catalogue, device: gpu }),
    filesRead(request = -1, task = 'cifar10') {
      hear({ type: 'filesRead', request, task, sentence: '2 training images' });
    },
    /** The run that was asked for is prepared, and whatever was pressed is carried out. */
    run() {
      accept();
      hear({ type: 'prepared', run: last('prepare')?.run ?? -1, report });
    },
    /** Until everything that is read has been read. */
    rest: () => new Promise((resolve) => setTimeout(resolve)),
    /** The page names an own network as its teacher. */
    async teach() {
      await session.dropFiles([chosen('net.onnx')]);
      const request = last('teacherRead')?.request ?? -1;
      hear({ type: 'inspected', request, report: inspection as never });
      session.desk.takeTeacher();
    },
    /** The page's CIFAR files are given and read. */
    give() {
      session.readFiles(blobs);
      all.filesRead(last('files')?.request);
    },
    /** The page holds own images. */
    async bring(files = [chosen('a.png')]) {
      await session.desk.readData(files);
      all.filesRead(last('data')?.request, 'images');
    },
  };
  return all;
}

beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'http://localhost/' });
});

/** What ends a worker, and how a new one is got. */
const ENDS: readonly [string, (one: ReturnType<typeof page>) => void][] = [
  ['a lost device', ({ hear, session }) => (hear({ type: 'broken', fault }), session.play())],
  [
    'a lost worker',
    ({ workers, session }) => (workers.at(-1)?.lost('crashed'), session.startAgain()),
  ],
  [
    'a failure that nobody knows',
    ({ session, hear, accept, last }) => {
      accept();
      const unknown = { ...fault, code: 'E_UNEXPECTED' };
      hear({ type: 'failed', run: last('prepare')?.run ?? -1, fault: unknown });
      session.applyAndRestart();
    },
  ],
];

describe.each(ENDS)('after %s, a new worker gets by itself', (_, end) => {
  test('the files of the task, and the run that was asked for waits for them', () => {
    const one = page('cifar10');
    one.ready();
    one.give();
    end(one);
    one.ready();
    expect(one.types()).toEqual(['hello', 'files']);
    expect(one.last('files')).toMatchObject({ task: 'cifar10', files: blobs });
    expect(one.store.get()).toMatchObject({ intent: 'play', files: { cifar10: {} } });
    expect(comingOf(one.store.get())?.what).toBe('Reading the files again');
    one.filesRead(one.last('files')?.request);
    one.run();
    expect(one.types()).toEqual(['hello', 'files', 'check', 'prepare', 'speed', 'play']);
    expect(one.notices()).not.toContain('files');
  });

  test('own images, read anew from their files', async () => {
    const one = page('own-images', () => ({ pixels: new Uint8Array(1) }));
    one.ready();
    await one.bring();
    one.session.play();
    end(one);
    one.ready();
    await one.rest();
    expect(one.types()).toEqual(['hello', 'data']);
    one.filesRead(one.last('data')?.request, 'images');
    one.run();
    expect(one.types().at(-1)).toBe('play');
    expect(one.notices()).not.toContain('files');
  });

  test('images that are kept in the browser', () => {
    const one = page('own-images');
    one.ready();
    one.session.desk.loadKept('one');
    one.filesRead(one.last('loadKept')?.request, 'images');
    one.session.play();
    end(one);
    one.ready();
    expect(one.last('loadKept')).toMatchObject({ id: 'one' });
    one.filesRead(one.last('loadKept')?.request, 'images');
    one.run();
    expect(one.types().at(-1)).toBe('play');
  });

  test('an own teacher, and an own student', async () => {
    for (const role of ['teacher', 'student'] as const) {
      const one = page('shapes-b');
      one.ready();
      await one.teach();
      if (role === 'student') {
        one.session.desk.backToPreset();
        one.session.desk.takeStudent();
      }
      one.session.play();
      end(one);
      one.ready();
      await one.rest();
      expect(one.types()).toEqual(['hello', 'teacherAgain', 'check']);
      expect(one.last('teacherAgain')).toMatchObject({ sha256: SHA });
      one.run();
      expect(one.types().at(-1)).toBe('play');
      expect(one.store.get().own.held[SHA]?.name).toBe('net');
      expect(one.notices()).not.toContain('own-teacher');
    }
  });

  test('files first, then the teacher that is asked about them', async () => {
    const one = page('cifar10');
    one.ready();
    one.give();
    await one.teach();
    end(one);
    one.ready();
    await one.rest();
    expect(one.types()).toEqual(['hello', 'files']);
    one.filesRead(one.last('files')?.request);
    await one.rest();
    one.run();
    expect(one.types().slice(2)).toEqual(['teacherAgain', 'check', 'prepare', 'speed', 'play']);
  });
});

describe('what was given', () => {
  /** A page that had its files when its device was lost, with a new worker that was asked for by Play. */
  function again() {
    const one = page('cifar10');
    one.ready();
    one.give();
    one.hear({ type: 'broken', fault });
    one.session.play();
    one.ready();
    return one;
  }

  test('is given again to every worker that follows, one that died of nothing included', () => {
    const one = again();
    one.workers.at(-1)?.lost('crashed');
    one.session.play();
    one.ready();
    one.filesRead(one.last('files')?.request);
    one.run();
    expect(one.types().at(-1)).toBe('play');
  });

  test('and cannot be read any more is said, and what was pressed waits no longer', () => {
    const one = again();
    const gone = { ...fault, code: 'E_FETCH', message: 'train.bin cannot be read any more.' };
    const request = one.last('files')?.request ?? -1;
    one.hear({ type: 'filesRefused', request, task: 'cifar10', fault: gone });
    expect(one.store.get()).toMatchObject({ intent: null, files: { cifar10: { fault: gone } } });
    expect(one.notices()).toContain('files');
    one.session.play();
    expect(one.types().filter((type) => type === 'files')).toHaveLength(1);
  });

  test('is asked for where the settings need it, and not before', () => {
    const one = page('cifar10');
    one.ready();
    one.give();
    one.session.choosePreset('shapes-b');
    one.hear({ type: 'broken', fault });
    one.session.play();
    one.ready();
    expect(one.last('files')).toBeUndefined();
    one.session.choosePreset('cifar10');
    expect(one.last('files')).toMatchObject({ files: blobs });
  });

  test('and was refused, or ended its worker, is not given again', () => {
    const one = page('cifar10');
    one.ready();
    one.give();
    one.session.readFiles([new File([], 'bad.bin')]);
    const request = one.last('files')?.request ?? -1;
    one.hear({ type: 'filesRefused', request, task: 'cifar10', fault });
    one.session.readFiles([new File([], 'deadly.bin')]);
    one.workers.at(-1)?.lost('out of memory');
    one.session.play();
    one.ready();
    expect(one.last('files')).toMatchObject({ files: blobs });
  });

  test('while there is no worker waits for the next, and comes before what was given earlier', () => {
    const one = page('cifar10');
    one.ready();
    one.give();
    one.hear({ type: 'broken', fault });
    const newer = [new File([], 'newer.bin')];
    one.session.readFiles(newer);
    one.session.play();
    one.ready();
    expect(one.types()).toEqual(['hello', 'files']);
    expect(one.last('files')).toMatchObject({ files: newer });
    one.workers.at(-1)?.lost('crashed');
    one.session.play();
    one.session.readFiles(newer);
    one.workers.at(-1)?.lost('its script could not be loaded');
    one.session.play();
    one.ready();
    expect(one.last('files')).toMatchObject({ files: newer });
  });

  test('later takes the place of what is being read again', async () => {
    const reads: ((value: unknown) => void)[] = [];
    let slowly = false;
    const one = page('own-images', () =>
      slowly ? new Promise((resolve) => reads.push(resolve)) : { name: 'old' },
    );
    one.ready();
    await one.bring();
    one.hear({ type: 'broken', fault });
    one.session.play();
    slowly = true;
    one.ready();
    await one.rest();
    const newer = one.session.desk.readData([chosen('b.png')]);
    await one.rest();
    reads[1]?.({ name: 'new' });
    await newer;
    one.filesRead(one.last('data')?.request, 'images');
    reads[0]?.({ name: 'old' });
    await one.rest();
    expect(one.types().filter((type) => type === 'data')).toHaveLength(1);
    expect(one.last('data')).toMatchObject({ data: { name: 'new' } });
  });

  test('and cannot be read any more: own images and networks too', async () => {
    for (const preset of ['own-images', 'shapes-b']) {
      let gone = false;
      const one = page(preset, () => {
        if (gone) throw new UserError('E_UPLOAD_READ', 'It cannot be read any more.');
        return network;
      });
      one.ready();
      await (preset === 'own-images' ? one.bring() : one.teach());
      one.hear({ type: 'broken', fault });
      gone = true;
      one.session.play();
      one.ready();
      await one.rest();
      expect(one.types()).toEqual(['hello']);
      expect(one.store.get().intent).toBeNull();
      expect(one.notices()).toContain(preset === 'own-images' ? 'files' : 'own-teacher');
      expect(one.store.get().own.given).toEqual([]);
    }
  });

  test('and is another network by now is not taken for the recipe’s', async () => {
    let sha256 = SHA;
    const one = page('shapes-b', () => ({ ...network, sha256 }));
    one.ready();
    await one.teach();
    one.hear({ type: 'broken', fault });
    sha256 = 'cd'.repeat(32);
    one.session.play();
    one.ready();
    await one.rest();
    expect(one.types()).toEqual(['hello']);
    expect(one.notices()).toContain('own-teacher');
  });

  test('and was never looked at to the end is looked at as the recipe says', async () => {
    const one = page('shapes-b');
    one.ready();
    await one.session.dropFiles([chosen('net.onnx')]);
    const { meaning } = inspection;
    const teacher = { source: 'file', name: 'net', sha256: SHA, meaning } as const;
    one.session.edit({ ...one.store.get().draft, teacher });
    one.hear({ type: 'broken', fault });
    one.session.play();
    one.ready();
    await one.rest();
    expect(one.types()).toEqual(['hello', 'teacherAgain', 'inspect']);
    expect(one.last('inspect')).toMatchObject({ sha256: SHA, corrections: meaning });
    const request = one.last('inspect')?.request ?? -1;
    one.hear({ type: 'inspected', request, report: inspection as never });
    one.run();
    expect(one.types().at(-1)).toBe('play');
  });
});

test('an own teacher that comes again is looked at for the students that were chosen meanwhile', async () => {
  const one = page('shapes-b');
  one.ready();
  await one.teach();
  one.hear({ type: 'broken', fault });
  const { draft } = one.store.get();
  one.session.edit({ ...draft, students: draft.students.slice(0, 1) });
  one.session.edit({
    ...draft,
    students: draft.students.map((student) => ({ ...student, model: TINY })),
  });
  one.session.play();
  one.ready();
  await one.rest();
  expect(one.types()).toEqual(['hello', 'teacherAgain', 'inspect']);
  const inspect = one.last('inspect');
  expect(inspect?.corrections).not.toHaveProperty('taps');
  const meaning = { ...inspection.meaning, taps: { middle: 'conv' } };
  one.hear({
    type: 'inspected',
    request: inspect?.request ?? -1,
    report: { ...inspection, meaning } as never,
  });
  expect(one.last('check')).toMatchObject({ recipe: { teacher: { meaning } } });
  one.run();
  expect(one.types().at(-1)).toBe('play');
});

test('Play while files are read for the first time waits for them; Pause takes it back', () => {
  const one = page('cifar10');
  one.ready();
  one.session.readFiles(blobs);
  one.session.play();
  expect(one.store.get().intent).toBe('play');
  expect(one.notices()).not.toContain('files');
  one.session.pause();
  expect(one.store.get().intent).toBeNull();
  one.session.step();
  one.filesRead(one.last('files')?.request);
  one.run();
  expect(one.types().at(-1)).toBe('step');
});
