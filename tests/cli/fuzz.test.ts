import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'fuzz-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function fuzz(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/cli.mjs', 'fuzz', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it('mutated files are read in threads, and what became of each is counted', () => {
  const out = path.join(scratch, 'fuzz.json');
  const { status, stderr } = fuzz('--files', '600', '--threads', '2', '--seed', '9', '--out', out);
  expect(status, stderr).toBe(0);
  const { files, failed, forms } = JSON.parse(readFileSync(out, 'utf8')) as {
    files: number;
    failed: number;
    forms: Record<string, Record<string, number>>;
  };
  expect([files, failed]).toEqual([600, 0]);
  const counts = Object.values(forms).flatMap((form) => Object.values(form));
  expect(counts.reduce((a, b) => a + b)).toBe(600);
});

it('one is read again, bad files are written, and a wrong option has its sentence', () => {
  const again = fuzz('--seed', '9', '--replay', '7', '--write', path.join(scratch, 'again'));
  expect(again.stdout).toMatch(/^7 [a-z0-9-]+: (loaded|E_UPLOAD_\w+) after/);
  expect(fuzz('--corpus', path.join(scratch, 'bad')).stdout).toContain('bad files written');
  expect(readdirSync(path.join(scratch, 'bad')).length).toBeGreaterThan(200);
  expect(fuzz('--files', 'x')).toMatchObject({ status: 2, stdout: '' });
});
