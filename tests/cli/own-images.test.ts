import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DistillResult } from '../../cli/support/distill';
import type { Recipe } from '../../src/recipe/recipe';
import { npyFile, npzFile } from '../support/files/npz';
import { pngFile } from '../support/files/png';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'own-images-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const SIDE = 8;
/** A class is a bright row; every image is another one. */
const image = (label: number, i: number) =>
  Array.from({ length: SIDE * SIDE }, (_, at) =>
    Math.floor(at / SIDE) === 2 * label ? 250 : (i * 7 + at * 3) % 100,
  );

beforeAll(() => {
  const own = JSON.parse(readFileSync('recipes/own-images.json', 'utf8')) as Recipe;
  const model = { id: 'tinyconv', params: { widths: [4, 4] } };
  const recipe = {
    ...own,
    task: { id: 'images', params: { ...own.task.params, size: SIDE } },
    transfer: 20,
    teacher: { ...own.teacher, model, steps: 3, batch: 8 },
    students: own.students.map((student) => ({ ...student, model })),
    steps: 3,
    batch: 8,
    evaluation: { every: 3, images: 20, testImages: 20 },
  };
  writeFileSync(path.join(scratch, 'recipe.json'), JSON.stringify(recipe));
  const labels = Array.from({ length: 60 }, (_, i) => i % 3);
  mkdirSync(path.join(scratch, 'npz'));
  writeFileSync(
    path.join(scratch, 'npz', 'rows.npz'),
    npzFile({
      images: npyFile([60, SIDE, SIDE], labels.flatMap(image)),
      labels: npyFile([60], labels, { descr: '<i8' }),
    }),
  );
  labels.forEach((label, i) => {
    const folder = path.join(scratch, 'folder', i < 48 ? 'train' : 'test', `class ${label}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, `${i}.png`),
      pngFile(SIDE, SIDE, image(label, i), { colour: 0 }),
    );
  });
});

function distill(folder: string) {
  const out = path.join(scratch, 'out.json');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      'scripts/cli.mjs',
      'distill',
      path.join(scratch, 'recipe.json'),
      '--backend',
      'cpu',
      '--data',
      path.join(scratch, folder),
      '--out',
      out,
    ],
    { encoding: 'utf8' },
  );
  return { status, stderr, result: () => JSON.parse(readFileSync(out, 'utf8')) as DistillResult };
}

it('an .npz file and an image folder are trained on, and what they hold is said', () => {
  const npz = distill('npz');
  expect(npz.stderr).toContain(
    'npz (NumPy): 48 train, 6 validation, 6 test images of 3 classes, seen as 8 x 8 x 1.',
  );
  expect(npz.stderr).toContain('Drawn from seed 1: validation and test.');
  expect(npz.status).toBe(0);
  expect(npz.result().arms).toHaveLength(3);
  const folder = distill('folder');
  expect(folder.stderr).toContain(
    'folder (image files): 42 train, 6 validation, 12 test images of 3 classes',
  );
  expect(folder.stderr).toContain('Drawn from seed 1: validation.');
  expect(folder.status).toBe(0);
});
