import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { DetectResult } from '../../cli/support/detect';
import { destseg } from '../../src/recipe/anomaly';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'faults-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function distill(recipe: object, ...args: string[]) {
  const file = path.join(scratch, 'recipe.json');
  writeFileSync(file, JSON.stringify(recipe));
  return spawnSync(process.execPath, ['scripts/cli.mjs', 'distill', file, ...args], {
    encoding: 'utf8',
  });
}

const tiny = {
  ...destseg,
  arms: destseg.arms.slice(0, 2),
  images: 8,
  batch: 2,
  student: { ...destseg.student, steps: 2 },
  segmentation: { ...destseg.segmentation, steps: 1 },
  evaluation: { every: 2, images: 4, testImages: 4, topPixels: 20 },
};

it('a recipe that finds faults runs by the same command, over two seeds', () => {
  const out = path.join(scratch, 'out.json');
  const { status, stdout, stderr } = distill(
    tiny,
    '--backend',
    'wasm',
    '--seeds',
    '2',
    '--out',
    out,
  );
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  const found = JSON.parse(readFileSync(out, 'utf8')) as DetectResult;
  expect(found).toMatchObject({ backend: 'wasm', seeds: [1, 2], steps: 3, recipe: tiny });
  expect(found.arms.map(({ name }) => name)).toEqual(['DeSTSeg', 'Student only']);
  for (const arm of found.arms) {
    const steps = arm.curves[0]?.map(({ step }) => step);
    expect(steps).toEqual(arm.score === 'student' ? [1, 2, 3] : [3]);
    expect(arm.pixelAp.seeds).toHaveLength(2);
    expect(arm.pixelAp.mean).toBeGreaterThan(0);
    expect(arm.pixelAp.mean).toBeLessThanOrEqual(1);
    expect(stdout).toContain(arm.name);
  }
  expect(stdout).toContain('2 seeds, mean ± s.e.');
});

it('a mistake in it ends with exit code 2 and a sentence', () => {
  const { status, stdout, stderr } = distill({ ...tiny, teacher: 'spiral' }, '--backend', 'wasm');
  expect(stderr).toContain('teacher is "spiral", which learned from spiral');
  expect([status, stdout]).toEqual([2, '']);
});
