import { beforeEach, describe, expect, test, vi } from 'vitest';
import { notUsed } from '../../src/app/own/TeacherDialog';
import { destinationOf, recordsOf } from '../../src/app/own/files';
import { Session } from '../../src/app/session';
import { initialState } from '../../src/app/state';
import { createStore } from '../../src/app/store';
import { UserError } from '../../src/recipe/errors';
import type { Recipe } from '../../src/recipe/recipe';
import type { WorkerEars } from '../../src/worker/client';
import type { FromWorker, ToWorker } from '../../src/worker/protocol';
import { gpu, spiral } from '../support/page';
import { catalogue } from '../support/catalogue';

const chosen = (path: string, bytes = 1) => ({
  path,
  blob: new File([new Uint8Array(bytes)], path),
});
const cifar = [chosen('train.bin', 3073 * 2), chosen('test.bin', 3073)];
const network = { title: 'net', sha256: 'ab'.repeat(32), format: 'onnx', layers: 3, parameters: 9 };

/** A page whose files are read as `read` says, and whose worker answers what a test makes it answer. */
function page(read: (kind: string, path: string) => unknown = () => network) {
  const store = createStore(initialState(spiral));
  const sent: ToWorker[] = [];
  const ears: WorkerEars[] = [];
  const session = new Session(store, {
    connect(one) {
      ears.push(one);
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
  session.begin('#preset=spiral', 'cpu');
  const hear = (message: FromWorker) => ears.at(-1)?.heard(message);
  hear({ type: 'ready', catalogue, device: gpu });
  const last = <T extends ToWorker['type']>(type: T) =>
    sent.findLast((message): message is Extract<ToWorker, { type: T }> => message.type === type);
  return { store, session, sent, hear, last, own: () => store.get().own };
}

beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'http://localhost/' });
});

describe('data for another task', () => {
  test('are kept, and one press switches to it and reads them', async () => {
    const { session, store, last, own } = page();
    await session.dropFiles(cifar);
    expect(own().offer).toMatchObject({ preset: 'cifar10' });
    expect(last('files')).toBeUndefined();
    session.desk.takeOffer();
    expect(store.get().draft.preset).toBe('cifar10');
    expect(last('files')).toMatchObject({ task: 'cifar10', files: cifar.map(({ blob }) => blob) });
    expect(own().offer).toBeNull();
  });

  test('of a hundred classes belong to a preset that the menu has', async () => {
    const { session, own, store } = page();
    session.choosePreset('cifar10');
    await session.dropFiles([chosen('train.bin', 3074), chosen('test.bin', 3074)]);
    expect(own().offer).toMatchObject({ preset: 'cifar100' });
    session.desk.takeOffer();
    expect(store.get().draft.task.id).toBe('cifar100');
  });

  test('are no longer offered where another preset was chosen, and no message contradicts the page', async () => {
    const { session, own, store } = page();
    await session.dropFiles(cifar);
    session.play();
    session.choosePreset('cifar10');
    expect(own().offer).toBeNull();
    session.play();
    expect(store.get().notices.map(({ key }) => key)).toContain('files');
    session.choosePreset('shapes-b');
    expect(store.get().notices.map(({ key }) => key)).not.toContain('files');
  });

  test('are recognised in the teacher’s dialog', async () => {
    const { session, own } = page();
    session.desk.open('teacher');
    await session.dropFiles(cifar);
    expect(own().offer).toMatchObject({ preset: 'cifar10' });
    expect(own().teacher.fault).toBeNull();
  });
});

describe('what is not what its dialog is for', () => {
  test('data given as a teacher are read as data', async () => {
    const read = (kind: string) => {
      if (kind === 'teacher')
        throw new UserError('E_UPLOAD_DATA', 'digits holds a NumPy array, not a network.');
      return {};
    };
    const { session, own, last } = page(read);
    session.desk.open('teacher');
    await session.dropFiles([chosen('digits')]);
    expect(own().dialog).toBe('data');
    expect(own().teacher.fault).toBeNull();
    expect(last('data')).toBeDefined();
  });

  test('a network given as data is read as a network', async () => {
    const { session, own, last } = page((kind) => {
      if (kind === 'data') throw new UserError('E_UPLOAD_NOTHING', 'There are no images in it.');
      return network;
    });
    session.desk.open('data');
    await session.dropFiles([chosen('weights')]);
    expect(own().dialog).toBe('teacher');
    expect(own().data.fault).toBeNull();
    expect(last('teacherRead')).toMatchObject({ sha256: network.sha256 });
  });

  test('and what is neither is refused once', async () => {
    const { session, own } = page((kind) => {
      throw kind === 'data'
        ? new UserError('E_UPLOAD_NOTHING', 'There are no images in it.')
        : new UserError('E_UPLOAD_KIND', 'weights is a program.');
    });
    session.desk.open('data');
    await session.dropFiles([chosen('weights')]);
    expect(own()).toMatchObject({ dialog: 'data', data: { fault: { code: 'E_UPLOAD_NOTHING' } } });
  });
});

