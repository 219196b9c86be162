import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { TeacherReport } from '../../cli/support/teacher-report';
import { teachersPage } from '../../cli/support/teacher-words';

const COMMAND =
  'npm run teacher -- ../shared/data/teachers/* --data ../shared/data --backend wasm --out bench/results/teachers.json --table docs/teachers.md';

const reports = JSON.parse(readFileSync('bench/results/teachers.json', 'utf8')) as TeacherReport[];

it('docs/teachers.md is what the committed reports make', () => {
  expect(readFileSync('docs/teachers.md', 'utf8')).toBe(teachersPage(reports, COMMAND));
});

it('every real teacher that is read answers as in its own framework, and is no worse than stated', () => {
  const compared = reports.filter(({ difference }) => difference !== undefined);
  expect(compared.length).toBeGreaterThan(8);
  for (const { path, difference } of compared) expect(difference, path).toBeLessThan(1e-4);
  const accuracies = Object.fromEntries(reports.map(({ path, parts }) => [path, parts]));
  expect(accuracies['cifar10_resnet_akamaster_pth/resnet32-d509ac18.th']).toEqual({
    first500: 0.932,
    next1000: 0.832,
  });
  for (const { path, refused } of reports.filter(({ path }) => /^(bad|foreign)_/.test(path)))
    expect(refused, path).toMatch(/\.$/);
});
