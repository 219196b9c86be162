import AxeBuilder from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, LONG, overflow, reach, region } from './support/page';

test('students made smaller show their size, their accuracy against it, and where their weights gather', async () => {
  // Where there is least room; the desk has the same panel.
  const { page } = await open({ scheme: 'dark', viewport: { width: 390, height: 844 } });
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('smaller');
  await button(page, 'Play').click();
  await reach(page, 560);
  const panel = region(page, 'Compression');
  const bytes = async (name: string): Promise<number> => {
    const row = panel.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
    const text = await row.getByRole('cell').first().textContent();
    return Number((text ?? '').replaceAll(/[^\d]/g, ''));
  };
  await expect.poll(() => bytes('As it is'), LONG).toBeGreaterThan(4000);
  // From half of the run on, two bits stand for 32.
  await expect
    .poll(async () => (await bytes('2 bits')) / (await bytes('As it is')), LONG)
    .toBeLessThan(0.25);
  expect(await bytes('Half wide')).toBeLessThan(await bytes('As it is'));
  await panel.locator('svg').first().waitFor(LONG);
  await panel.getByLabel('Student').selectOption('2 bits');
  expect(
    Object.values(await overflow(page))
      .map(([wide]) => wide)
      .filter((wide) => wide > 0),
  ).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
