import path from 'node:path';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { cifarArchive } from '../fixtures/cifar';
import { Random } from '../../src/recipe/random';
import { open } from './support/browser';
import { choose, dataDialog, reported, teacherDialog } from './support/own';
import { button, done, LONG, region, spoken } from './support/page';

/** The first worker throws as soon as it has told of a step; those after it are left alone. */
function once(): () => string {
  let workers = 0;
  return () => {
    workers += 1;
    if (workers > 1) return '';
    return `const tell = self.postMessage.bind(self);
      self.postMessage = (message, ...rest) => {
        tell(message, ...rest);
        if (message.type === 'metrics') setTimeout(() => { throw new Error('planted fault'); });
      };`;
  };
}

const TINY = [
  'steps=2&batch=4&evaluation.every=2&evaluation.images=20&evaluation.testImages=20',
  'transfer=40',
].join('&');

const alert = (page: Page) => page.getByRole('alert');

/** The worker ends in the middle of the run; "Start again" is all that a person does, and the run goes to its end. */
async function endsAndStartsAgain(page: Page): Promise<void> {
  await button(page, 'Play').click();
  await expect.poll(() => alert(page).textContent(), LONG).toMatch(/planted fault/);
  await expect.poll(() => spoken(page), LONG).toMatch(/^Training stopped\./);
  await button(page, 'Start again').click();
  await done(page);
  expect(await alert(page).count()).toBe(0);
  expect(await page.getByRole('log', { name: 'Notices' }).textContent()).not.toMatch(
    /needs its files|not here/,
  );
}

test('a worker that ends: CIFAR files and an own teacher are given to the next by the page itself', async () => {
  const { page } = await open({
    path: `#preset=cifar10&${TINY}`,
    intruder: once(),
    provoked: [/planted fault/],
  });
  const field = region(page, 'Task').locator('input[type="file"]');
  await expect.poll(() => field.isEnabled(), LONG).toBe(true);
  const buffer = Buffer.from(cifarArchive('cifar10', { train: 40, test: 20 }));
  await field.setInputFiles({
    name: 'cifar-10-binary.tar.gz',
    mimeType: 'application/gzip',
    buffer,
  });
  const loaded = region(page, 'Task').getByText(/^180 training, 20 validation and 20 test images/);
  await loaded.waitFor(LONG);
  await button(page, 'Bring your own').click();
  await choose(teacherDialog(page), [path.resolve('public/teachers/cifar10.safetensors')]);
  await reported(teacherDialog(page), 'cifar10');
  await button(page, 'Use this teacher').click();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  await endsAndStartsAgain(page);
  await loaded.waitFor();
  expect(await region(page, 'Teacher').textContent()).toMatch(
    /cifar10.*from a file.*weights, frozen/,
  );
});

/** One of IDX's arrays of bytes: its kind, its sizes, its values. */
function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(0x800 + sizes.length);
  sizes.forEach((size, at) => head.writeUInt32BE(size, 4 + 4 * at));
  return Buffer.concat([head, values]);
}

test('a worker that ends: own images are read anew for the next', async () => {
  const { page } = await open({
    path: `#preset=own-images&${TINY}&teacher.steps=2`,
    intruder: once(),
    provoked: [/planted fault/],
  });
  await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
  await button(page, 'Own images').click();
  const random = Random.from(1, 'images');
  const count = 60;
  const pixels = Uint8Array.from({ length: count * 64 }, () => random.integer(256));
  const labels = Uint8Array.from({ length: count }, (_, at) => at % 3);
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: '', buffer });
  await dataDialog(page)
    .locator('input[type="file"]')
    .first()
    .setInputFiles([
      file('train-images-idx3-ubyte', idx([count, 8, 8], pixels)),
      file('train-labels-idx1-ubyte', idx([count], labels)),
    ]);
  await expect.poll(() => button(page, 'Use these images').isEnabled(), LONG).toBe(true);
  await button(page, 'Use these images').click();
  await region(page, 'Task')
    .getByText(/training, .* validation and .* test images, read on this computer/)
    .waitFor(LONG);
  await endsAndStartsAgain(page);
});
