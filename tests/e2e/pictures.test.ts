import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import { answers, curve, done, LONG, play, region } from './support/page';

const NAMES = ['ERM', 'KD', 'Extracurricular'];

/** Gathers, from now on, the steps of the pictures of the plane, one list for each network. */
async function watchPictures(page: Page): Promise<() => Promise<readonly (readonly number[])[]>> {
  const seen = await page.evaluateHandle(() => {
    const lists: number[][] = [];
    const look = () =>
      document.querySelectorAll<HTMLElement>('canvas[data-step]').forEach((canvas, network) => {
        const step = Number(canvas.dataset['step']);
        const list = (lists[network] ??= []);
        if (list.at(-1) !== step) list.push(step);
      });
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ['data-step'],
    });
    look();
    return lists;
  });
  return () => seen.jsonValue();
}

/** Every evaluation has had its pictures, and at the end everything is of the last weights. */
async function expectKeptUp(
  page: Page,
  pictures: readonly (readonly number[])[],
  steps: number,
): Promise<void> {
  const evaluated = (await curve(page, 'KL to teacher')).steps;
  expect(evaluated.at(-1)).toBe(steps);
  expect(pictures).toHaveLength(1 + NAMES.length);
  for (const list of pictures) {
    expect(list).toEqual(expect.arrayContaining([...evaluated]));
    expect(list.at(-1)).toBe(steps);
  }
  await region(page, 'Inspector').getByRole('table').waitFor(LONG);
  const asked = await region(page, 'Inspector')
    .getByText(/asked at step/)
    .textContent();
  const answered = region(page, 'Inspector').locator('[data-metric="answered"]');
  const last = (await answered.count()) > 0 ? await answered.textContent() : asked;
  expect(last).toContain(String(steps));
  // The finest picture is the one that stays.
  expect(
    await page
      .locator('canvas[data-cells]')
      .evaluateAll((all) => all.map((canvas) => (canvas as HTMLElement).dataset['cells'])),
  ).toEqual(['64', '64', '64', '64']);
}

test.each([
  ['as fast as it is', 1],
  ['slowed to a tenth', 10],
])('pictures and answers keep up with the figures on a processor %s', async (_, rate) => {
  const { page } = await open({ path: '#preset=spiral&steps=200&evaluation.every=20' });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate });
  const pictures = await watchPictures(page);
  await play(page);
  await done(page);
  await expectKeptUp(page, await pictures(), 200);
  expect(Object.keys((await answers(page)).students)).toEqual(NAMES);
});

/** A software GPU compiles for a minute before its first picture. */
const VERY_LONG = { timeout: 420_000, interval: 500 };

test(
  'pictures and answers keep up on WebGPU, however dear the first ones are',
  { timeout: 600_000 },
  async () => {
    const path = '?backend=webgpu#preset=spiral&steps=60&evaluation.every=10&evaluation.images=100';
    const { page } = await open({ path: `${path}&evaluation.testImages=100`, webgpu: true });
    const pictures = await watchPictures(page);
    await play(page);
    await done(page, VERY_LONG);
    await expectKeptUp(page, await pictures(), 60);
  },
);
