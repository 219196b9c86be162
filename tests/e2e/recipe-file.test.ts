import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Recipe } from '../../src/recipe/recipe';
import { open } from './support/browser';
import { button, LONG, prepared } from './support/page';

test('settings are saved as a recipe file and opened again; a bad file changes nothing', async () => {
  const { page } = await open({ path: '#preset=spiral&seed=7' });
  await prepared(page);
  await button(page, 'Advanced settings').click();
  const dialog = page.getByRole('dialog', { name: 'Advanced settings' });
  const seed = dialog.getByRole('group', { name: 'Run' }).getByLabel('Seed', { exact: true });
  await expect.poll(() => seed.inputValue(), LONG).toBe('7');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save recipe' }).click(),
  ]);
  const recipe = JSON.parse(readFileSync(await download.path(), 'utf8')) as Recipe;
  expect(recipe).toMatchObject({ version: 1, seed: 7, task: { id: 'spiral' } });

  const give = (content: unknown) =>
    dialog.getByLabel('Recipe file').setInputFiles({
      name: 'recipe.json',
      mimeType: 'application/json',
      buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    });
  await give({ ...recipe, seed: 9 });
  await expect.poll(() => seed.inputValue(), LONG).toBe('9');
  expect(new URL(page.url()).hash).toContain('seed=9');

  await give({ ...recipe, seed: 9, steps: -3 });
  await page.getByText('This recipe file cannot be used').waitFor();
  expect(await page.getByText(/Steps is -3, allowed is a whole number/).count()).toBe(1);
  await give('{"version": 1,');
  await expect.poll(() => page.getByText('It is not JSON').count(), LONG).toBe(1);
  await give(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  await expect.poll(() => page.getByText('nests lists and tables').count(), LONG).toBe(1);
  expect(await seed.inputValue()).toBe('9');
});
