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
const linkTo = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
const link = linkTo({
  preset: 'spiral',
  teacher: JSON.stringify(teacher(30)),
  companions: JSON.stringify([teacher(1_000_000)]),
  'students.1.method': JSON.stringify(meal),
});

test('a second teacher that takes for ever is stopped, and the page says what is kept', async () => {
  const { page } = await open({ path: `#${link}` });
  // Nothing is trained before somebody asks for a run.
  await page.getByText(/trained first.* Press Play/).waitFor(LONG);
  await button(page, 'Play').click();
  await button(page, 'Stop').waitFor(LONG);
  // What the other buttons say they do, they still do.
  await button(page, 'Reset').waitFor();
  await button(page, 'Step').waitFor();
  await expect
    .poll(() => page.getByText('Training teacher 2 of 2').count(), LONG)
    .toBeGreaterThan(0);
  await button(page, 'Stop').click();
  // Its million steps would take longer than any patience.
  await expect.poll(() => spoken(page), LONG).toMatch(/^Stopped\./);
  await page.getByText('Kept: teacher 1 of 2').waitFor();
  // The teachers can be taken away in the settings.
  await expect(region(page, 'Teacher').getByRole('list').textContent()).resolves.toContain(
    'Trained before the run',
  );
  await button(page, 'Advanced settings').click();
  await button(page, 'Remove teacher 2').click();
  await expect.poll(() => button(page, 'Remove teacher 2').count()).toBe(0);
});

test('a teacher that has learnt enough is taken as it stands, and the run begins', async () => {
  const settings = { preset: 'spiral', teacher: JSON.stringify(teacher(1_000_000)) };
  const { page } = await open({ path: `#${linkTo(settings)}` });
  await page.getByText(/trained first.* Press Play/).waitFor(LONG);
  await button(page, 'Step').click();
  await button(page, 'Enough').waitFor(LONG);
  await button(page, 'Enough').click();
  await expect.poll(() => page.getByText('asked at step 1').count(), LONG).toBeGreaterThan(0);
});
