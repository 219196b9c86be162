import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { choose, SMALL_MLP, student } from '../support/recipes';
import { worker } from '../support/host';
import { meaningOf, readNetwork, values } from '../support/uploads';

/** A network from a file, through the worker's messages: read, inspected, and teacher of a run. */

const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
const KD = student(choose('method', 'kd'), choose('sampler', 'none'), SMALL_MLP, 'KD');
const recipe: Recipe = {
  ...spiral,
  students: [KD],
  steps: 3,
  evaluation: { every: 3, images: 20, testImages: 20 },
};
const sha256 = 'cd'.repeat(32);
/** Right about the spiral's inner part at best, which is for the report to say. */
const network = readNetwork([2], (b) => {
  b.dense('hidden', 'input', values([2, 4], [1, 0, 1, -1, 0, 1, 1, 1]), null);
  b.add('act', 'hidden', { op: 'tanh' });
  b.tap('act', 'act');
  return b.dense('out', 'act', values([4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1]), null);
});
const read = { type: 'teacherRead', sha256, network, recipe } as const;

beforeEach(() => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(JSON.stringify([{ id: 'spiral', task: spiral.task, model: SMALL_MLP }])),
    ),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('is inspected, teaches a run by what was found, and is gone when forgotten', async () => {
  const { send, until, of } = await worker();
  send({ ...read, request: 1 });
  await until(({ type }) => type === 'inspected' || type === 'notInspected');
  const [inspected] = of('inspected');
  expect(of('notInspected')).toEqual([]);
  expect(inspected!.report).toMatchObject({ name: 'net', sha256, parameters: 27, puts: 'logits' });
  expect(of('inspecting').map(({ what }) => what)).toContain('Asking it as it will be used');
  const { meaning } = inspected!.report;
  const run = { ...recipe, teacher: { source: 'file', name: 'net', sha256, meaning } } as const;
  send({ type: 'prepare', run: 1, recipe: run });
  await until(({ type }) => type === 'prepared' || type === 'failed');
  expect(of('failed')).toEqual([]);
  send({ type: 'play', run: 1 });
  await until(({ type }) => type === 'tested' || type === 'failed');
  expect(of('tested')).toHaveLength(1);
  send({ type: 'teacherForget', sha256 });
  send({ type: 'prepare', run: 2, recipe: run });
  await until(({ type }) => type === 'failed');
  expect(of('failed')[0]!.fault).toMatchObject({ code: 'E_TEACHER_FILE' });
  send({ type: 'inspect', request: 2, sha256, recipe, corrections: {} });
  await until((m) => m.type === 'notInspected' && m.request === 2);
});

it('of a worker before this one teaches without being inspected again', async () => {
  const meaning = meaningOf(network, 3, { taps: {} });
  const { send, until, of } = await worker();
  send({ type: 'teacherAgain', sha256, network });
  const run = { ...recipe, teacher: { source: 'file', name: 'net', sha256, meaning } } as const;
  send({ type: 'prepare', run: 1, recipe: run });
  await until(({ type }) => type === 'prepared' || type === 'failed');
  expect(of('failed')).toEqual([]);
  expect([...of('inspecting'), ...of('inspected')]).toEqual([]);
});

it('a newer inspection, or a stop, breaks one off; corrections are followed', async () => {
  const { send, until, of } = await worker();
  send({ ...read, request: 1 });
  const input = {
    name: 'mine',
    order: 'rgb',
    scale: 2,
    mean: [0],
    std: [1],
    perImage: false,
  } as const;
  send({ type: 'inspect', request: 2, sha256, recipe, corrections: { input } });
  await until((m) => m.type === 'inspected' && m.request === 2);
  expect(of('notInspected').map(({ request, fault }) => [request, fault.code])).toEqual([
    [1, 'E_STOPPED'],
  ]);
  expect(of('inspected')[0]!.report.meaning.input).toEqual(input);
  send({ type: 'inspect', request: 3, sha256, recipe, corrections: {} });
  send({ type: 'inspectStop', request: 3 });
  await until((m) => m.type === 'notInspected' && m.request === 3);
});

it('what cannot be used on the task is refused in a sentence', async () => {
  const { send, until, of } = await worker();
  const images = readNetwork([8, 8, 3], (b) => b.add('pool', 'input', { op: 'pool' }));
  send({ ...read, network: images, request: 1 });
  await until(({ type }) => type === 'notInspected');
  expect(of('notInspected')[0]!.fault).toMatchObject({
    code: 'E_UPLOAD_SHAPE',
    message: 'net reads inputs of shape 8 x 8 x 3, and the task’s are 2 numbers.',
  });
  send({ ...read, recipe: { ...recipe, steps: -1 }, request: 2 });
  await until((m) => m.type === 'notInspected' && m.request === 2);
  expect(of('notInspected')[1]!.fault.code).toBe('E_RECIPE');
});

it('an inspection does not wait for a teacher that is trained meanwhile: that makes way, and goes on after it', async () => {
  const { send, until, heard } = await worker();
  const teacher = {
    source: 'train',
    model: SMALL_MLP,
    augment: 'none',
    pad: 0,
    batch: 30,
    steps: 1_000_000,
    optimizer: spiral.optimizer,
  } as const;
  send({ type: 'prepare', run: 1, recipe: { ...recipe, teacher } });
  const isTraining = (m: (typeof heard)[number]) =>
    m.type === 'working' && m.what.startsWith('Training');
  await until(isTraining);
  send({ ...read, request: 1 });
  await until(({ type }) => type === 'inspected' || type === 'notInspected');
  const from = heard.findIndex(({ type }) => type === 'inspecting');
  // The step that went on when the file came may still be told.
  expect(heard.slice(from).filter(isTraining).length).toBeLessThanOrEqual(1);
  expect(heard.some(({ type }) => type === 'inspected')).toBe(true);
  const before = heard.length;
  await until((m) => heard.indexOf(m) >= before && isTraining(m));
  send({ type: 'stop', run: 1 });
  await until((m) => m.type === 'state' && m.state === 'stopped');
});
