import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { spiralStudy } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { cifarArchive } from '../fixtures/cifar';
import { worker } from '../support/host';
import { choose, student, TINY } from '../support/recipes';

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('[]')));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const { teacher } = spiralStudy;
if (teacher.source !== 'train') throw new Error('the study trains its teacher');
const recipeFor = (labels: string): Recipe => ({
  ...spiralStudy,
  redraw: false,
  task: { id: 'cifar100', params: { labels } },
  transfer: 50,
  teacher: { ...teacher, model: TINY, steps: 1, batch: 4 },
  students: [student(choose('method', 'kd'), choose('sampler', 'none'), TINY, 'KD')],
  steps: 1,
  batch: 4,
  evaluation: { every: 1, images: 4, testImages: 4 },
});

it('files that were dropped are read as the task’s settings say, and anew where these change', async () => {
  const { send, until, of } = await worker();
  const archive = cifarArchive('cifar100', { train: 80, test: 8 });
  const files = [new File([archive as Uint8Array<ArrayBuffer>], 'cifar-100-binary.tar.gz')];
  send({ type: 'files', request: 1, task: 'cifar100', files });
  await until(({ type }) => type === 'filesRead');
  const classes: number[] = [];
  for (const [i, labels] of ['fine', 'coarse', 'fine'].entries()) {
    send({ type: 'prepare', run: i + 1, recipe: recipeFor(labels) });
    await until((message) => message.type === 'prepared' && message.run === i + 1);
    classes.push(of('prepared').at(-1)?.report.classes.length ?? 0);
  }
  expect(classes).toEqual([100, 20, 100]);
  expect(of('failed')).toEqual([]);
});
