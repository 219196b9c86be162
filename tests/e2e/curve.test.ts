import { expect, test } from 'vitest';
import { open } from './support/browser';
import { LONG, play, reach, region, results } from './support/page';

const NAMES = ['ERM', 'KD, mean only', 'Extracurricular'];

test('the curve is drawn with its bands, and its figures are those of real values', async () => {
  const { page } = await open();
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('curve');
  // Its teacher is trained first, and not before Play.
  await region(page, 'Stage')
    .getByText(/trained first.* Press Play/)
    .waitFor(LONG);
  await play(page);
  await reach(page, 100);

  const stage = region(page, 'Stage');
  for (const name of ['Teacher', ...NAMES]) {
    await stage.getByRole('img', { name: `${name}’s mean and band` }).waitFor(LONG);
    // A band has an upper and a lower edge over the whole line, within the plot; the first evaluation gives all of them one.
    const band = stage.locator(`path[data-band="${name}"]`);
    await band.waitFor({ state: 'attached', ...LONG });
    const numbers = ((await band.getAttribute('d')) ?? '').match(/-?\d+(\.\d+)?/g) ?? [];
    expect(numbers.length).toBeGreaterThan(400);
    expect(numbers.map(Number).every(Number.isFinite)).toBe(true);
    const box = await band.boundingBox();
    expect(box?.height).toBeGreaterThan(5);
  }

  await expect
    .poll(async () => (await results(page)).figures['Extracurricular']?.['rmse'] ?? NaN, LONG)
    .toBeGreaterThan(0);
  const { figures } = await results(page);
  for (const name of [...NAMES, 'teacher']) {
    expect(figures[name]?.['rmse'], name).toBeLessThan(3);
    expect(figures[name]?.['within90'], name).toBeLessThanOrEqual(1);
  }
  await region(page, 'Results').getByRole('columnheader', { name: 'RMSE' }).waitFor();

  const inspector = region(page, 'Inspector');
  await inspector.getByRole('columnheader', { name: 'y', exact: true }).waitFor(LONG);
  const answered = await inspector.locator('td[data-metric="value"]').allTextContents();
  expect(answered.filter((text) => /± \d/.test(text)).length).toBeGreaterThanOrEqual(2);

  await region(page, 'Curves').getByRole('tab', { name: 'NLL' }).click();
  await region(page, 'Curves')
    .getByText(/negative log-likelihood/)
    .waitFor();
});
