/** Files that a person brings: given to the page as a hand does, and what the page then says. */
import path from 'node:path';
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import { button, done, LONG, region, stepsOf, watchSteps } from './page';

/** For runs of a few steps. */
const SOON = { timeout: 60_000, interval: 100 };

export const DATA = process.env['DATA_DIR'] ?? '';

/** Paths of a real teacher's files. */
export function teacherFiles(folder: string, ...names: readonly string[]): readonly string[] {
  return names.map((name) => path.join(DATA, 'teachers', folder, name));
}

export function teacherDialog(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Bring your own teacher' });
}

export function dataDialog(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Your own images' });
}

/** Chooses files in the open dialog. */
export async function choose(dialog: Locator, files: readonly string[]): Promise<void> {
  await dialog
    .locator('input[type="file"]')
    .first()
    .setInputFiles([...files]);
}

/** Drops files or folders of the disk in the middle of the page, as a hand with a mouse does. */
export async function drop(page: Page, files: readonly string[]): Promise<void> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  await devtools.detach();
}

/** Waits for the report on a teacher; gives the share of labelled examples that it gets right. */
export async function reported(dialog: Locator, title: string): Promise<number> {
  await dialog.getByText(title, { exact: true }).waitFor(LONG);
  await dialog
    .getByText(/layers, .* weights, read in .* s on this computer; nothing was sent/)
    .waitFor();
  const quality = dialog.getByRole('region', { name: 'Quality' });
  await expect.poll(() => quality.count(), LONG).toBe(1);
  await expect.poll(() => inside(dialog, 'Use this teacher').isEnabled(), LONG).toBe(true);
  const text = (await quality.textContent()) ?? '';
  return Number(/([\d.]+)\s% right/.exec(text)?.[1]) / 100;
}

/** A button of the dialog. */
function inside(dialog: Locator, name: string): Locator {
  return dialog.getByRole('button', { name, exact: true });
}

/** Takes the teacher of the open dialog, and runs to the end. */
export async function useAndRun(page: Page, title: string): Promise<void> {
  await inside(teacherDialog(page), 'Use this teacher').click();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  await region(page, 'Teacher').getByText(title, { exact: true }).waitFor();
  const steps = await watchSteps(page);
  await button(page, 'Play').click();
  // A tiny run is over before it is looked at: its steps say that it was.
  await expect.poll(async () => (await steps()).at(-1), SOON).toBe(await stepsOf(page));
  await done(page);
  const figure = region(page, 'Results').locator('td[data-arm="teacher"][data-metric="accuracy"]');
  await expect.poll(() => figure.getAttribute('data-value'), LONG).not.toBe('');
}

/**
 * Cancels as soon as the dialog says what fits, in the page itself: a fast machine would be through before a test saw it.
 *
 * @returns resolves when the progress is gone
 */
export function cancelOnSight(dialog: Locator, what: RegExp): Promise<void> {
  return dialog.evaluate(async (element, source) => {
    const fits = new RegExp(source);
    const button = () =>
      [...element.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Cancel');
    const seen = () =>
      [...element.querySelectorAll('*')].some((part) => fits.test(part.textContent ?? ''));
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!button() || !seen()) return false;
        resolve();
        return true;
      };
      if (look()) return;
      const observer = new MutationObserver(() => {
        if (look()) observer.disconnect();
      });
      observer.observe(element, { subtree: true, childList: true, characterData: true });
    });
    button()?.click();
    while (button()) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, what.source);
}
