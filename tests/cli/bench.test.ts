import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CountsFile } from '../../bench/counts';
import type { TimesFile } from '../../bench/timing/report';

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
  [['--speed'], "Unknown option '--speed'"],
  [['speed'], "Unexpected argument 'speed'"],
  [['--device', 'tpu'], '--device is "tpu", allowed is webgpu, webgl, wasm.'],
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

it('asked for help it says which modes there are', () => {
  const { stdout } = bench('--help');
  for (const mode of ['[--device webgpu|wasm|webgl ...]', '--counts', 'first-visit'])
    expect(stdout).toContain(`npm run bench -- ${mode}`);
});

it('times are taken of those whose gradient is right, and written as a table and a file', () => {
  const out = path.join(scratch, 'times.json');
  const few = ['--model', 'tinyconv', '--arm', 'xcl', '--batch', '4', '--rounds', '2'];
  const peers = ['--peers', 'naive-wasm,extracurricular'];
  const { status, stdout, stderr } = bench('--device', 'wasm', ...few, ...peers, '--out', out);
  expect(status, stderr).toBe(0);
  const { environment, rows, targets } = JSON.parse(readFileSync(out, 'utf8')) as TimesFile;
  expect(environment.versions['node']).toBe(process.versions.node);
  expect(rows.map(({ peer, state }) => [peer, state])).toEqual([
    ['naive-wasm', 'timed'],
    ['extracurricular', 'timed'],
  ]);
  for (const { place, device, check, rounds, ms, imagesPerSecond } of rows) {
    expect([place, device]).toEqual(['wasm', '1 thread']);
    expect(check?.error).toBeLessThan(1e-4);
    expect(rounds).toHaveLength(2);
    expect(ms).toBeGreaterThan(0);
    expect(imagesPerSecond).toBeCloseTo(4000 / (ms ?? NaN), 6);
  }
  expect(targets.length).toBeGreaterThan(5);
  expect(readFileSync(out.replace('.json', '.md'), 'utf8').trim()).toBe(stdout.trim());
  expect(stdout).toContain('## tinyconv, xcl, batch 4, wasm');
  expect(stdout).toMatch(/^\| extracurricular \| /m);
});

it('in a page the same is timed, each implementation in one of its own', () => {
  const few = ['--model', 'mlp', '--rounds', '1', '--peers', 'plain-tfjs,extracurricular'];
  const { status, stdout, stderr } = bench('--page', '--device', 'wasm', ...few);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/, chromium \d+\./);
  for (const peer of ['plain-tfjs', 'extracurricular'])
    expect(stdout).toMatch(new RegExp(`^\\| ${peer} \\| [\\d.]+ \\|`, 'm'));
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
