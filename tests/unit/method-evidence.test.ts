import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { compatibilityOf } from '../../cli/support/compatibility';
import { readLog } from '../../cli/support/log';
import { historiesOf } from '../../cli/support/log-page';
import { checkClaim, claimFrom, type Arms } from '../../cli/support/method-claims';
import { evidencePage, readCoverage } from '../../cli/support/evidence-page';
import { COMPARISONS, readEvidence } from '../../cli/support/method-files';
import { methodPage } from '../../cli/support/method-page';
import { readCards } from '../../cli/support/surroundings';
import { catalogueOf } from '../../src/train/catalogue';

const catalogue = catalogueOf(readCards());

const over = (...seeds: number[]) => ({
  mean: seeds.reduce((sum, seed) => sum + seed, 0) / seeds.length,
  se: seeds.length > 1 ? 0.01 : null,
  seeds,
});

const result: Arms = {
  arms: [
    { name: 'KD', method: 'kd', accuracy: over(0.8, 0.9), kl: over(0.6, 0.4), curves: [] },
    { name: 'DKD', method: 'dkd', accuracy: over(0.9, 0.9), kl: over(0.2, 0.2), curves: [] },
    { name: 'broken', kl: { mean: NaN, se: NaN, seeds: [NaN] } },
  ],
  teacher: { title: 'ResNet-14', accuracy: 0.95, accuracySeeds: [0.95, 0.95] },
};

const claim = (change: object) =>
  claimFrom(
    {
      says: 'DKD’s KL to the teacher is below half of KD’s',
      left: { arm: 'DKD', figure: 'kl' },
      relation: '<',
      right: { arm: 'KD', figure: 'kl', times: 0.5 },
      ...change,
    },
    'x.claim.json',
  );

