import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DistillResult } from '../../cli/support/distill';
import { studentFileName } from '../../src/export/student';
import { readSafetensors } from '../../src/models/net/safetensors';
import { presets, spiralStudy } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import { meanAndError } from '../../src/train/statistics';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'distill-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs the command; `text` is everything it said, `status` its exit code. */
function distill(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', 'distill', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

/** Writes a recipe, or anything else, to a file. */
function file(name: string, content: unknown): string {
  const at = path.join(scratch, name);
  writeFileSync(at, typeof content === 'string' ? content : JSON.stringify(content));
  return at;
}

/** Runs a recipe and reads the result that it writes. */
function result(recipe: string, ...args: string[]) {
  const out = path.join(scratch, 'out.json');
  const said = distill(recipe, '--out', out, ...args);
  expect(said.stderr).not.toContain('Error');
  expect(said.status).toBe(0);
  return { ...said, result: JSON.parse(readFileSync(out, 'utf8')) as DistillResult };
}

describe('what cannot be run ends with exit code 2 and a sentence', () => {
  const spiral = 'recipes/spiral.json';
  const wrong = (change: object) => file('wrong.json', { ...spiralStudy, ...change });

  it.each([
    ['no recipe', () => [], 'Give one recipe.'],
    ['two recipes', () => [spiral, spiral], 'Give one recipe.'],
    ['an unknown option', () => [spiral, '--speed', '9'], "Unknown option '--speed'"],
    [
      'a backend that is none',
      () => [spiral, '--backend', 'metal'],
      '--backend is "metal", allowed is webgpu, wasm, cpu.',
    ],
    ['no seeds', () => [spiral, '--seeds', '0'], '--seeds is "0", allowed is 1 to 100.'],
    ['a file that is not there', () => [path.join(scratch, 'no.json')], 'could not be read'],
    ['a file that is no JSON', () => [file('text.json', 'recipe')], 'could not be read'],
    [
      'a bad value',
      () => [wrong({ steps: -1 }), '--backend', 'cpu'],
      'steps is -1, allowed is a whole number from 1 to 1000000.',
    ],
    [
      'an unknown key',
      () => [wrong({ stepps: 9 }), '--backend', 'cpu'],
      'stepps is not a key that a recipe knows',
    ],
  ])('%s', (_, args, words) => {
    const { status, stdout, stderr } = distill(...args());
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([status, stdout]).toEqual([2, '']);
  });
});

it('training that comes apart ends with exit code 3, a sentence, and the last good figures', () => {
  const optimizer = { ...spiralStudy.optimizer, rate: 1000 };
  const evaluation = { every: 10, images: 100, testImages: 100 };
  const recipe = file('reckless.json', {
    ...presets[1]!.recipe,
    optimizer,
    evaluation,
    steps: 400,
  });
  const { status, stdout, stderr } = distill(recipe, '--backend', 'cpu');
  expect(stderr).toMatch(
    /^The loss of \w+ ran away: it began at [\d.]+, was [\d.,e]+ at step \d+/m,
  );
  expect(stderr).toContain('lower the learning rate');
  expect(stderr).toMatch(/^The last good weights are those of step 0; on the validation split:$/m);
  expect(stderr).toMatch(/^Extracurricular +[\d.]+ +[\d.]+ +[\d.]+$/m);
  expect([status, stdout]).toEqual([3, '']);
});

describe('the result of a short run', () => {
  if (spiralStudy.teacher.source !== 'train') throw new Error('the study trains its teacher');
  const short: Recipe = {
    ...spiralStudy,
    teacher: { ...spiralStudy.teacher, steps: 100 },
    steps: 30,
    evaluation: { every: 10, images: 50, testImages: 200 },
  };

  it('has what tools read, over two seeds', () => {
    const { stdout, result: found } = result(file('short.json', short), '--seeds', '2');
    expect(found).toMatchObject({ steps: 30, seeds: [1, 2], recipe: short });
    expect(['webgpu', 'wasm']).toContain(found.backend);
    expect(found.stepsPerSecond).toBeGreaterThan(0);
    expect(found.teacher.accuracy).toBe(meanAndError(found.teacher.accuracySeeds!).mean);
    expect(found.arms.map(({ name }) => name)).toEqual(['ERM', 'KD', 'Extracurricular']);
    for (const arm of found.arms) {
      for (const key of ['accuracy', 'agreement', 'kl', 'nll', 'ece'] as const) {
        expect(arm[key]!.seeds.length, key).toBe(2);
        expect(arm[key], key).toMatchObject(meanAndError(arm[key]!.seeds));
      }
      expect(arm.curves.map((curve) => curve.map(({ step }) => step))).toEqual([
        [1, 10, 20, 30],
        [1, 10, 20, 30],
      ]);
      expect(arm).toHaveProperty('gapClosedVsKd');
    }
    expect(found.arms[1]?.gapClosedVsKd).toBeNull();
    for (const word of ['teacher', 'ERM', 'KD', 'Extracurricular', '2 seeds', '±'])
      expect(stdout).toContain(word);
  });

  it('has no standard error from one seed, and repeats itself on cpu to the bit', () => {
    const recipe = file('short.json', short);
    const folder = path.join(scratch, 'students');
    const first = result(recipe, '--backend', 'cpu', '--save', folder).result;
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual(first.arms.map(({ name }, i) => studentFileName(name, i, null)));
    for (const name of files) {
      const { tensors, metadata } = readSafetensors(readFileSync(path.join(folder, name)), name);
      expect(tensors.has('head.bias'), name).toBe(true);
      expect(JSON.parse(metadata['task'] ?? ''), name).toEqual(short.task);
    }
    expect(first).toMatchObject({ backend: 'cpu', seeds: [1] });
    for (const arm of first.arms) expect(arm.accuracy!.se).toBeNull();
    const { stepsPerSecond: _, ...again } = result(recipe, '--backend', 'cpu').result;
    expect(first).toMatchObject(again);
  });
});

/**
 * The study of the spiral: each seed draws 90 points and trains a teacher and three students. Distance to the teacher is
 * what separates first; single accuracies cross by chance, so that they are shown and not judged.
 */
it(
  'the effect: half of the distance to the teacher of KD or less, at each of eight seeds nearer',
  { timeout: 1_200_000 },
  () => {
    const { stdout, result: found } = result(
      'recipes/spiral.json',
      '--backend',
      'wasm',
      '--seeds',
      '8',
    );
    console.info(stdout);
    const [, kd, xcl] = found.arms;
    if (!kd || !xcl) throw new Error('the recipe has three students');
    for (const [name, arm] of [
      ['KD', kd],
      ['Extracurricular', xcl],
    ] as const) {
      const { mean, se } = arm.accuracy!;
      const half = 1.96 * (se ?? NaN);
      console.info(
        `${name}: accuracy ${mean.toFixed(4)}, 95 % interval ${(mean - half).toFixed(4)} to ${(mean + half).toFixed(4)}`,
      );
    }
    expect(found.recipe).toMatchObject({ redraw: true, steps: 2500 });
    expect(xcl.kl!.seeds.length).toBe(8);
    expect(xcl.kl!.mean).toBeLessThan(kd.kl!.mean / 2);
    expect(xcl.kl!.seeds.filter((kl, i) => kl < kd.kl!.seeds[i]!).length).toBe(8);
  },
);
