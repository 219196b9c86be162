import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { turned } from '../../src/upload/torch/architectures/layers';
import { open } from './support/browser';
import { drop, reported, teacherDialog, useAndRun } from './support/own';
import { LONG, prepared } from './support/page';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weights-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** The spiral's teacher as a state dict of a network whose names say nothing. */
async function nameless(): Promise<string> {
  const { tensors } = readSafetensors(readFileSync('public/teachers/spiral.safetensors'), 'spiral');
  const layers = [...new Set([...tensors.keys()].map((name) => name.split('.')[0]))];
  const renamed = [...tensors].map(([name, { shape, values }]) => {
    const [layer, part] = name.split('.');
    const tensor = shape.length === 2 ? turned({ shape, values }, [1, 0]) : { shape, values };
    return [`part${layers.indexOf(layer) + 1}.${part}`, tensor] as const;
  });
  const at = path.join(folder, 'nameless.safetensors');
  await writeFile(at, writeSafetensors({ tensors: new Map(renamed), metadata: {} }));
  return at;
}

test.each([
  [1280, 720],
  [390, 844],
] as const)(
  'weights alone are put together, in another way, and teach: %d x %d',
  async (width, height) => {
    const { page } = await open({
      path: '#preset=spiral&steps=2&evaluation.every=2',
      viewport: { width, height },
    });
    await prepared(page);
    await drop(page, [await nameless()]);
    const dialog = teacherDialog(page);
    expect(await reported(dialog, 'nameless')).toBeGreaterThan(0.9);
    const layers = dialog.getByRole('group', { name: 'Layers' });
    const ways = layers.getByRole('radio');
    expect(await ways.count()).toBeGreaterThan(3);
    expect(await ways.first().isChecked()).toBe(true);
    await layers.getByText('Order the layers').click();
    const shot = process.env['SHOTS'];
    if (shot) await page.screenshot({ path: `${shot}/weights-${width}.png` });

    // What is taken out leaves a network that no longer fits, which is said before it is used.
    const steps = layers.getByRole('listitem');
    const use = layers.getByRole('button', { name: 'Use these layers' });
    expect(await use.isEnabled()).toBe(false);
    await layers.getByRole('button', { name: 'Move part1 down' }).click();
    await layers.getByRole('button', { name: 'Move part1 down' }).click();
    await expect
      .poll(() => layers.getByRole('status').textContent())
      .toMatch(/part\d takes \d+ numbers, and/);
    expect(await use.isEnabled()).toBe(false);
    await layers.getByRole('button', { name: 'Move part1 up' }).click();
    await layers.getByRole('button', { name: 'Move part1 up' }).click();
    const before = await steps.count();
    await layers
      .getByRole('combobox', { name: 'Put something behind part1' })
      .selectOption('activation');
    await expect.poll(() => steps.count()).toBe(before + 1);
    await steps
      .nth(1)
      .getByRole('combobox', { name: /^Activation/ })
      .selectOption('Mish');
    await layers.getByRole('status').getByText('It puts out 3 numbers.').waitFor();
    const found = await new AxeBuilder({ page }).include('dialog').analyze();
    expect(
      found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
    ).toEqual([]);
    if (shot) {
      await layers.getByText('Order the layers').scrollIntoViewIfNeeded();
      await page.screenshot({ path: `${shot}/weights-form-${width}.png` });
    }
    await use.click();
    await layers.getByText('As you say.').waitFor(LONG);
    expect(await ways.first().isChecked()).toBe(true);
    await layers.getByText('as you say', { exact: true }).waitFor();

    // The way that was found is still there, and is taken again.
    await ways.nth(1).check();
    await expect
      .poll(() => dialog.getByRole('region', { name: 'Quality' }).textContent(), LONG)
      .toMatch(/(9\d|100)(\.\d)?\s% right/);
    expect(await reported(dialog, 'nameless')).toBeGreaterThan(0.9);
    // On a narrow screen the teacher's panel is folded away.
    if (width > 700) await useAndRun(page, 'nameless');
  },
);
