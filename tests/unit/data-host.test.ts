import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defaultsOf } from '../../src/recipe/fields';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { tasks } from '../../src/tasks/registry';
import { fromBlob } from '../../src/upload/bytes';
import { readData } from '../../src/upload/data/read';
import { worker } from '../support/host';
import { labelsInTurn, ownData } from '../support/own-data';
import { choose, TINY, student } from '../support/recipes';
import { idxFile } from '../support/files/idx';

/** A person's own images on their way through the worker. */

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('[]')));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const preset = presets.find(({ id }) => id === 'own-images')!.recipe;
const params = { ...defaultsOf(tasks.get('images').params), size: 8 };
const teacher = { ...preset.teacher, model: TINY, steps: 2, batch: 8 } as Recipe['teacher'];
const recipe: Recipe = {
  ...preset,
  task: { id: 'images', params },
  transfer: 20,
  teacher,
  students: [student(choose('method', 'kd'))],
  steps: 2,
  batch: 8,
  evaluation: { every: 2, images: 20, testImages: 20 },
};

it('are summed up, seen in other ways, and used in a run', async () => {
  const { send, until, of } = await worker();
  send({ type: 'prepare', run: 1, recipe });
  await until(({ type }) => type === 'failed');
  expect(of('failed')[0]?.fault.code).toBe('E_DATA_NEEDED');
  send({ type: 'dataView', request: 1, params });
  await until(({ type }) => type === 'filesRefused');
  expect(of('filesRefused')[0]?.fault.message).toBe('No images are held here.');

  send({ type: 'data', request: 2, data: ownData(labelsInTurn(3, 20)), params });
  await until(({ type }) => type === 'filesRead');
  expect(of('dataRead')[0]).toMatchObject({ request: 2, summary: { shape: [8, 8, 1], count: 60 } });
  expect(of('filesRead')[0]?.sentence).toBe(
    '48 training, 6 validation and 6 test images, read on this computer; nothing was sent.',
  );
  send({ type: 'dataView', request: 3, params: { ...params, size: 12, test: 0.3 } });
  await until((message) => message.type === 'dataRead' && message.request === 3);
  expect(of('dataRead')[1]?.summary).toMatchObject({ shape: [12, 12, 1] });
  expect(of('dataRead')[1]?.summary.classes[0]).toMatchObject({
    train: 12,
    validation: 2,
    test: 6,
  });
  expect(of('filesRead')).toHaveLength(1);

  send({ type: 'prepare', run: 2, recipe });
  await until((message) => message.type === 'prepared' && message.run === 2);
  send({ type: 'play', run: 2 });
  await until((message) => message.type === 'tested' && message.run === 2);
  expect(of('failed')).toHaveLength(1);

  send({ type: 'data', request: 4, data: ownData(Array<number>(20).fill(0)), params });
  await until((message) => message.type === 'filesRefused' && message.request === 4);
  send({ type: 'dataView', request: 5, params });
  await until((message) => message.type === 'dataRead' && message.request === 5);
  expect(of('dataRead').at(-1)?.summary.count).toBe(60);
});

it('are read from dropped files', async () => {
  const { send, until, of } = await worker();
  const labels = labelsInTurn(2, 20);
  const images = idxFile(
    [40, 4, 4],
    Array.from({ length: 640 }, (_, i) => i % 251),
  );
  const files = [
    fromBlob('images-idx3-ubyte', new File([images as BlobPart], 'images-idx3-ubyte')),
    fromBlob('labels-idx1-ubyte', new File([idxFile([40], labels) as BlobPart], 'labels')),
  ];
  // As the reader's worker does, whose answer the page hands on.
  const data = await readData(files, null, { progress: () => undefined });
  send({ type: 'data', request: 1, data, params: {} });
  await until(({ type }) => type === 'filesRead' || type === 'filesRefused');
  expect(of('filesRefused')).toEqual([]);
  expect(of('dataRead')[0]?.summary).toMatchObject({
    format: 'IDX',
    count: 40,
    shape: [32, 32, 1],
  });
});
