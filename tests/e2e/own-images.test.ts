import AxeBuilder from '@axe-core/playwright';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { choose, DATA, dataDialog, drop, reported, teacherDialog } from './support/own';
import { button, done, LONG, prepared, region } from './support/page';

const IMAGES = path.join(DATA, 'cifar10', 'image_folder');

test.runIf(existsSync(IMAGES))(
  'a folder of images: looked at, kept, used, learnt from',
  async () => {
    const settings = 'preset=own-images&steps=2&batch=4&evaluation.every=2&teacher.steps=2';
    const { page } = await open({ path: `#${settings}` });
    await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
    await drop(page, [IMAGES]);
    const dialog = dataDialog(page);
    const classes = dialog.getByRole('region', { name: 'Classes' });
    await classes.waitFor(LONG);
    expect(await classes.getByRole('row').count()).toBe(11);
    await dialog.getByText(/60 images of 10 classes, 32 × 32, in colour/).waitFor();

    // Other choices are shown at once.
    await dialog.getByLabel('Side (pixels)').fill('16');
    await dialog.getByText(/60 images of 10 classes, 16 × 16, in colour/).waitFor();

    await button(page, 'Keep on this computer').click();
    const kept = dialog.getByRole('region', { name: 'Kept on this computer' });
    await kept.getByText(/60 images of 10 classes/).waitFor();
    await kept.getByRole('button', { name: /^Open/ }).click();
    await expect.poll(() => button(page, 'Use these images').isEnabled(), LONG).toBe(true);
    await kept.getByRole('button', { name: /^Delete/ }).click();
    await expect.poll(() => kept.count()).toBe(0);

    await button(page, 'Use these images').click();
    await region(page, 'Task')
      .getByText(/^40 training, 10 validation and 10 test images/)
      .waitFor();
    await button(page, 'Play').click();
    await done(page);
  },
);

/** Axe finds nothing, and nothing is wider than the dialog. */
async function expectClean(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  expect(found, state).toEqual([]);
  const over = await page
    .locator('dialog[open]')
    .evaluate((dialog) =>
      [dialog, ...dialog.querySelectorAll('div, section, fieldset')].flatMap((element) =>
        element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
          ? [element.className]
          : [],
      ),
    );
  expect(over, state).toEqual([]);
}

test.each([
  ['light', 1280, 720],
  ['dark', 390, 844],
] as const)('both dialogs: %s, %d x %d', async (scheme, width, height) => {
  const { page } = await open({
    scheme,
    viewport: { width, height },
    path: '#preset=shapes-b&seed=2',
  });
  await prepared(page);
  if (width < 700)
    await page.getByRole('button', { name: 'Task, teacher, students and settings' }).click();
  await button(page, 'Own images').click();
  await dataDialog(page).waitFor();
  await expectClean(page, 'no images yet');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);

  // The keyboard opens it, closing gives the focus back.
  await button(page, 'Bring your own').focus();
  await page.keyboard.press('Enter');
  const dialog = teacherDialog(page);
  await dialog.waitFor();
  await expectClean(page, 'no teacher yet');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await expect.poll(focused).toBe('Bring your own');

  await page.keyboard.press('Enter');
  await choose(dialog, [path.resolve('README.md')]);
  await dialog.getByRole('alert').waitFor(LONG);
  await expectClean(page, 'refused');
  await choose(dialog, [path.resolve('public/teachers/shapes-b.safetensors')]);
  await reported(dialog, 'shapes-b');
  for (const summary of await dialog.locator('summary').all()) await summary.click();
  await expectClean(page, 'report');
});
