import { expect, it } from 'vitest';
import { simulateCoverage } from '../../cli/support/coverage';
import type { CoverageRow } from '../../cli/support/coverage';
import { readCoverage } from '../../cli/support/evidence-page';

/** What our intervals promise, give or take what 3 to 8 seeds may cost. */
function keepsItsPromise({ scenario, n, normal, ...held }: CoverageRow): void {
  if (!normal) return;
  for (const share of [held.difference, held.ratio, held.printed ?? NaN]) {
    expect(share, `${scenario}, n = ${n}`).toBeGreaterThanOrEqual(0.93);
    expect(share, `${scenario}, n = ${n}`).toBeLessThanOrEqual(0.97);
  }
}

it('95 % intervals hold the truth in 93 to 97 % of draws at 3, 5 and 8 seeds', () => {
  const { rows } = simulateCoverage(4000, 2);
  expect(new Set(rows.map(({ n }) => n))).toEqual(new Set([3, 5, 8]));
  rows.forEach(keepsItsPromise);
});

it('so does the committed count, which the same command makes again', () => {
  const committed = readCoverage('.');
  expect(committed?.rows.length).toBeGreaterThan(0);
  committed?.rows.forEach(keepsItsPromise);
  expect(simulateCoverage(committed?.draws ?? 0, committed?.seed ?? 0)).toEqual(committed);
});

it('counts what is printed: an interval, no bounds, or nothing', () => {
  for (const { scenario, bounded, unbounded, notGiven } of simulateCoverage(500, 3).rows)
    expect(bounded + unbounded + notGiven, scenario).toBeCloseTo(1, 9);
});