describe('a claim', () => {
  it('is about differences seed by seed', () => {
    const checked = checkClaim(claim({}), result, 'x.claim.json');
    expect(checked.left).toEqual({ mean: 0.2, se: 0.01, seeds: [0.2, 0.2] });
    expect(checked.right).toEqual({ mean: 0.25, se: 0.005, seeds: [0.3, 0.2] });
    expect(checked.difference).toBeCloseTo(-0.05, 12);
    // Differences -0.1 and 0: t is 12.706 at two seeds.
    expect(checked.interval?.[0]).toBeCloseTo(-0.05 - 12.706204736 * 0.05, 8);
    expect(checked.interval?.[1]).toBeCloseTo(-0.05 + 12.706204736 * 0.05, 8);
  });

  it.each([
    // Paired differences near -0.2 and -0.21.
    ['<', { arm: 'KD', figure: 'kl' }, 'met', true],
    ['>', { arm: 'KD', figure: 'kl' }, 'not met', false],
    ['<=', { arm: 'KD', figure: 'kl', plus: -0.4 }, 'not met', false],
    ['>=', { arm: 'KD', figure: 'kl', plus: -0.4 }, 'met', true],
    // Ahead by the means, and within what seeds do.
    ['<', { arm: 'KD', figure: 'kl', plus: -0.202 }, 'not decided', true],
    ['>', { arm: 'KD', figure: 'kl', plus: -0.202 }, 'not decided', false],
    ['<', { value: 0.04 }, 'not met', false],
    ['>', { value: 0.04 }, 'met', true],
    ['>', { value: 0.25 }, 'not decided', true],
    ['<', { arm: 'broken', figure: 'kl' }, 'not decided', false],
    // What is the same at every seed is decided, its bound included or not.
    ['<', { arm: 'DKD', figure: 'kl' }, 'not met', false],
    ['<=', { arm: 'DKD', figure: 'kl' }, 'met', true],
  ])('%s %o: %s', (relation, right, outcome, byMeans) => {
    const paired: Arms = {
      arms: [
        { name: 'KD', kl: over(0.4, 0.5, 0.6) },
        { name: 'DKD', kl: over(0.2, 0.29, 0.4) },
        { name: 'broken', kl: over(NaN, NaN, NaN) },
      ],
    };
    const checked = checkClaim(claim({ relation, right }), paired, 'x.claim.json');
    expect([checked.outcome, checked.byMeans]).toEqual([outcome, byMeans]);
  });

  it('is not decided by one seed, nor by figures whose seeds are not known', () => {
    const of = (kl: object): Arms => ({ arms: [{ name: 'DKD', kl }] });
    const below = claim({ right: { value: 0.5 } });
    const outcome = (kl: object) => checkClaim(below, of(kl), 'x.claim.json').outcome;
    expect(outcome(over(0.1))).toBe('not decided');
    expect(outcome({ mean: 0.1, se: 0.01 })).toBe('not decided');
    expect(outcome(over(0.1, 0.11))).toBe('met');
  });

  it.each<readonly [unknown, number, string]>([
    [[0.4, 0.9], 0.35, 'met'],
    [[0.3, 0.9], 0.35, 'not decided'],
    [[0.1, 0.3], 0.35, 'not met'],
    ['unbounded', 0.35, 'not decided'],
    [null, 0.35, 'not decided'],
  ])(
    'about a share of a gap has Fieller’s interval: %j against %d, %s',
    (interval, value, wanted) => {
      const gap = { gapClosedVsKd: 0.5, gapClosedVsKdInterval: interval };
      const closes = claim({
        left: { arm: 'XCL', figure: 'gapClosedVsKd' },
        relation: '>=',
        right: { value },
      });
      const { outcome } = checkClaim(closes, { arms: [{ name: 'XCL', ...gap }] }, 'x.claim.json');
      expect(outcome).toBe(wanted);
      const none = { arms: [{ name: 'XCL', gapClosedVsKd: null, gapClosedVsKdInterval: null }] };
      expect(checkClaim(closes, none, 'x.claim.json').outcome).toBe('not decided');
    },
  );

  it('may be about the teacher, whose accuracies have their seeds beside them', () => {
    const about = claim({
      left: { arm: 'DKD', figure: 'accuracy' },
      right: { arm: 'teacher', figure: 'accuracy', plus: -0.01 },
    });
    const checked = checkClaim(about, result, 'x.claim.json');
    expect(checked).toMatchObject({ right: { mean: 0.94, se: null }, outcome: 'met' });
  });

  it('says which arm or figure is missing, and which there are', () => {
    expect(() =>
      checkClaim(claim({ left: { arm: 'DKDD', figure: 'kl' } }), result, 'x.claim.json'),
    ).toThrow('x.claim.json names the arm "DKDD"; the result has KD, DKD, broken.');
    expect(() =>
      checkClaim(claim({ right: { arm: 'KD', figure: 'rmse' } }), result, 'x.claim.json'),
    ).toThrow('x.claim.json names the figure "rmse"; the arm "KD" has accuracy, kl.');
  });

  it.each([
    [{ relation: '=' }, 'relation'],
    [{ says: '' }, 'says'],
    [{ left: { arm: 'KD' } }, 'left'],
    [{ right: { arm: 'KD', value: 1 } }, 'right: neither {arm, figure, times, plus} nor {value}'],
    [{ bound: 1 }, 'bound'],
  ])('is refused as %o with the place of the fault', (change, place) => {
    expect(() => claim(change)).toThrow(`x.claim.json is not a claim: ${place}`);
  });
});

