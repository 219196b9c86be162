import type { Page } from 'playwright';
import { expect, inject, test } from 'vitest';
import { open } from './support/browser';
import { button, LONG, prepared, region } from './support/page';

/** Every setting of the dialog as it stands there: its label and its value. */
async function settings(page: Page): Promise<readonly string[]> {
  await button(page, 'Advanced settings').click();
  const dialog = page.getByRole('dialog', { name: 'Advanced settings' });
  const shown = await dialog.evaluate((element) =>
    [...element.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')].map(
      (control) => {
        const value =
          control instanceof HTMLInputElement && control.type === 'checkbox'
            ? String(control.checked)
            : control.value;
        return `${control.labels?.[0]?.firstChild?.textContent}: ${value}`;
      },
    ),
  );
  await dialog.getByRole('button', { name: 'Close' }).click();
  return shown;
}

/** What the sliders of the rail say. */
async function sliders(page: Page): Promise<readonly (string | null)[]> {
  const all = await page.getByRole('slider').all();
  return Promise.all(all.map((slider) => slider.getAttribute('aria-valuetext')));
}

/** The link that the page puts on the clipboard. */
async function share(page: Page): Promise<string> {
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => navigator.clipboard.writeText(''));
  // What the button says of it goes by itself, however slow the machine that would look for it.
  await page.getByRole('button', { name: /^(Share|Link copied)$/ }).click();
  await expect.poll(copied, LONG).not.toBe('');
  const link = await copied();
  expect(link.startsWith(inject('site'))).toBe(true);
  return link.slice(inject('site').length);
}

/** Changes settings of the spiral: in the rail, of a student, of the run. */
async function change(page: Page): Promise<void> {
  await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
  for (const [name, key] of [
    ['Temperature', 'ArrowRight'],
    ['Outside share', 'ArrowLeft'],
    ['Training points', 'PageDown'],
  ] as const)
    await page.getByRole('slider', { name }).press(key);
  await button(page, 'Advanced settings').click();
  const dialog = page.getByRole('dialog', { name: 'Advanced settings' });
  const student = dialog.getByRole('group', { name: 'Student 2' });
  await student.getByLabel('Name').fill('Größe & Maß = 100 %');
  await student.getByLabel('Questions').selectOption('noise');
  const run = dialog.getByRole('group', { name: 'Run' });
  await run.getByLabel('Steps', { exact: true }).fill('400');
  await run.getByLabel('Seed', { exact: true }).fill('7');
  await dialog.getByRole('button', { name: 'Close' }).click();
}

test('a shared link opens with the very same settings', async () => {
  const first = await open();
  await change(first.page);
  const link = await share(first.page);
  expect(link).toMatch(/^#preset=spiral&/);
  expect(new URL(first.page.url()).hash).toBe(link);
  const second = await open({ path: link });
  await prepared(second.page);
  expect(await settings(second.page)).toEqual(await settings(first.page));
  expect(await sliders(second.page)).toEqual(await sliders(first.page));
  expect(await share(second.page)).toBe(link);
  expect(await second.page.getByRole('log', { name: 'Notices' }).textContent()).not.toMatch(/link/);
});

test('a link leaves out the students that are switched off', async () => {
  const first = await open();
  await region(first.page, 'Students').getByRole('checkbox', { name: /^ERM/ }).uncheck();
  const second = await open({ path: await share(first.page) });
  await prepared(second.page);
  const students = region(second.page, 'Students').getByRole('checkbox');
  expect(await students.count()).toBe(2);
  for (const row of ['KD', 'Extracurricular'])
    await region(second.page, 'Results').getByRole('rowheader', { name: row }).waitFor();
});
