import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cifarFiles } from '../fixtures/cifar';
import { open } from './support/browser';
import {
  answers,
  button,
  curve,
  done,
  LONG,
  reach,
  region,
  results,
  stepOf,
  play,
} from './support/page';
import { expectCurve, expectDistributions } from './support/real';

const NAMES = ['ERM', 'KD', 'Extracurricular'];

/** CIFAR-10 in its binary form: the real files where they are, else files of the same format with generated pictures. */
let files: readonly string[] = [];
let made: string | null = null;

beforeAll(async () => {
  const real = path.join(process.env['DATA_DIR'] ?? '', 'cifar10');
  files = ['train.bin', 'test.bin'].map((name) => path.join(real, name));
  if (files.every((file) => existsSync(file))) return;
  const folder = await mkdtemp(path.join(tmpdir(), 'cifar10-'));
  made = folder;
  const entries = cifarFiles('cifar10', { train: 500, test: 200 });
  await Promise.all(entries.map(({ name, bytes }) => writeFile(path.join(folder, name), bytes)));
  files = entries.map(({ name }) => path.join(folder, name));
});

afterAll(async () => {
  if (made !== null) await rm(made, { recursive: true });
});

/** Drops files of the disk on the page, as a hand with a mouse does. */
async function drop(page: Page): Promise<void> {
  const input = region(page, 'Task').locator('input[type="file"]');
  await expect.poll(() => input.isEnabled(), LONG).toBe(true);
  const zone = await region(page, 'Task').getByText('Choose files').boundingBox();
  if (!zone) throw new Error('the drop zone is not on the page');
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: zone.x + 5, y: zone.y + 5, data });
  await region(page, 'Task')
    .getByText(/^[\d,]+ training, [\d,]+ validation and [\d,]+ test images, read on this computer/)
    .waitFor({ timeout: LONG.timeout });
}

/** The answers to one question are distributions; curves of all students go on over the whole run. */
async function expectRealRun(page: Page, steps: number): Promise<void> {
  expect(await stepOf(page)).toBe(steps);
  expectDistributions(await answers(page), NAMES);
  const curves = [
    ['KL to teacher', Infinity],
    ['Loss', Infinity],
    ['Accuracy', 1],
    ['Agreement', 1],
  ] as const;
  for (const [tab, most] of curves) {
    const line = await curve(page, tab);
    expect(line.steps.at(-1)).toBe(steps);
    // On a handful of images, the first answers of a student may stay the same ones.
    if (most > 1) expectCurve(line, NAMES);
    for (const value of Object.values(line.values).flat()) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(most);
    }
  }
  const { split, figures } = await results(page);
  expect(split).toBe('test');
  expect(Object.keys(figures)).toEqual([...NAMES, 'teacher']);
  // Real photographs are what the teacher has learned from; generated pictures are not.
  expect(figures['teacher']?.['accuracy']).toBeGreaterThan(made === null ? 0.6 : -1);
  for (const name of NAMES) {
    expect(figures[name]?.['kl']).toBeGreaterThan(0);
    expect(figures[name]?.['agreement']).toBeGreaterThanOrEqual(0);
    expect(figures[name]?.['accuracy']).toBeGreaterThanOrEqual(0);
  }
  expect(await region(page, 'Teacher').textContent()).toMatch(/\d\d\.\d\s% .*test/);
}

test('CIFAR-10 files dropped on the page: three students learn from the bundled teacher, on WebAssembly', async () => {
  const settings = [
    'preset=cifar10&steps=30&batch=16&evaluation.every=10',
    'evaluation.images=100&evaluation.testImages=100',
  ].join('&');
  const { page } = await open({ path: `#${settings}` });
  await drop(page);
  // One step alone first: a fast machine would be at the end before its answers are read.
  await expect.poll(() => button(page, 'Step').isEnabled(), LONG).toBe(true);
  await button(page, 'Step').click();
  await reach(page, 1);
  const early = await answers(page);
  expectDistributions(early, NAMES);
  await play(page);
  await done(page);
  await expectRealRun(page, 30);
  expect((await answers(page)).students).not.toEqual(early.students);
  expect((await curve(page, 'KL to teacher')).steps).toEqual([1, 10, 20, 30]);
});

/** A software GPU needs seconds for each step. */
const VERY_LONG = { timeout: 360_000, interval: 500 };

test('CIFAR-10 files dropped on the page: the same on WebGPU', { timeout: 480_000 }, async () => {
  const settings = [
    'preset=cifar10&steps=10&batch=4&evaluation.every=5&transfer=50',
    'evaluation.images=32&evaluation.testImages=32',
  ].join('&');
  const { page } = await open({ path: `?backend=webgpu#${settings}`, webgpu: true });
  await page
    .getByRole('log', { name: 'Notices' })
    .getByText(/^Running on a software GPU/)
    .waitFor({ timeout: LONG.timeout });
  await page.getByRole('button', { name: /^WebGPU/ }).waitFor();
  await drop(page);
  await play(page);
  await done(page, VERY_LONG);
  await expectRealRun(page, 10);
});
