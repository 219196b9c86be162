import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, done, LONG, play, reach, region, results, spoken, stepOf } from './support/page';

const choose = (page: Page, preset: string) =>
  page.getByRole('combobox', { name: 'Preset' }).selectOption(preset);

/** Nothing of the spiral's run is on the page. */
async function expectNoSpiral(page: Page): Promise<void> {
  await expect.poll(() => region(page, 'Task').getByText('Spiral').count(), LONG).toBe(0);
  expect(await region(page, 'Stage').locator('[data-plane]').count()).toBe(0);
  expect(await page.getByText('arm 1').count()).toBe(0);
  // Bars, curves and the sentence: of the new run's recording, or empty.
  const recorded = await page.getByText('recorded', { exact: true }).count();
  if (recorded > 0) return;
  expect(await stepOf(page)).toBe(0);
  const cells = region(page, 'Results').locator('td[data-arm]:not([data-arm="teacher"])');
  const figures = await cells.evaluateAll((all) =>
    all.map((cell) => (cell as HTMLElement).dataset['value'] ?? ''),
  );
  expect(figures.filter((value) => value !== '')).toEqual([]);
  expect(await region(page, 'Curves').getByRole('img').count()).toBe(0);
}

test('another preset after a run: its own recording takes the place of everything', async () => {
  const { page } = await open({ path: '#preset=spiral&steps=60&evaluation.every=20' });
  await play(page);
  await done(page);
  await region(page, 'Stage').locator('canvas').last().click();
  await choose(page, 'shapes-b');
  await expectNoSpiral(page);
  // The recording of the shapes, marked in each of its places.
  for (const name of ['Stage', 'Results', 'Curves'])
    await region(page, name).getByText('recorded', { exact: true }).waitFor(LONG);
  await expect.poll(() => region(page, 'Stage').getByRole('toolbar').count(), LONG).toBe(1);
  expect(await region(page, 'Stage').locator('[data-plane]').count()).toBe(0);
});

test('another preset while a run goes on or rests: an empty state says what will appear', async () => {
  const { page } = await open({ path: '#preset=spiral&steps=100000' });
  await play(page);
  await reach(page, 10);
  await choose(page, 'cifar10');
  await expectNoSpiral(page);
  await page
    .getByRole('log', { name: 'Notices' })
    .getByText(/^The run of “Spiral, 90 points” was ended at step \d/)
    .waitFor(LONG);
  await region(page, 'Stage')
    .getByText(/CIFAR-10 is not part of this page\..* this place shows what the teacher is asked/)
    .waitFor(LONG);

  await choose(page, 'spiral');
  await play(page);
  await reach(page, 10);
  await button(page, 'Pause').click();
  await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
  await choose(page, 'shapes-c');
  await expectNoSpiral(page);
  await region(page, 'Stage')
    .getByRole('list', { name: 'Training images' })
    .or(region(page, 'Stage').getByText('The training examples appear here'))
    .first()
    .waitFor(LONG);
});

test('settings changed after a run: what is shown is marked as from before, until they are applied', async () => {
  const { page } = await open({ path: '#preset=spiral&steps=40&evaluation.every=20' });
  await play(page);
  await done(page);
  expect(await page.getByText('earlier settings', { exact: true }).count()).toBe(0);
  await region(page, 'Students').getByRole('checkbox').nth(1).uncheck();
  for (const name of ['Stage', 'Results', 'Curves'])
    await region(page, name).getByText('earlier settings', { exact: true }).waitFor(LONG);
  await button(page, 'Apply & restart').click();
  await expect
    .poll(() => page.getByText('earlier settings', { exact: true }).count(), LONG)
    .toBe(0);
  await done(page);
  expect(Object.keys((await results(page)).figures)).toEqual(['ERM', 'Extracurricular', 'teacher']);
});
