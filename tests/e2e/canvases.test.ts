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
