import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

/** A file with one mistake of each kind that the linter must find, by the rule that finds it. */
const MISTAKES = {
  'house(arrows)': `import * as tf from '@tensorflow/tfjs';\nexport const scalar = tf.scalar;`,
  'no-floating-promises': `Promise.resolve(1);`,
  'no-restricted-properties': `document.body.innerHTML = 'text';\nexport const x = Math.random();`,
  'no-explicit-any': `export const anything = (value: any): number => Number(value);`,
};

test('the linter finds a wrong arrow, a lost promise, markup from a string, chance without a seed', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lint-'));
  try {
    for (const own of ['.oxlintrc.json', 'scripts/lint'])
      cpSync(own, path.join(folder, own), { recursive: true });
    mkdirSync(path.join(folder, 'src/charts'), { recursive: true });
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      '{"compilerOptions":{"strict":true,"skipLibCheck":true},"include":["src"]}',
    );
    writeFileSync(
      path.join(folder, 'src/charts/wrong.ts'),
      `${Object.values(MISTAKES).join('\n')}\n`,
    );
    const oxlint = path.resolve('node_modules/oxlint/bin/oxlint');
    const { stdout, status } = spawnSync(process.execPath, [oxlint, '-f', 'unix', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    for (const rule of Object.keys(MISTAKES)) expect(stdout).toContain(rule);
    expect(stdout.match(/no-restricted-properties/g)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
