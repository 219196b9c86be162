import AxeBuilder from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';

test.each([
  [1280, 720],
  [390, 844],
])('axe finds nothing wrong with the page at %d x %d', async (width, height) => {
  const session = await open({ viewport: { width, height } });
  await session.page.getByRole('button', { name: 'Play' }).waitFor();
  const { passes, violations } = await new AxeBuilder({ page: session.page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  expect(found).toEqual([]);
  expect(passes.length).toBeGreaterThan(15);
});
