import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

test('an unknown command is refused with the names of those there are', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/cli.mjs', 'no-such-command'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  for (const file of readdirSync('cli').filter((name) => name.endsWith('.ts')))
    expect(stderr).toContain(file.replace(/\.ts$/, ''));
});
