import { expect, test } from 'vitest';
import { open } from './support/browser';
import {
  answers,
  button,
  curve,
  done,
  ENDLESS,
  LONG,
  prepared,
  reach,
  region,
  results,
  spoken,
  stepOf,
  stepsOf,
  watchSteps,
  play,
} from './support/page';
import { expectCurve, expectDistributions } from './support/real';

const NAMES = ['ERM', 'KD', 'Extracurricular'];

test('without a GPU the first visit shows the spiral: a recorded run that moves and says that it is recorded', async () => {
  // Watched from the start: a slow machine first looks when the recording is over.
  const { page } = await open({
    before: (page) =>
      page.addInitScript(() => {
        const seen = new Set<string>();
        new MutationObserver(() => {
          const counter = document.querySelector('[aria-label="Step counter"]');
          seen.add(counter?.getAttribute('data-step') ?? '0');
          document.documentElement.dataset['seen'] = [...seen].join(' ');
        }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-step'] });
      }),
  });
  const steps = async () =>
    ((await page.locator('html').getAttribute('data-seen')) ?? '').split(' ').map(Number);
  await expect.poll(async () => (await steps()).length, LONG).toBeGreaterThan(2);
  expect(Math.max(...(await steps()))).toBeGreaterThan(0);
  for (const name of ['Stage', 'Results', 'Curves'])
    await region(page, name).getByText('recorded', { exact: true }).waitFor();
  await expect.poll(() => spoken(page), LONG).toMatch(/recorded/i);
  expect(await page.getByRole('combobox', { name: 'Preset' }).inputValue()).toBe('spiral');
  await region(page, 'Stage')
    .getByRole('img', { name: /^Teacher’s answers on the plane/ })
    .waitFor();
});

test('a software GPU is not taken by itself, and the page says what trains instead', async () => {
  const { page } = await open({ webgpu: true });
  const notices = page.getByRole('log', { name: 'Notices' });
  await notices.getByText(/processor trains \(WebAssembly\)/).waitFor();
  await notices.getByText('details').click();
  await notices.getByText(/only WebGPU adapter is software/).waitFor();
  await page.getByRole('button', { name: /^WebAssembly/ }).waitFor();
  expect(await page.getByRole('combobox', { name: 'Preset' }).inputValue()).toBe('spiral');
});

test('Play starts a live run at step 0, and nothing is called recorded any more', async () => {
  const { page } = await open();
  await expect.poll(() => stepOf(page), LONG).toBeGreaterThan(0);
  const seen = await watchSteps(page);
  await play(page);
  await reach(page, 100);
  const steps = await seen();
  const live = steps.slice(steps.lastIndexOf(0));
  expect(live[0]).toBe(0);
  expect(live).toEqual(live.toSorted((a, b) => a - b));
  expectCurve(await curve(page, 'Loss'), NAMES);
  expectDistributions(await answers(page), NAMES);
});

test('Pause holds the run, Step makes exactly one step, Reset goes back to step 0', async () => {
  const { page } = await open({ path: ENDLESS });
  await play(page);
  await reach(page, 20);
  expect(await button(page, 'Step').isDisabled()).toBe(true);
  await button(page, 'Pause').click();
  await expect.poll(() => spoken(page), LONG).toMatch(/^Paused\./);
  const held = await stepOf(page);
  for (const more of [1, 2]) {
    await button(page, 'Step').click();
    await expect.poll(() => stepOf(page), LONG).toBe(held + more);
  }
  expect(await button(page, 'Play').isVisible()).toBe(true);
  await button(page, 'Reset').click();
  await expect.poll(() => stepOf(page), LONG).toBe(0);
  await prepared(page);
  expect((await results(page)).figures['KD']?.['kl']).toBeNaN();
  await button(page, 'Step').click();
  await expect.poll(() => stepOf(page), LONG).toBe(1);
  await play(page);
  await reach(page, 20);
});

test('the status speaks of the state at once and of the steps now and then', async () => {
  const { page } = await open({ path: ENDLESS });
  await play(page);
  await expect.poll(() => spoken(page), LONG).toMatch(/^Training\. Step [1-9]\d* of 100,000/);
});

test('settings changed during a run wait for "Apply & restart", which begins again with them', async () => {
  const { page } = await open({ path: ENDLESS });
  await play(page);
  await reach(page, 10);
  expect(await button(page, 'Apply & restart').count()).toBe(0);
  await region(page, 'Students').getByRole('checkbox').nth(1).uncheck();
  await button(page, 'Apply & restart').waitFor();
  const before = await stepOf(page);
  await reach(page, before + 10);
  const seen = await watchSteps(page);
  await button(page, 'Apply & restart').click();
  await expect.poll(async () => (await seen()).includes(0), LONG).toBe(true);
  expect(await button(page, 'Apply & restart').count()).toBe(0);
  await reach(page, 10);
  expect(page.url()).toMatch(/#preset=spiral&.*students=/);
});

test('temperature and share are taken over while the run goes on, and the page says from which step', async () => {
  const { page } = await open({ path: ENDLESS });
  await play(page);
  await reach(page, 10);
  await page.getByRole('slider', { name: 'Temperature' }).press('ArrowRight');
  const notices = page.getByRole('log', { name: 'Notices' });
  await notices.getByText(/^From step \d+ on: temperature 1\.5\./).waitFor();
  await page.getByRole('slider', { name: 'Outside share' }).press('ArrowLeft');
  await notices.getByText(/^From step \d+ on: share 0\.45\./).waitFor();
  const before = await stepOf(page);
  expect(before).toBeGreaterThan(10);
  await reach(page, before + 10);
  expect(await button(page, 'Apply & restart').count()).toBe(0);
  expect(page.url()).toMatch(/temperature=1\.5/);
});

test('a run to its end shows its test figures, and KL to the teacher falls on the way', async () => {
  const { page } = await open({ path: '#preset=spiral&steps=300' });
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('max');
  await play(page);
  await expect.poll(() => stepsOf(page), LONG).toBe(300);
  await done(page);
  expect(await stepOf(page)).toBe(300);
  const { split, figures } = await results(page);
  expect(split).toBe('test');
  expect(figures['teacher']?.['accuracy']).toBeGreaterThan(0.9);
  const kl = await curve(page, 'KL to teacher');
  expectCurve(kl, NAMES);
  for (const name of NAMES) {
    const line = kl.values[name] ?? [];
    expect(line.at(-1)).toBeLessThan(line[0] ?? 0);
    expect(figures[name]?.['kl']).toBeGreaterThan(0);
    expect(figures[name]?.['accuracy']).toBeGreaterThan(0.34);
  }
});
