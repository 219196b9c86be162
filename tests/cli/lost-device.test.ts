import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { presets } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'lost-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs the spiral on a device that is destroyed after some submits. */
function distill(loseAfter: number) {
  const spiral = presets.find(({ id }) => id === 'spiral')?.recipe;
  const recipe: Recipe = {
    ...(spiral as Recipe),
    steps: 200,
    evaluation: { every: 200, images: 30, testImages: 30 },
  };
  const file = path.join(scratch, 'spiral.json');
  writeFileSync(file, JSON.stringify(recipe));
  const preload = pathToFileURL(path.resolve('tests/fixtures/losing-device.mjs')).href;
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', 'distill', file, '--backend', 'webgpu'],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--import ${preload}`, LOSE_AFTER: String(loseAfter) },
    },
  );
  return { status, stderr, stdout };
}

it('a device that is lost in the middle of a run ends it with a sentence of a terminal, and code 1', () => {
  const { status, stderr, stdout } = distill(60);
  expect(stderr).toContain('Training on webgpu');
  expect(stderr).toContain(
    'The graphics processor was taken away.\nRun it again; with --backend wasm the processor trains.\n',
  );
  expect(stderr).not.toMatch(/should not have|^\s+at |browser/m);
  expect([status, stdout]).toEqual([1, '']);
});

it('a device that is lost while it is checked is refused with its reason', () => {
  const { status, stderr } = distill(2);
  expect(stderr).toMatch(/^Nothing here can train: WebGPU .*taken away\./m);
  expect(stderr).not.toMatch(/should not have|^\s+at /m);
  expect(status).toBe(1);
});
