/** What the tests read from the page and do on it, by roles and names as people find them. */
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';

/** Longest wait for something that trains, on a machine that has other things to do. */
export const LONG = { timeout: 150_000, interval: 100 };

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

export function region(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

/** What the status says to a screen reader. */
export async function spoken(page: Page): Promise<string> {
  return (await page.getByRole('status', { name: 'Status' }).textContent()) ?? '';
}

function counter(page: Page): Locator {
  return page.getByRole('status', { name: 'Step counter' });
}

/** The step that the counter shows. */
export async function stepOf(page: Page): Promise<number> {
  return Number(await counter(page).getAttribute('data-step'));
}

/** How many steps the run has. */
export async function stepsOf(page: Page): Promise<number> {
  return Number(await counter(page).getAttribute('data-steps'));
}

/** Presses Play; a recorded run gives way to the live one. */
export async function play(page: Page): Promise<void> {
  await button(page, 'Play').click();
  await expect.poll(() => page.getByText('recorded', { exact: true }).count(), LONG).toBe(0);
}

/** Waits until the counter has reached a step. */
export async function reach(page: Page, step: number, patience = LONG): Promise<void> {
  await expect.poll(() => stepOf(page), patience).toBeGreaterThanOrEqual(step);
}

/** Lets a step take a second, so that a run goes on however fast the machine is. */
export async function goSlowly(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('slow');
}

/** A run of the spiral that ends long after any test, however fast the machine is. */
export const ENDLESS = '#preset=spiral&steps=100000';

/** Waits until the worker is ready and has prepared the run of the settings on the page. */
export async function prepared(page: Page): Promise<void> {
  // Before there is a run, the page is ready as well, but knows nothing of the teacher yet.
  await region(page, 'Results').getByRole('rowheader', { name: 'Teacher' }).waitFor(LONG);
  await expect.poll(() => spoken(page), LONG).toMatch(/^Ready\./);
}

/** Waits for the end of the run, its test included. */
export async function done(page: Page, patience = LONG): Promise<void> {
  await expect.poll(() => spoken(page), patience).toMatch(/^Done\./);
}

/** Every step that the counter shows from now on, in order. */
export async function watchSteps(page: Page): Promise<() => Promise<number[]>> {
  const steps = await counter(page).evaluateHandle((element) => {
    const seen: number[] = [];
    const look = () => seen.push(Number(element.getAttribute('data-step')));
    new MutationObserver(look).observe(element, { attributeFilter: ['data-step'] });
    return seen;
  });
  return () => steps.jsonValue();
}

/** A figure by the name of its student. */
type Column = Readonly<Record<string, readonly number[]>>;

/** Reads a curve off its table: the steps, and for each student its values at them. */
export async function curve(
  page: Page,
  tab: 'KL to teacher' | 'Accuracy' | 'Agreement' | 'Loss',
): Promise<{ steps: readonly number[]; values: Column }> {
  const curves = region(page, 'Curves');
  await curves.getByRole('tab', { name: tab }).click();
  await curves.getByRole('checkbox', { name: 'table' }).check();
  if (tab === 'Loss') await curves.getByRole('checkbox', { name: 'smooth' }).uncheck();
  await curves.getByRole('table').waitFor();
  // In one reading: a live run adds rows between two.
  const rows = await curves
    .getByRole('table')
    .locator('tr[data-step]')
    .evaluateAll((found) =>
      found.map((row) => ({
        step: Number(row.getAttribute('data-step')),
        cells: [...row.querySelectorAll('td[data-arm]')].map((cell) => ({
          arm: cell.getAttribute('data-arm') ?? '',
          value: Number(cell.getAttribute('data-value') || NaN),
        })),
      })),
    );
  const steps = rows.map(({ step }) => step);
  const values: Record<string, number[]> = {};
  for (const { arm, value } of rows.flatMap(({ cells }) => cells)) (values[arm] ??= []).push(value);
  return { steps, values };
}

/** The table of results: of which split it speaks, and each student's (and the teacher's) figures. */
export async function results(
  page: Page,
): Promise<{ split: string | null; figures: Record<string, Record<string, number>> }> {
  const table = region(page, 'Results').getByRole('table');
  const split = await table.getAttribute('data-split');
  const figures: Record<string, Record<string, number>> = {};
  for (const { arm, metric, value } of await cellsOf(table.locator('td[data-arm]')))
    (figures[arm] ??= {})[metric] = value;
  return { split, figures };
}

/** The answers to one question in the inspector: each network's distribution, the students' KL to the teacher's. */
export interface Answers {
  readonly teacher: readonly number[];
  readonly students: Column;
  readonly kl: Readonly<Record<string, number>>;
  /** Of the teacher, in bits, as shown. */
  readonly entropy: number;
}

export async function answers(page: Page): Promise<Answers> {
  const inspector = region(page, 'Inspector');
  await inspector.getByRole('table').waitFor();
  const students: Record<string, number[]> = {};
  const kl: Record<string, number> = {};
  for (const { arm, metric, value } of await cellsOf(inspector.locator('td[data-metric]'))) {
    if (metric === 'sample-kl') kl[arm] = value;
    else (students[arm] ??= []).push(value);
  }
  const { teacher = [], ...others } = students;
  const entropy = Number(await inspector.locator('[data-metric="entropy"]').textContent());
  return { teacher, students: others, kl, entropy };
}

async function cellsOf(
  cells: Locator,
): Promise<readonly { arm: string; metric: string; value: number }[]> {
  return cells.evaluateAll((elements) =>
    elements.map((element) => {
      const value = element.getAttribute('data-value') ?? '';
      return {
        arm: element.getAttribute('data-arm') ?? '',
        metric: element.getAttribute('data-metric') ?? '',
        value: value === '' ? NaN : Number(value),
      };
    }),
  );
}

/** By how many pixels the page, or a column of it, is larger than the place it has. */
export function overflow(page: Page): Promise<Record<string, readonly [number, number]>> {
  return page.evaluate(() => {
    const found: Record<string, readonly [number, number]> = {};
    const root = document.documentElement;
    for (const element of [root, ...document.querySelectorAll('main > *')]) {
      const over = [
        element.scrollWidth - element.clientWidth,
        element.scrollHeight - element.clientHeight,
      ] as const;
      if (over[0] > 0 || over[1] > 0) found[element.className || element.tagName] = over;
    }
    return found;
  });
}
