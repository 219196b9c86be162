import { expect, test } from 'vitest';
import { open } from './support/browser';
import { button, done, LONG, prepared } from './support/page';

/**
 * Script: does to every canvas what happens when the process that draws for the browser has crashed: it is empty, and an
 * event says so. Counts its painted pixels before, then, and after; nothing else comes between.
 */
const TAKE_AWAY = (found: Element[]) =>
  found.map((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error('this is no canvas');
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this canvas cannot be drawn on');
    const painted = () => {
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 === 3 && value > 0).length;
    };
    const before = painted();
    context.reset();
    const away = painted();
    canvas.dispatchEvent(new Event('contextrestored'));
    return { before, away, after: painted() };
  });

test.each(['spiral', 'shapes-b'])(
  'pictures that the browser took away are drawn again: %s',
  async (preset) => {
    const settings = 'steps=3&batch=8&evaluation.images=40&evaluation.testImages=40';
    const { page } = await open({ path: `#preset=${preset}&${settings}` });
    await prepared(page);
    await button(page, 'Play').click();
    await done(page);
    const canvases = page.locator('canvas');
    await expect.poll(() => canvases.count(), LONG).toBeGreaterThan(1);
    const pictures = await canvases.evaluateAll(TAKE_AWAY);
    expect(pictures.filter(({ before }) => before > 0).length).toBeGreaterThan(1);
    expect(pictures.map(({ away }) => away)).toEqual(pictures.map(() => 0));
    expect(pictures.map(({ after }) => after)).toEqual(pictures.map(({ before }) => before));
  },
);

test('a graphics process that crashes after the run leaves its pictures on the page', async () => {
  const settings = 'preset=spiral&steps=3&batch=8&evaluation.images=40&evaluation.testImages=40';
  const { page } = await open({ path: `#${settings}` });
  await prepared(page);
  await button(page, 'Play').click();
  await done(page);
  const planes = page.locator('canvas[data-step="3"]');
  await expect.poll(() => planes.count(), LONG).toBeGreaterThan(1);
  const devtools = await page.context().browser()?.newBrowserCDPSession();
  const drawer = async () =>
    (await devtools?.send('SystemInfo.getProcessInfo'))?.processInfo.find(
      ({ type }) => type === 'GPU',
    )?.id;
  const first = await drawer();
  expect(first).toBeDefined();
  // The command has no answer where its process dies first.
  await devtools?.send('Browser.crashGpuProcess').catch(() => undefined);
  await expect.poll(async () => (await drawer()) ?? first, LONG).not.toBe(first);
  // Nothing is read off a canvas before: the browser keeps those that are read where no crash can take them away.
  const blank = () =>
    planes.evaluateAll(
      (found) =>
        found.filter(
          (canvas) =>
            canvas instanceof HTMLCanvasElement &&
            canvas
              .getContext('2d')
              ?.getImageData(0, 0, canvas.width, canvas.height)
              .data.every((value) => value === 0),
        ).length,
    );
  await expect.poll(blank, LONG).toBe(0);
});
