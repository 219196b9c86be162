import { COVERAGE_FILE, simulateCoverage } from './support/coverage';
import { main } from './support/main';
import { checkPlace, writeWhole } from './support/result-file';

const DRAWS = 20_000;
const SEED = 1;

/** Draws results whose truth is known and counts how often our intervals hold it. `npm run evidence -- --report` tells it. */
main(
  {
    what: 'Counts how often our intervals hold the truth, over simulated seeds.',
    usage: 'npm run intervals',
  },
  async () => {
    checkPlace(COVERAGE_FILE, 'The file of the counts');
    const coverage = simulateCoverage(DRAWS, SEED);
    writeWhole(COVERAGE_FILE, `${JSON.stringify(coverage, null, 2)}\n`);
    for (const { scenario, n, difference, ratio } of coverage.rows)
      console.log(
        `${scenario}, n = ${n}: difference ${(100 * difference).toFixed(1)} %, share ${(100 * ratio).toFixed(1)} %`,
      );
    console.log(`The counts are in ${COVERAGE_FILE}.`);
  },
);
