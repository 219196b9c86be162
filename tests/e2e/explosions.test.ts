import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, done, LONG, play, region, results, spoken, stepOf } from './support/page';

const sentence = async (page: Page) =>
  (await page.locator('[data-metric="outcome"]').textContent()) ?? '';

const QUICK = 'evaluation.every=10&evaluation.images=200&evaluation.testImages=500';

test.each([
  ['spiral', 'optimizer.rate=1000&optimizer.schedule=%22constant%22', '2500'],
  ['spiral', 'optimizer.rate=1000', '2500'],
  ['curve', 'optimizer.rate=1000&teacher.steps=100', '1500'],
])(
  'training of the %s with %s comes apart: it stops, names nobody, and a tenth of the rate is one click away',
  async (preset, settings, steps) => {
    const { page } = await open({ path: `#preset=${preset}&${QUICK}&${settings}` });
    await play(page);
    const alert = page.getByRole('alert');
    await expect
      .poll(() => alert.textContent(), LONG)
      .toMatch(/^The loss of .* (ran away|is no finite number any more)/);
    expect(await stepOf(page)).toBeLessThan(Number(steps));
    expect(await spoken(page)).toMatch(/^The run failed\./);
    // The figures are those of good weights, and said to be.
    const { split, figures } = await results(page);
    expect(split).toBe('validation');
    for (const of of Object.values(figures))
      for (const value of Object.values(of)) expect(Math.abs(value)).toBeLessThan(1000);
    expect(await region(page, 'Results').textContent()).toMatch(/validation, step \d+/);
    expect(await sentence(page)).toMatch(
      /^Nobody is ahead: training came apart at step \d+\. .*by the validation split\.$/,
    );
    expect(await button(page, 'Retry').count()).toBe(0);
    // The settings follow, and the run with them begins.
    await button(page, 'Try again at a tenth of the rate').click();
    await expect
      .poll(() => page.evaluate(() => location.hash), LONG)
      .toContain('optimizer.rate=100');
    await expect.poll(() => stepOf(page), LONG).toBeGreaterThan(0);
  },
);

test('a run that ends says what its box shows, of one run, and planes and table show one value', async () => {
  const { page } = await open({ path: `#preset=spiral&steps=400&${QUICK}` });
  await play(page);
  await done(page);
  expect(await sentence(page)).toMatch(
    /points of accuracy (apart )?on these 500 test examples, in one run[;:]/,
  );
  expect(await page.locator('main').textContent()).not.toMatch(/beyond noise/);
  const { split, figures } = await results(page);
  expect(split).toBe('test');
  for (const [name, { accuracy }] of Object.entries(figures)) {
    const shown = `${((accuracy ?? NaN) * 100).toFixed(1)}\u00a0%`;
    const who = name === 'teacher' ? 'Teacher' : name;
    const plane = page.getByRole('img', {
      name: `${who}’s answers on the plane, ${shown} right on the test split`,
    });
    expect(await plane.count(), who).toBe(1);
  }
});

test('students that have not learnt are not compared', async () => {
  const { page } = await open({ path: `#preset=spiral&steps=2&${QUICK}&optimizer.rate=1e-6` });
  await play(page);
  await done(page);
  expect(await sentence(page)).toMatch(
    /^No comparison: .* does no better than one answer to everything \(/,
  );
});
