import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { DistillResult } from '../../cli/support/distill';
import type { TeacherReport } from '../../cli/support/teacher-report';
import { readSafetensors, writeSafetensors } from '../../src/models/net/safetensors';
import { presets } from '../../src/recipe/presets';
import { turned } from '../../src/upload/torch/architectures/layers';
import { choose, SMALL_MLP, student } from '../support/recipes';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'teacher-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function command(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', name, ...args, '--backend', 'cpu'],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

/** A student saved by one run, with a text file beside it. */
const spiral = presets.find(({ id }) => id === 'spiral')!.recipe;
const erm = student(choose('method', 'erm'), choose('sampler', 'none'), SMALL_MLP, 'ERM');
const kd = student(choose('method', 'kd'), choose('sampler', 'none'), SMALL_MLP, 'KD');
const recipe = (name: string, more: object) => {
  const at = path.join(scratch, name);
  const evaluation = { every: 60, images: 100, testImages: 100 };
  writeFileSync(at, JSON.stringify({ ...spiral, steps: 60, evaluation, ...more }));
  return at;
};

const KEPT = '--student-weights=kept';

it('a saved student is reported on, and teaches a run by --teacher, its student by --student; a text file is refused', () => {
  const saved = path.join(scratch, 'saved');
  mkdirSync(saved);
  const first = command('distill', recipe('erm.json', { students: [erm] }), '--save', saved);
  expect(first.stderr).not.toContain('Error');
  writeFileSync(path.join(scratch, 'notes.txt'), 'hello');
  const out = path.join(scratch, 'reports.json');
  const said = command('teacher', saved, path.join(scratch, 'notes.txt'), '--out', out);
  expect([said.status, said.stderr.includes('Error')]).toEqual([0, false]);
  const [own, text] = JSON.parse(readFileSync(out, 'utf8')) as TeacherReport[];
  expect(own).toMatchObject({
    format: 'safetensors',
    inputShape: [2],
    classes: { count: 3 },
    outputs: 'logits',
    accuracy: null,
    repairs: [],
  });
  expect(said.stdout).toContain('safetensors');
  expect(text!.refused).toMatch(/^notes\.txt /);

  const result = path.join(scratch, 'result.json');
  const taught = recipe('kd.json', { students: [kd] });
  const student = `--student=${saved}`;
  const run = command('distill', taught, '--teacher', saved, student, KEPT, '--out', result);
  expect(run.status, run.stderr).toBe(0);
  expect(run.stderr).toContain('Normalisation: as the file says');
  const { recipe: used, teacher } = JSON.parse(readFileSync(result, 'utf8')) as DistillResult;
  expect(used.teacher).toMatchObject({ source: 'file', sha256: own!.sha256 });
  expect(used.students[0]!.file).toMatchObject({ sha256: own!.sha256, weights: 'kept' });
  expect(teacher.parameters).toBe(own!.parameters);

  // The recipe with its teacher alone says what is missing; with the file it runs as it stands.
  const again = recipe('again.json', { students: [kd], teacher: used.teacher });
  const missing = command('distill', again);
  expect([missing.status, missing.stderr]).toEqual([
    1,
    expect.stringContaining('in the command line with --teacher FILE'),
  ]);
});

it.each([
  ['nothing', [], 'Give a file or a folder.'],
  ['what is not there', ['/no/such/file'], 'There is no file or folder /no/such/file.'],
  ['an unknown option', ['a', '--speed'], "Unknown option '--speed'"],
])('%s ends with a sentence', (_, args, words) => {
  const { status, stderr } = command('teacher', ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
});

it('weights alone are put together as --layers says, which stands in the recipe; without labels nothing is verified', () => {
  const { tensors } = readSafetensors(readFileSync('public/teachers/spiral.safetensors'), 'spiral');
  const renamed = [...tensors].map(([name, tensor]) => {
    const own = tensor.shape.length === 2 ? turned(tensor, [1, 0]) : tensor;
    return [name.replace('hidden', 'part').replace('head', 'last'), own] as const;
  });
  const file = path.join(scratch, 'nameless.safetensors');
  writeFileSync(file, writeSafetensors({ tensors: new Map(renamed), metadata: {} }));
  const out = path.join(scratch, 'nameless.json');
  const said = command('teacher', file, '--out', out);
  expect(said.stdout).toContain('Layers: 2 → part1 → ReLU → part2 → ReLU → last');
  expect(said.stdout).toMatch(/Not verified: how its layers are put together was guessed/);
  const [report] = JSON.parse(readFileSync(out, 'utf8')) as TeacherReport[];

  const layers = path.join(scratch, 'layers.json');
  const steps = report!.assembly!.steps.map((step) =>
    step.op === 'activation' ? { op: 'activation', kind: 'tanh' } : step,
  );
  writeFileSync(layers, JSON.stringify({ ...report!.assembly, steps }));
  const result = path.join(scratch, 'layers-result.json');
  const taught = recipe('kd-layers.json', { students: [kd] });
  const run = command('distill', taught, '--teacher', file, '--layers', layers, '--out', result);
  expect(run.stderr).toContain('Layers: 2 → part1 → tanh → part2 → tanh → last');
  const found = JSON.parse(readFileSync(result, 'utf8')) as DistillResult;
  expect(found.recipe.teacher).toMatchObject({
    meaning: {
      layers: { input: [2], steps: [{ op: 'dense', name: 'part1' }, { kind: 'tanh' }, {}, {}, {}] },
    },
  });
  const again = recipe('kd-again.json', { students: [kd], teacher: found.recipe.teacher });
  const second = path.join(scratch, 'layers-again.json');
  command('distill', again, '--teacher', file, '--out', second);
  const repeated = JSON.parse(readFileSync(second, 'utf8')) as DistillResult;
  expect(repeated.recipe.teacher).toEqual(found.recipe.teacher);

  writeFileSync(layers, '{"input": [2], "steps": [{"op": "guess"}]}');
  const bad = command('teacher', file, '--layers', layers);
  expect([bad.status === 0, bad.stderr]).toEqual([
    false,
    expect.stringMatching(
      /cannot be read as layers: steps\.0\.op has to be a step whose op is conv/,
    ),
  ]);
});
