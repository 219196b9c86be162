import { expect, it } from 'vitest';
import { simulateCoverage } from '../../cli/support/coverage';
import type { CoverageRow } from '../../cli/support/coverage';
import { readCoverage } from '../../cli/support/evidence-page';

/** What our intervals promise, give or take what 3 to 8 seeds may cost. */
function near95(share: number | null, { scenario, n }: CoverageRow): void {
  expect(share, `${scenario}, n = ${n}`).toBeGreaterThanOrEqual(0.93);
  expect(share, `${scenario}, n = ${n}`).toBeLessThanOrEqual(0.97);
}

it('95 % intervals hold the truth in 93 to 97 % of draws at 3, 5 and 8 seeds', () => {
  const { rows } = simulateCoverage(4000, 2);
  expect(new Set(rows.map(({ n }) => n))).toEqual(new Set([3, 5, 8]));
  for (const row of rows.filter(({ normal }) => normal)) {
    near95(row.difference, row);
    near95(row.ratio, row);
  }
});

it('so does the committed count, which the same command makes again', () => {
  const committed = readCoverage('.');
  expect(committed?.rows.length).toBeGreaterThan(0);
  for (const row of committed?.rows.filter(({ normal }) => normal) ?? []) {
    near95(row.difference, row);
    near95(row.ratio, row);
    // Of those that are printed with two ends, too: many draws, because few are where the gap is narrow.
    near95(row.printed, row);
  }
  expect(simulateCoverage(committed?.draws ?? 0, committed?.seed ?? 0)).toEqual(committed);
});

it('counts what is printed: an interval, no bounds, or nothing', () => {
  for (const { scenario, bounded, unbounded, notGiven } of simulateCoverage(500, 3).rows)
    expect(bounded + unbounded + notGiven, scenario).toBeCloseTo(1, 9);
});
