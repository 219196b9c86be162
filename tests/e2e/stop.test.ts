import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, LONG, region, spoken } from './support/page';

const optimizer = { kind: 'adam', rate: 0.003 };
const teacher = (steps: number) => ({
  source: 'train',
  model: { id: 'mlp', params: { hidden: [8] } },
  steps,
  batch: 30,
  optimizer,
});
const meal = { id: 'meal-v2', params: {} };
const link = Object.entries({
  preset: 'spiral',
  teacher: JSON.stringify(teacher(30)),
  companions: JSON.stringify([teacher(1_000_000)]),
  'students.1.method': JSON.stringify(meal),
})
  .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
  .join('&');

test('a second teacher that takes for ever is stopped, and the page says what is kept', async () => {
  const { page } = await open({ path: `#${link}` });
  await button(page, 'Stop').waitFor(LONG);
  await expect
    .poll(() => page.getByText('Training teacher 2 of 2').count(), LONG)
    .toBeGreaterThan(0);
  const asked = performance.now();
  await button(page, 'Stop').click();
  await expect.poll(() => spoken(page), { timeout: 5000, interval: 50 }).toMatch(/^Stopped\./);
  expect(performance.now() - asked).toBeLessThan(3000);
  await page.getByText('Kept: teacher 1 of 2').waitFor();
  // The button is Reset again, and the teachers can be taken away in the settings.
  await button(page, 'Reset').waitFor();
  await expect(region(page, 'Teacher').getByRole('list').textContent()).resolves.toContain(
    'Trained before the run',
  );
  await button(page, 'Advanced settings').click();
  await button(page, 'Remove teacher 2').click();
  await expect.poll(() => button(page, 'Remove teacher 2').count()).toBe(0);
});
