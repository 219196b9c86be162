import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CountsFile } from '../../bench/counts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', 'bench', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it.each([
  [[], 'Say what to measure.'],
  [['--speed'], 'There is no benchmark "--speed".'],
  [['first-visit', '--speed'], 'There is no benchmark "first-visit --speed".'],
  [['--counts', '--speed'], "Unknown option '--speed'"],
  [['--counts', '--batch', '0'], '--batch is "0", allowed is 1 to 512.'],
  [['--counts', '--model', 'vgg'], '--model is "vgg", allowed is resnet8, '],
])('%j ends with exit code 2 and a sentence', (args, words) => {
  const { status, stdout, stderr } = bench(...args);
  expect(stderr).toContain(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([status, stdout]).toEqual([2, '']);
});

it('without arguments it says which modes there are', () => {
  const { stderr } = bench();
  for (const mode of ['--counts', 'first-visit'])
    expect(stderr).toContain(`npm run bench -- ${mode}`);
});

it('counts are printed as a table and written as a file, the same each time', () => {
  const files = ['first.json', 'second.json'].map((name) => path.join(scratch, name));
  const said = files.map((out) =>
    bench('--counts', '--model', 'mlp', '--batch', '64', '--trace', '--out', out),
  );
  expect(said[0]?.status, said[0]?.stderr).toBe(0);
  expect(said[0]?.stdout).toBe(said[1]?.stdout);
  const [first = '', second] = files.map((file) => readFileSync(file, 'utf8'));
  expect(first).toBe(second);
  const { bench: name, versions, rows } = JSON.parse(first) as CountsFile;
  expect([name, versions]).toEqual(['counts', { tfjs: '4.22.0', node: process.versions.node }]);
  expect(rows.map(({ arm, implementation }) => `${arm} ${implementation}`)).toEqual([
    'erm plain-tfjs',
    'erm extracurricular',
    'kd plain-tfjs',
    'kd extracurricular',
    'xcl plain-tfjs',
    'xcl extracurricular',
  ]);
  for (const { model, arm, batch, implementation, dispatches } of rows)
    expect(said[0]?.stdout).toContain(
      `| ${model} | ${arm} | ${batch} | ${implementation} | ${dispatches} |`,
    );
  expect(said[0]?.stdout).toContain('| BinaryOpProgram | ');
});
