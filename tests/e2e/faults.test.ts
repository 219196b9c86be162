import AxeBuilder from '@axe-core/playwright';
import type { Locator } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, goSlowly, LONG, overflow, reach, region, spoken, stepOf } from './support/page';

/** A canvas's pixels, as one text. */
const pixelsOf = (canvas: Locator): Promise<string> =>
  canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());

test('finding faults is one choice away: images, truths and heat maps that move, figures, and the way back', async () => {
  const { page } = await open();
  const preset = page.getByRole('combobox', { name: 'Preset' });
  await preset.selectOption('destseg');
  const stage = region(page, 'Stage');
  await stage.getByRole('img', { name: 'Truth: scratch' }).waitFor(LONG);
  await expect.poll(() => spoken(page), LONG).toMatch(/^Ready\./);
  expect(await stage.getByRole('row').count()).toBe(7);
  expect(await stage.getByText('not yet').count()).toBe(24);
  expect(new URL(page.url()).hash).toBe('#preset=destseg');

  await button(page, 'Step').click();
  await reach(page, 1);
  const map = stage.getByRole('img', { name: 'Student only on blob', exact: true });
  await map.waitFor(LONG);
  const before = await pixelsOf(map);
  // The segmentation network learns in the second part.
  expect(await stage.getByRole('img', { name: 'DeSTSeg on blob', exact: true }).count()).toBe(0);
  const results = region(page, 'Results');
  const cell = (arm: string) =>
    results.locator(`td[data-arm="${arm}"][data-metric="imageAuc"]`).getAttribute('data-value');
  await expect.poll(async () => Number((await cell('Student only')) ?? 0), LONG).toBeGreaterThan(0);
  expect(await cell('DeSTSeg')).toBe('');
  const curves = region(page, 'Curves');
  await curves.getByRole('checkbox', { name: 'table' }).check();
  expect(await curves.locator('tr[data-step="1"] td[data-arm="Student only"]').count()).toBe(1);

  await goSlowly(page);
  await button(page, 'Play').click();
  await reach(page, 4);
  await button(page, 'Pause').click();
  await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
  const rested = await stepOf(page);
  await button(page, 'Step').click();
  await reach(page, rested + 1);
  await expect.poll(() => pixelsOf(map), LONG).not.toBe(before);

  // Smaller, to its end.
  await page.getByText('Settings', { exact: true }).click();
  const set = async (group: string, label: string, value: number) =>
    page.getByRole('group', { name: group }).getByLabel(label).fill(String(value));
  await set('Run', 'Normal images', 8);
  await set('Student', 'Steps', 2);
  await set('Segmentation', 'Steps', 1);
  await set('Judging', 'Validation images', 2);
  await set('Judging', 'Test images', 2);
  // The rail scrolls, nothing is too wide.
  expect(Object.values(await overflow(page)).map(([wide]) => wide)).toEqual([0]);
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('max');
  await button(page, 'Apply & restart').click();
  await page.getByText('Measured once, with the last weights, on 4 test images.').waitFor(LONG);
  const { passes, violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  expect(passes.length).toBeGreaterThan(15);

  await preset.selectOption('spiral');
  await page.getByText('recorded', { exact: true }).first().waitFor(LONG);
  await button(page, 'Play').click();
  await reach(page, 1);
  expect(await stage.getByRole('img', { name: 'Truth: scratch' }).count()).toBe(0);
});
