import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, done, LONG, prepared, region } from './support/page';

test('WebGL, asked for by name, passes the self-test and trains a few steps', async () => {
  const sizes = 'steps=4&evaluation.every=2&evaluation.images=40&evaluation.testImages=40';
  const session = await open({ path: `?backend=webgl#preset=spiral&${sizes}` });
  const { page } = session;
  await prepared(page);
  await expect.poll(() => page.getByText(/WebGL/).count(), LONG).toBeGreaterThan(0);
  await button(page, 'Play').click();
  await done(page);
  const kl = await region(page, 'Results')
    .locator('[data-metric="kl"][data-value]')
    .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-value'))));
  expect(kl.length).toBeGreaterThanOrEqual(3);
  for (const value of kl) expect(value).toBeGreaterThanOrEqual(0);
  expect(Math.max(...kl)).toBeGreaterThan(0);
});
