import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { LONG, reach, region, spoken, play } from './support/page';

/** Axe finds nothing on the page as it stands. */
async function expectAccessible(page: Page, state: string): Promise<void> {
  const { passes, violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  expect(found, state).toEqual([]);
  expect(passes.length).toBeGreaterThan(15);
}

test.each([
  ['light', 1280, 720],
  ['dark', 1280, 720],
  ['light', 390, 844],
] as const)('axe finds nothing in any state: %s, %d x %d', async (scheme, width, height) => {
  const { page } = await open({ scheme, viewport: { width, height } });
  await expect.poll(() => spoken(page), LONG).toMatch(/recorded/);
  await expectAccessible(page, 'idle');

  await page.evaluate(() => {
    location.hash = 'preset=spiral&steps=-1';
  });
  await page
    .getByText(/Steps is -1,.* is used instead/)
    .first()
    .waitFor();
  await expectAccessible(page, 'bad link');

  await play(page);
  await reach(page, 5);
  await region(page, 'Inspector').getByRole('table').waitFor();
  await expectAccessible(page, 'running');

  await page.getByRole('combobox', { name: 'Preset' }).selectOption('cifar10');
  if (width < 700)
    await page.getByRole('button', { name: 'Task, teacher, students and settings' }).click();
  await region(page, 'Task')
    .locator('input[type="file"]')
    .setInputFiles({
      name: 'train.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('<!doctype html><title>Not found</title>'),
    });
  await region(page, 'Task').getByRole('alert').waitFor();
  await expectAccessible(page, 'bad file');
});