describe('evidence', () => {
  let root: string;
  const put = (file: string, value: unknown) => {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify(value));
  };
  const recipe = JSON.parse(readFileSync('recipes/spiral.json', 'utf8')) as object;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'evidence-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is told with its claim, or listed as owed', () => {
    put('recipes/methods/dkd.json', recipe);
    put('recipes/methods/dkd.claim.json', claim({}));
    put('bench/results/methods/dkd.json', {
      ...result,
      recipe: { ...recipe, seed: 5 },
      backend: 'wasm',
      seeds: [5, 6],
    });
    put('recipes/methods/fitnet.json', recipe);
    put('recipes/methods/fitnet.claim.json', claim({ says: 'FitNet is ahead' }));
    const evidence = readEvidence(root, catalogue);
    expect(evidence.map(({ name, outdated }) => [name, outdated])).toEqual([
      ['dkd', false],
      ['fitnet', false],
    ]);
    const page = methodPage(catalogue, evidence);
    expect(page).toContain('1 measured: 0 met, 0 not met, 1 not decided; 1 owed.');
    expect(page).toContain(
      '| [dkd](../recipes/methods/dkd.json) | Spiral | KD: accuracy 85.00 ± 1.00 %, KL 0.500 ± 0.010<br>DKD: accuracy 90.00 ± 1.00 %, KL 0.200 ± 0.010<br>broken: KL n/a<br>teacher: accuracy 95.00 % | DKD’s KL to the teacher is below half of KD’s | DKD: 0.200 ± 0.010 | < 0.5 × KD: 0.250 ± 0.005 | -0.0500 [-0.6853, 0.5853] | **not decided** | wasm | students and teacher saw the same 90 training examples | 5, 6 | initial weights, order, draws, data, test set, teacher |',
    );
    expect(page).toContain('- [fitnet](../recipes/methods/fitnet.json): claimed: FitNet is ahead;');
  });

  it('not met is told as that, and so is a recipe that changed after its run', () => {
    put('recipes/methods/dkd.json', recipe);
    put('recipes/methods/dkd.claim.json', claim({ relation: '>', right: { value: 0.5 } }));
    put('bench/results/methods/dkd.json', { ...result, recipe: { ...recipe, steps: 1 } });
    const page = methodPage(catalogue, readEvidence(root, catalogue));
    expect(page).toContain('1 measured: 0 met, 1 not met, 0 not decided; 0 owed.');
    expect(page).toContain('| **not met**, by an older recipe |');
  });

  it('of another kind has figures of its own', () => {
    put('recipes/methods/gaussian.json', { task: { id: 'eyes' } });
    put('recipes/methods/gaussian.claim.json', {
      says: 'the error is below two',
      left: { arm: 'MSE', figure: 'rmse' },
      relation: '<',
      right: { value: 2 },
    });
    put('bench/results/methods/gaussian.json', { arms: [{ name: 'MSE', rmse: over(1.5, 1.7) }] });
    const page = methodPage(catalogue, readEvidence(root, catalogue));
    expect(page).toContain('| Eyes | MSE: RMSE 1.60 ± 0.01 |');
  });

  it('without a recipe is refused, and so is a file that is no result', () => {
    put('recipes/methods/dkd.claim.json', claim({}));
    expect(() => readEvidence(root, catalogue)).toThrow(
      'recipes/methods/dkd.claim.json belongs to no recipe: there is no recipes/methods/dkd.json.',
    );
    put('recipes/methods/dkd.json', recipe);
    put('bench/results/methods/dkd.json', { arms: [{}] });
    expect(() => readEvidence(root, catalogue)).toThrow(
      'bench/results/methods/dkd.json is not a result: it has no arms with names.',
    );
  });
});

test('which method runs where is what the check of a recipe says', () => {
  const all = compatibilityOf(catalogue);
  const why = (kind: string, method: string, sampler: string) =>
    all
      .find((one) => one.kind === kind)
      ?.pairings.find((one) => one.method === method && one.sampler === sampler)?.why;
  expect(why('image', 'kd', 'cutmix')).toBeNull();
  expect(why('plane', 'xcl', 'interpolation')).toBeNull();
  expect(why('plane', 'kd', 'cutmix')).toBe('this sampler cannot draw inputs of this kind.');
  expect(why('image', 'erm', 'interpolation')).toMatch(/^ERM learns from labels/);
  expect(why('image', 'mixed-teacher', 'none')).toMatch(/needs a sampler that mixes inputs/);
});

test('docs/methods.md is what the committed files make; if not: npm run evidence -- --methods', () => {
  const histories = historiesOf(readLog('.'), '.');
  const page = methodPage(catalogue, readEvidence('.', catalogue), histories);
  expect(readFileSync('docs/methods.md', 'utf8')).toBe(`${page}\n`);
});

test('docs/evidence.md is what the committed files make; if not: npm run evidence -- --report', () => {
  const evidence = readEvidence('.', catalogue, COMPARISONS);
  const page = evidencePage(evidence, readCoverage('.'), readCards());
  expect(readFileSync('docs/evidence.md', 'utf8')).toBe(`${page}\n`);
});