describe('a teacher for another task', () => {
  const fault = { code: 'E_UPLOAD_SHAPE', message: 'No.', hint: '', detail: '' };
  const report = { ...network, open: [], warnings: [], name: 'net', tried: [], meaning: {} };

  async function refused() {
    const all = page();
    await all.session.dropFiles([chosen('net.onnx')]);
    const request = all.last('teacherRead')?.request ?? -1;
    all.hear({ type: 'notInspected', request, fault, fits: ['shapes-b'] });
    expect(all.own().teacher.fits).toEqual(['shapes-b']);
    all.session.desk.switchTeacher('shapes-b');
    expect(all.own().teacher).toMatchObject({ fault: null, fits: [], wanted: true });
    const asked = all.last('inspect');
    expect(asked).toMatchObject({ sha256: network.sha256, recipe: { preset: 'shapes-b' } });
    return { ...all, request: asked?.request ?? -1 };
  }

  test('is used by one press, without its file being given again', async () => {
    const { hear, request, store, own } = await refused();
    hear({ type: 'inspected', request, report: report as never });
    expect(store.get().draft).toMatchObject({
      preset: 'shapes-b',
      teacher: { source: 'file', sha256: network.sha256 },
    });
    expect(own().dialog).toBeNull();
  });

  test('is shown first where something about it looks wrong', async () => {
    const { hear, request, store, own } = await refused();
    hear({
      type: 'inspected',
      request,
      report: { ...report, warnings: ['As good as guessing.'] } as never,
    });
    expect(store.get().draft.teacher.source).toBe('bundled');
    expect(own().dialog).toBe('teacher');
    // It says that it was not done as the button promised.
    expect(own().teacher).toMatchObject({ wanted: false, held: true });
    expect(notUsed(own().teacher)).toMatch(/^Not used yet: /);
    expect(notUsed({ ...own().teacher, held: false })).toBeNull();
  });
});

test('a check says what it waits for', async () => {
  const { session, hear, last, own } = page();
  session.play();
  const check = last('check');
  hear({
    type: 'checked',
    request: check?.request ?? -1,
    recipe: check?.recipe as Recipe,
    problems: [],
  });
  const run = last('prepare')?.run ?? -1;
  hear({ type: 'working', run, what: 'Training the teacher', share: 0.1, secondsLeft: null });
  await session.dropFiles([chosen('net.onnx')]);
  expect(own().teacher.inspecting?.what).toBe('Waiting until this makes way: Training the teacher');
});

test('what has to be trained first is not trained before Play', () => {
  const { session, last, sent } = page();
  const prepared = () => sent.filter(({ type }) => type === 'check').length;
  for (const preset of ['curve', 'eyes']) {
    const before = prepared();
    session.choosePreset(preset);
    expect(prepared()).toBe(before);
  }
  session.play();
  expect(last('check')).toMatchObject({ recipe: { preset: 'eyes' } });
});

test.each([
  [['train-images-idx3-ubyte'], false, null, 'data'],
  [['train-images-idx3-ubyte'], false, 'teacher', 'data'],
  [['net.onnx'], true, 'data', 'teacher'],
  [['cifar-10-binary.tar.gz'], false, 'teacher', 'task'],
  [['a.png'], true, 'teacher', 'data'],
  [['weights'], false, 'teacher', 'teacher'],
] as const)('%j, asked %s, in %s: %s', async (paths, asked, open, wanted) => {
  expect(
    await destinationOf(
      paths.map((path) => chosen(path)),
      asked,
      open,
    ),
  ).toBe(wanted);
});

test('records are known by their sizes', () => {
  expect(recordsOf([chosen('group1-shard1of1.bin', 4000)])).toBeNull();
  expect(recordsOf([chosen('data_batch_1.bin', 3073)])).toBe('cifar10');
  expect(recordsOf([chosen('CIFAR-100-binary.tar.gz', 5)])).toBe('cifar100');
});
