import { Random } from '../../src/recipe/random';
import { meanInterval, ratioInterval } from '../../src/train/intervals';
import type { Interval } from '../../src/train/intervals';
import { gapClosed } from '../../src/train/statistics';
import { row } from './markdown';

/** How often the intervals that are printed hold the truth: draws from students whose true figures are known. */

export const COVERAGE_FILE = 'bench/results/intervals.json';

/** What a student's accuracy is over seeds, in percent. */
type Spread = readonly [mean: number, deviation: number];

interface Scenario {
  readonly name: string;
  readonly method: Spread;
  readonly reference: Spread;
  readonly teacher: Spread;
  /** Between method and reference at the same seed. */
  readonly correlation: number;
  /** Otherwise a bad seed falls far below the others: one less an exponential. */
  readonly normal: boolean;
}

/** Means and spreads near those of committed results. */
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'shapes-b: Extracurricular and KD',
    method: [94, 0.22],
    reference: [85.7, 1.27],
    teacher: [98.7, 0],
    correlation: 0,
    normal: true,
  },
  {
    name: 'shapes-c: Extracurricular and KD',
    method: [97.6, 0.38],
    reference: [91.7, 0.38],
    teacher: [99.4, 0],
    correlation: 0.6,
    normal: true,
  },
  {
    name: 'cifar10: Extracurricular and KD',
    method: [56.6, 0.48],
    reference: [45, 0.22],
    teacher: [84.3, 0],
    correlation: 0.8,
    normal: true,
  },
  {
    name: 'cifar10: blends and KD',
    method: [49.1, 1.39],
    reference: [45, 0.22],
    teacher: [84.3, 0],
    correlation: 0,
    normal: true,
  },
  {
    name: 'at: attention transfer and an ERM that often fails',
    method: [70.9, 4.2],
    reference: [50.4, 16.3],
    teacher: [99.4, 0],
    correlation: 0.8,
    normal: true,
  },
  {
    name: 'function-matching: a narrow gap to a teacher that varies',
    method: [97, 0.91],
    reference: [95.2, 1.08],
    teacher: [97.1, 0.9],
    correlation: 0,
    normal: true,
  },
  {
    name: 'shapes-b, but skewed: a bad seed falls far down',
    method: [94, 0.22],
    reference: [85.7, 1.27],
    teacher: [98.7, 0],
    correlation: 0,
    normal: false,
  },
];

const SEEDS = [3, 5, 8];

/** Shares of the draws. */
export interface CoverageRow {
  readonly scenario: string;
  readonly normal: boolean;
  /** Seeds of each result that is drawn. */
  readonly n: number;
  /** The paired t interval of method - reference holds the true difference. */
  readonly difference: number;
  /** Fieller's set holds the true share, of all draws: sets without bounds hold it only where they do. */
  readonly ratio: number;
  /** What is printed of the share: with an interval, with "no bounds", or as "n/a". */
  readonly bounded: number;
  readonly unbounded: number;
  readonly notGiven: number;
  /** Of the printed intervals, those that hold the true share; null where none is printed. */
  readonly printed: number | null;
}

export interface Coverage {
  readonly draws: number;
  readonly seed: number;
  readonly rows: readonly CoverageRow[];
}

/** @param draws how many results are drawn for each row */
export function simulateCoverage(draws: number, seed: number): Coverage {
  const rows = SCENARIOS.flatMap((scenario) =>
    SEEDS.map((n) => simulated(scenario, n, draws, seed)),
  );
  return { draws, seed, rows };
}

function simulated(scenario: Scenario, n: number, draws: number, seed: number): CoverageRow {
  const random = Random.from(seed, `coverage/${scenario.name}/${n}`);
  const { method, reference, teacher } = scenario;
  const difference = method[0] - reference[0];
  const share = difference / (teacher[0] - reference[0]);
  const count = { difference: 0, ratio: 0, bounded: 0, unbounded: 0, notGiven: 0, printed: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const drawn = Array.from({ length: n }, () => oneSeed(scenario, random));
    const [own, left, taught] = [0, 1, 2].map((i) => drawn.map((seeds) => seeds[i] ?? NaN)) as [
      number[],
      number[],
      number[],
    ];
    const closed = own.map((value, i) => value - (left[i] ?? NaN));
    const gaps = taught.map((value, i) => value - (left[i] ?? NaN));
    count.difference += Number(holds(meanInterval(closed), difference));
    const set = ratioInterval(closed, gaps);
    count.ratio += Number(
      set === 'unbounded'
        ? // By its definition: a t test does not tell closed - share x gap from zero.
          holds(meanInterval(closed.map((value, i) => value - share * (gaps[i] ?? NaN))), 0)
        : holds(set, share),
    );
    const printed = gapClosed(own, left, taught);
    if (printed.value === null) count.notGiven += 1;
    else if (printed.interval === 'unbounded') count.unbounded += 1;
    else {
      count.bounded += 1;
      count.printed += Number(holds(printed.interval, share));
    }
  }
  return {
    scenario: scenario.name,
    normal: scenario.normal,
    n,
    difference: count.difference / draws,
    ratio: count.ratio / draws,
    bounded: count.bounded / draws,
    unbounded: count.unbounded / draws,
    notGiven: count.notGiven / draws,
    printed: count.bounded > 0 ? count.printed / count.bounded : null,
  };
}

const holds = (interval: Interval | null, value: number): boolean =>
  interval !== null && interval[0] <= value && value <= interval[1];

/** The accuracies of method, reference and teacher at one seed. */
function oneSeed(scenario: Scenario, random: Random): readonly [number, number, number] {
  // Both have mean 0 and deviation 1.
  const deviate = () => (scenario.normal ? random.normal() : 1 + Math.log(1 - random.uniform()));
  const { method, reference, teacher, correlation: c } = scenario;
  const [shared, own, taught] = [deviate(), deviate(), deviate()];
  return [
    method[0] + method[1] * (c * shared + Math.sqrt(1 - c * c) * own),
    reference[0] + reference[1] * shared,
    teacher[0] + teacher[1] * taught,
  ];
}

const COLUMNS = [
  'drawn like',
  'n',
  'difference: held by its interval',
  'share: held by Fieller’s set',
  'printed with an interval',
  'of these, holding it',
  'printed "no bounds"',
  'printed "n/a"',
];

/** A section of docs/evidence.md. */
export function coverageTable({ draws, rows }: Coverage): string[] {
  return [
    '## How often these intervals hold the truth',
    '',
    `Written by \`npm run intervals\`: for each row ${draws.toLocaleString('en')} results of n seeds are drawn from students whose true figures are known, with means and spreads near those of committed results, and the intervals are made by the functions that make those of every table. 95 % should hold the truth. A share of a gap has an interval only where the gap itself is told from zero; where it is not, the table says "no bounds", and under two standard errors "n/a". A set without bounds is counted as holding the truth only where it does.`,
    '',
    row(COLUMNS),
    row(COLUMNS.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map((one) =>
      row([
        one.scenario,
        `${one.n}`,
        ...[one.difference, one.ratio, one.bounded].map(percent),
        one.printed === null ? '' : percent(one.printed),
        ...[one.unbounded, one.notGiven].map(percent),
      ]),
    ),
    '',
    'The intervals take what varies between seeds to be near normal. The last rows are not: where a bad seed falls far below the others, fewer intervals hold the truth than they promise.',
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
