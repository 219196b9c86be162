import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { open } from './support/browser';
import {
  button,
  ENDLESS,
  LONG,
  overflow,
  reach,
  region,
  spoken,
  stepOf,
  stepsOf,
  play,
} from './support/page';

const PHONE = { width: 390, height: 844 };

test('at 1280 x 720 nothing has to be scrolled: recorded, running, at its end', async () => {
  const { page } = await open();
  await expect.poll(() => spoken(page), LONG).toMatch(/recorded/);
  await page.getByRole('log', { name: 'Notices' }).getByText('processor trains').waitFor();
  expect(await overflow(page)).toEqual({});
  await page.evaluate(() => {
    location.hash = 'preset=spiral&steps=120';
  });
  await expect.poll(() => stepsOf(page)).toBe(120);
  await play(page);
  await reach(page, 10);
  await region(page, 'Inspector').getByRole('table').waitFor();
  expect(await overflow(page)).toEqual({});
  await expect.poll(() => spoken(page), LONG).toMatch(/^Done\./);
  expect(await overflow(page)).toEqual({});
});

/** Visible targets of touch that are smaller than 24 x 24, but for links within a text. */
function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const targets = [
      ...document.querySelectorAll<HTMLElement>(
        'button, input, select, summary, a[href], [role="tab"], [role="button"]',
      ),
    ];
    return targets.flatMap((target) => {
      const label = target.closest('label');
      const touched = target.matches('input') && label ? label : target;
      const { width, height } = touched.getBoundingClientRect();
      if (width === 0 || target.closest('p a[href]') || !target.checkVisibility()) return [];
      const name = target.getAttribute('aria-label') ?? touched.textContent;
      return width < 24 || height < 24 ? [`${name}: ${width} x ${height}`] : [];
    });
  });
}

test('at 390 x 844 Play is in view, nothing is wider than the screen, every target is large enough', async () => {
  const { page } = await open({ viewport: PHONE });
  await expect.poll(() => spoken(page), LONG).toMatch(/recorded/);
  const place = await button(page, 'Play').boundingBox();
  expect(place?.y).toBeGreaterThanOrEqual(0);
  expect((place?.y ?? 0) + (place?.height ?? 0)).toBeLessThan(PHONE.height);
  const look = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
    expect(await smallTargets(page)).toEqual([]);
  };
  await look();
  await page.getByRole('button', { name: 'Task, teacher, students and settings' }).click();
  await region(page, 'Students').waitFor();
  await look();
  await play(page);
  await reach(page, 10);
  await region(page, 'Inspector').getByRole('table').waitFor();
  await look();
});

/** Name of the element that has the focus, and whether it shows it. */
function focused(page: Page): Promise<{ name: string; outlined: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const labels = (element as HTMLInputElement).labels;
    const name =
      element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
    return { name: name.trim(), outlined: getComputedStyle(element).outlineStyle !== 'none' };
  });
}

test('the main controls are reached with Tab in reading order, show the focus, and work from the keyboard', async () => {
  const { page } = await open();
  await expect.poll(() => button(page, 'Advanced settings').isEnabled(), LONG).toBe(true);
  const order: string[] = [];
  const wanted = [
    /^Preset/,
    /^Play/,
    /^Step/,
    /^Reset/,
    /^Speed/,
    /^WebAssembly/,
    /^Share/,
    /^Training points/,
    /^ERM/,
    /^KD/,
    /^Extracurricular/,
    /^Temperature/,
    /^Outside share/,
    /^Advanced settings/,
    /^KL to teacher/,
    /^table/,
  ];
  let next = 0;
  for (let presses = 0; presses < 60 && next < wanted.length; presses += 1) {
    await page.keyboard.press('Tab');
    const { name, outlined } = await focused(page);
    order.push(name);
    if (!wanted[next]?.test(name)) continue;
    expect(outlined, name).toBe(true);
    next += 1;
  }
  expect(next, order.join(', ')).toBe(wanted.length);
  await page.keyboard.press('Space');
  await region(page, 'Curves').getByRole('table').waitFor();

  await region(page, 'Curves').getByRole('tab', { name: 'KL to teacher' }).focus();
  await page.keyboard.press('ArrowRight');
  expect((await focused(page)).name).toBe('Accuracy');
  expect(await page.getByRole('tab', { name: 'Accuracy' }).getAttribute('aria-selected')).toBe(
    'true',
  );

  await button(page, 'Advanced settings').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Advanced settings' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  expect((await focused(page)).name).toBe('Advanced settings');

  // A run that still goes on when it is looked at.
  await page.evaluate((hash) => {
    location.hash = hash;
  }, ENDLESS);
  await expect.poll(() => stepsOf(page), LONG).toBe(100_000);
  await button(page, 'Play').focus();
  await page.keyboard.press('Enter');
  await reach(page, 5);
  expect((await focused(page)).name).toBe('Pause');
  await page.keyboard.press('Enter');
  await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
  const held = await stepOf(page);
  await page.keyboard.press('Tab');
  expect((await focused(page)).name).toBe('Step');
  await page.keyboard.press('Enter');
  await expect.poll(() => stepOf(page), LONG).toBe(held + 1);
});
