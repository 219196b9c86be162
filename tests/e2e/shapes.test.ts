import type { Locator, Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import {
  answers,
  button,
  curve,
  goSlowly,
  LONG,
  overflow,
  prepared,
  region,
  spoken,
  stepOf,
  play,
} from './support/page';
import { expectCurve, expectDistributions } from './support/real';

const NAMES = ['ERM', 'KD', 'Extracurricular'];

const tiles = (page: Page) =>
  page.getByRole('toolbar', { name: 'Sampled questions, newest first' }).getByRole('button');

/** A canvas's pixels, one number each. */
function pixelsOf(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const image = (element as HTMLCanvasElement)
      .getContext('2d')
      ?.getImageData(0, 0, width, height);
    return image ? [...new Uint32Array(image.data.buffer)] : [];
  });
}

/** What a tile says of its question. */
async function told(tile: Locator): Promise<{ words: string; bits: number }> {
  const name = (await tile.getAttribute('aria-label')) ?? '';
  const [, words = '', bits = ''] =
    /^CutMix: (.+), teacher’s entropy (\d\.\d) bits$/.exec(name) ?? [];
  return { words, bits: Number(bits) };
}

test('the shapes are one choice away: questions with both parents, borders by entropy, answers that move', async () => {
  const { page } = await open();
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('shapes-b');
  // Every step puts a question there.
  await goSlowly(page);
  await play(page);
  await expect.poll(() => tiles(page).count(), LONG).toBeGreaterThan(4);
  await button(page, 'Pause').click();
  await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
  const inspector = region(page, 'Inspector');

  const seen = new Set<string>();
  for (const tile of (await tiles(page).all()).slice(0, 5)) {
    await tile.hover();
    const { words, bits } = await told(tile);
    expect(words).toMatch(/^\d+\s% [\w -]+ \+ \d+\s% [\w -]+$/);
    await inspector.getByText(`CutMix: ${words}`).waitFor();
    const picture = await pixelsOf(inspector.getByRole('img', { name: `The question: ${words}` }));
    expect(picture).toEqual(await pixelsOf(tile.locator('canvas')));
    seen.add(picture.join());
    await expectParents(inspector, picture);

    const shown = await answers(page);
    expectDistributions(shown, NAMES);
    expect(shown.entropy).toBeCloseTo(bits, 0);
    const border = await tile.evaluate((element) =>
      parseFloat(getComputedStyle(element).borderTopWidth),
    );
    expect(Math.abs(border - (2 + (4 * bits) / Math.log2(10)))).toBeLessThan(1.2);
  }
  expect(seen.size).toBe(5);
  expectCurve(await curve(page, 'Loss'), NAMES);
});

/** Every pixel of the question is one of its parents' pixels at that place, in the shares that are shown. */
async function expectParents(inspector: Locator, picture: readonly number[]): Promise<void> {
  const [first, second] = await inspector.getByRole('figure').all();
  if (!first || !second) throw new Error('a CutMix question has two parents');
  const a = await pixelsOf(first.locator('canvas'));
  const b = await pixelsOf(second.locator('canvas'));
  expect(picture.length).toBe(32 * 32);
  expect(picture.filter((pixel, at) => pixel !== a[at] && pixel !== b[at])).toEqual([]);
  const share = Number.parseInt((await first.textContent()) ?? '', 10) / 100;
  const fromFirst = picture.filter((pixel, at) => pixel === a[at]).length / picture.length;
  const fromSecond = picture.filter((pixel, at) => pixel === b[at]).length / picture.length;
  // Where the parents agree, a pixel counts for both.
  expect(fromFirst).toBeGreaterThan(share - 0.01);
  expect(fromSecond).toBeGreaterThan(1 - share - 0.01);
}

test('questions are reached, walked and pinned with the keyboard', async () => {
  const { page } = await open({ path: '#preset=shapes-b&seed=2' });
  await prepared(page);
  const examples = page.getByRole('list', { name: 'Training images' });
  await expect.poll(() => examples.getByRole('listitem').count()).toBeGreaterThanOrEqual(16);
  for (let step = 1; step <= 6; step += 1) {
    await button(page, 'Step').click();
    await expect.poll(() => stepOf(page), LONG).toBe(step);
  }
  await expect.poll(() => tiles(page).count(), LONG).toBe(6);
  const inspector = region(page, 'Inspector');
  await tiles(page).first().focus();
  for (const at of [1, 2]) {
    await page.keyboard.press('ArrowRight');
    const tile = tiles(page).nth(at);
    expect(await tile.evaluate((element) => element === document.activeElement)).toBe(true);
    await inspector.getByText(`CutMix: ${(await told(tile)).words}`).waitFor();
  }
  expect(await overflow(page)).toEqual({});
  const { words } = await told(tiles(page).nth(2));
  await page.keyboard.press('Enter');
  expect(await tiles(page).nth(2).getAttribute('aria-pressed')).toBe('true');
  await inspector.getByRole('button', { name: 'unpin' }).focus();
  await inspector.getByText(`CutMix: ${words}`).waitFor();
});
