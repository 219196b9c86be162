import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Entry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync('package-lock.json', 'utf8');
const packages: Record<string, Entry> = JSON.parse(text).packages;
const entries = Object.entries(packages).filter(([path]) => path !== '');

test('the lock file names no registry', () => {
  expect(text).not.toContain('"resolved"');
  expect(text.match(/https?:\/\/[^"]*\.tgz/g)).toBeNull();
});

test('every package of the lock file has a digest', () => {
  expect(entries.length).toBeGreaterThan(100);
  const without = entries.filter(([, entry]) => !entry.integrity?.startsWith('sha512-'));
  expect(without.map(([path]) => path)).toEqual([]);
});

test('every optional package that is named has an entry, or else npm ci refuses the file', () => {
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing, 'node scripts/trim-lock.mjs drops them').toEqual([]);
});

test('every package that ships has a licence that permits it', () => {
  const allowed = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|BlueOak-1\.0\.0|CC0-1\.0)$/;
  const shipped = entries.filter(([, entry]) => !entry.dev);
  const others = shipped.filter(
    ([, { license = 'none' }]) => !license.split(' AND ').every((name) => allowed.test(name)),
  );
  expect(others.map(([path, entry]) => `${path}: ${entry.license}`)).toEqual([]);
});
