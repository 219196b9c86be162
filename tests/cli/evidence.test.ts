import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

function command(...args: string[]) {
  return spawnSync(process.execPath, ['scripts/cli.mjs', ...args], { encoding: 'utf8' });
}

it('seeds that a result has are not run again, and the result keeps those that were not asked for', () => {
  const file = 'bench/results/evidence-shapes-b.json';
  const before = readFileSync(file, 'utf8');
  const args = ['shapes-b', '--seeds', '1', '--first', '1', '--backend', 'cpu'];
  const { status, stdout } = command('evidence', ...args);
  expect(stdout).toContain(`${file} has these seeds already; nothing is run for it.`);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(status).toBe(0);
});

it('a seed of another backend is refused before it runs', () => {
  const { status, stderr } = command('evidence', 'shapes-b', '--first', '9', '--backend', 'cpu');
  expect(stderr).toContain('were run on wasm, and these would be on cpu.');
  expect(status).toBe(2);
});

it('nobody writes over a result of the log', () => {
  const file = 'bench/results/methods/dkd.json';
  const { status, stderr } = command('distill', 'recipes/methods/dkd.json', '--out', file);
  expect(stderr).toContain(`${file} is in the results log, and results are never replaced.`);
  expect(stderr).toContain('npm run evidence -- methods/dkd --seeds N');
  expect(status).toBe(2);
});

it.each([
  [['dkd'], 'There is no evidence named "dkd".'],
  [['shapes-b', '--seeds', 'three'], '--seeds is "three", allowed are whole numbers from 1.'],
  [['shapes-b', '--first', '-1'], 'What follows --first begins with "-"'],
  [['shapes-b', '--first=-1'], '--first is "-1", allowed are whole numbers from'],
])('%j is refused', (args, sentence) => {
  const { status, stderr } = command('evidence', ...args);
  expect(stderr).toContain(sentence);
  expect(status).not.toBe(0);
});
