import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { digestOfText } from '../../cli/support/digest';
import { mergeDetected } from '../../cli/support/detect';
import type { DetectResult } from '../../cli/support/detect';
import type { DistillResult } from '../../cli/support/distill';
import { addSeeds, namedEvidence, planOf, sameBackend } from '../../cli/support/evidence-run';
import { LOG, appendToLog, readLog, refuseLogged } from '../../cli/support/log';
import { logEvidence, verifyLog } from '../../cli/support/log-entries';
import { LOG_PAGE, historiesOf, logPage } from '../../cli/support/log-page';
import { COMPARISONS, METHODS, isDistilled, readEvidence } from '../../cli/support/method-files';
import { requireRecipe } from '../../src/recipe/check';
import { readCards } from '../../cli/support/surroundings';
import { catalogueOf } from '../../src/train/catalogue';

const catalogue = catalogueOf(readCards());
const text = readFileSync(LOG, 'utf8');

/** A file's contents in the commits that are here, oldest first, and as it is; alone where there is no repository. */
function historyOf(file: string): readonly string[] {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' });
  const commits = git('log', '--reverse', '--format=%H', '--', file).stdout ?? '';
  const committed = commits
    .split('\n')
    .filter((commit) => commit !== '')
    .map((commit) => git('show', `${commit}:${file}`).stdout);
  return [...committed, readFileSync(file, 'utf8')];
}

describe('the committed log', () => {
  it('begins with the lines that it had on its first day: none was changed or taken out', () => {
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThanOrEqual(136);
    expect(digestOfText(lines.slice(0, 136).join('\n'))).toBe(
      '73c463ebde73d7da28f820a633bf65d9a5515d34fb1de5b7c5a4aa728195d234',
    );
  });

  it('only grew from commit to commit, as far as they are here', () => {
    const versions = historyOf(LOG);
    for (const [i, newer] of versions.slice(1).entries())
      expect(newer.startsWith(versions[i] ?? ''), `version ${i + 2}`).toBe(true);
  });

  it('is what the committed results say, and has every one of them with all its seeds', () => {
    expect(() => verifyLog('.')).not.toThrow();
  });

  it('has both outcomes of the six recipes that were changed after a first one', () => {
    const histories = historiesOf(readLog('.'), '.');
    const outcomes = (says: string) =>
      histories
        .find((one) => one.says.startsWith(says))
        ?.told.map(({ outcome }) => [outcome.name, outcome.byMeans]);
    expect(outcomes('DKD’s accuracy')).toEqual([
      ['methods/dkd', false],
      ['methods/dkd', true],
    ]);
    expect(outcomes('DIST’s accuracy')).toEqual([
      ['methods/dist', false],
      ['methods/dist', false],
    ]);
    expect(outcomes('The accuracy of logit standardisation')).toEqual([
      ['methods/logit-standard', true],
      ['methods/logit-standard', false],
    ]);
    expect(outcomes('CutMixPick’s KL')).toEqual([
      ['methods/good-da', false],
      ['methods/good-da', true],
    ]);
    expect(outcomes('Attention transfer’s KL')).toEqual([
      ['methods/at', false],
      ['methods/features-shapes', false],
      ['methods/at', true],
    ]);
  });

  test(`${LOG_PAGE} is made of it; if not: npm run evidence -- --report`, () => {
    expect(readFileSync(LOG_PAGE, 'utf8')).toBe(`${logPage(readLog('.'), '.')}\n`);
  });

  it('no recipe has changed since its result, nor a default that it relies on', () => {
    for (const study of [METHODS, COMPARISONS])
      for (const { name, outdated } of readEvidence('.', catalogue, study))
        expect(outdated, name).toBe(false);
  });
});

describe('a log', () => {
  let root: string;
  const put = (file: string, value: unknown) => {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify(value));
  };
  const RESULT = 'bench/results/methods/dkd.json';
  const at = '2026-11-30T09:00:00.000Z';
  const log = (study = METHODS) =>
    logEvidence(root, readEvidence(root, catalogue, study), study, at);
  const raw = () => readFileSync(path.join(root, LOG), 'utf8');
  const input = JSON.parse(readFileSync('recipes/methods/dkd.json', 'utf8')) as object;
  const committed: DistillResult = {
    ...(JSON.parse(readFileSync(RESULT, 'utf8')) as DistillResult),
    recipe: requireRecipe(input, catalogue),
  };
  /** Of the committed result, some seeds, as a run of these alone would have it. */
  const ofSeeds = (...seeds: number[]): DistillResult => {
    const chosen = committed.seeds.flatMap((seed, i) => (seeds.includes(seed) ? [i] : []));
    const over = (all: readonly number[]) => {
      const values = chosen.map((i) => all[i] ?? NaN);
      return {
        mean: values.reduce((sum, value) => sum + value, 0) / values.length,
        se: values.length > 1 ? 0.1 : null,
        seeds: values,
      };
    };
    return {
      ...committed,
      seeds,
      teacher: { ...committed.teacher, accuracySeeds: seeds.map(() => 0.994) },
      arms: committed.arms.map((arm) => ({
        ...arm,
        ...(arm.accuracy && { accuracy: over(arm.accuracy.seeds) }),
        ...(arm.kl && { kl: over(arm.kl.seeds) }),
      })),
    };
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'log-'));
    for (const file of ['recipes/methods/dkd.json', 'recipes/methods/dkd.claim.json'])
      cpSync(file, path.join(root, file), { recursive: true });
    mkdirSync(path.join(root, 'bench/results/methods'), { recursive: true });
    mkdirSync(path.join(root, 'recipes/evidence'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('gets a claim before its run and an outcome after it, each once', () => {
    log();
    expect(readLog(root)).toMatchObject({ claims: [{ name: 'methods/dkd', at }], outcomes: [] });
    const before = raw();
    put(RESULT, committed);
    log();
    log();
    expect(raw().startsWith(before)).toBe(true);
    expect(readLog(root)).toMatchObject({
      claims: [{}],
      outcomes: [{ result: RESULT, seeds: [1, 2, 3], outcome: 'not decided', byMeans: true }],
    });
    verifyLog(root);
  });

  it('keeps the outcome of fewer seeds beside that of more', () => {
    put(RESULT, ofSeeds(1, 2));
    log();
    put(RESULT, ofSeeds(1, 2, 3));
    log();
    expect(readLog(root).outcomes.map(({ seeds }) => seeds)).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    verifyLog(root);
  });

  it('is refused where a line was changed, taken out or put in', () => {
    put(RESULT, committed);
    log();
    put(RESULT, ofSeeds(1, 2, 3));
    const lines = raw().trim().split('\n');
    const write = (changed: readonly string[]) =>
      writeFileSync(path.join(root, LOG), `${changed.join('\n')}\n`);
    write([lines[0]?.replace('DKD', 'DKDD') ?? '', lines[1] ?? '']);
    expect(() => readLog(root)).toThrow(`Line 2 of ${LOG} does not follow from the one before it.`);
    write([lines[1] ?? '']);
    expect(() => readLog(root)).toThrow('does not follow');
    write([lines[0] ?? '', lines[0] ?? '', lines[1] ?? '']);
    expect(() => appendToLog(root, [])).toThrow('does not follow');
    write(['{"type":"claim"}']);
    expect(() => readLog(root)).toThrow('is no entry');
    write(['no JSON']);
    expect(() => readLog(root)).toThrow('is not JSON');
  });

  it.each<readonly [string, () => unknown, string]>([
    ['with fewer seeds', () => ofSeeds(1), 'it lacks seed 2.'],
    [
      'with another figure',
      () => {
        const other = ofSeeds(1, 2, 3);
        return { ...other, arms: other.arms.map((arm) => ({ ...arm, kl: arm.accuracy })) };
      },
      'its figures are other ones.',
    ],
    [
      'by another recipe',
      () => ({ ...committed, recipe: { ...committed.recipe, steps: 301 } }),
      'it is of another recipe.',
    ],
  ])('does not let a result be replaced by one %s', (_, replacement, fault) => {
    put(RESULT, committed);
    log();
    put(RESULT, replacement());
    expect(() => verifyLog(root)).toThrow(fault);
  });

  it('does not let a result go, nor one be there unseen', () => {
    put(RESULT, ofSeeds(1, 2));
    log();
    rmSync(path.join(root, RESULT));
    expect(() => verifyLog(root)).toThrow('it is gone.');
    put(RESULT, ofSeeds(1, 2, 3));
    expect(() => verifyLog(root)).toThrow(
      `${RESULT} is not in the results log with all its seeds.`,
    );
  });

  it('names files that nobody writes over', () => {
    put(RESULT, committed);
    log();
    expect(() => refuseLogged(root, path.join(root, RESULT))).toThrow('results are never replaced');
    expect(() => refuseLogged(root, path.join(root, 'own.json'))).not.toThrow();
  });

  describe('a run', () => {
    const wish = (first: number, seeds: number, beside = false) =>
      planOf(root, namedEvidence(root, 'methods/dkd'), catalogue, { first, seeds, beside });
    const kind = {
      is: isDistilled,
      merge: (one: DistillResult, other: DistillResult): DistillResult => ({
        ...one,
        seeds: [...one.seeds, ...other.seeds],
      }),
    };
    const change = () => put('recipes/methods/dkd.json', { ...committed.recipe, steps: 301 });

    it('is of the seeds that a result lacks', () => {
      expect(wish(1, 3)).toMatchObject({ file: RESULT, seeds: [1, 2, 3] });
      put(RESULT, committed);
      expect(wish(1, 1).seeds).toEqual([]);
      expect(wish(2, 4).seeds).toEqual([4, 5]);
    });

    it('adds them, and replaces nothing', () => {
      put(RESULT, ofSeeds(1, 2));
      const plan = wish(1, 3);
      expect(addSeeds(root, plan, ofSeeds(3), kind).seeds).toEqual([1, 2, 3]);
      const file = readFileSync(path.join(root, RESULT), 'utf8');
      expect(() => addSeeds(root, plan, ofSeeds(3), kind)).toThrow('has seed 3 by now');
      expect(readFileSync(path.join(root, RESULT), 'utf8')).toBe(file);
    });

    it('replaces nothing of another kind either', () => {
      put(RESULT, { arms: [{ name: 'KD' }] });
      const plan = { file: RESULT, recipe: committed.recipe, seeds: [1] };
      expect(() => addSeeds(root, plan, ofSeeds(1), kind)).toThrow('of another kind');
    });

    it('about faults in images adds seeds too', () => {
      const file = 'bench/results/methods/destseg.json';
      const found = JSON.parse(readFileSync(file, 'utf8')) as DetectResult;
      const both = mergeDetected(found, { ...found, seeds: [4, 5, 6] });
      expect(both.seeds).toEqual([1, 2, 3, 4, 5, 6]);
      const [one] = found.arms;
      const [arm] = both.arms;
      expect(arm?.pixelAp.mean).toBeCloseTo(one?.pixelAp.mean ?? NaN, 12);
      expect(arm?.pixelAp.seeds.length).toBe(6);
      expect(arm?.kinds['scratch']?.seeds.length).toBe(6);
      expect(arm?.curves.length).toBe(6);
      const wished = { first: 1, seeds: 4, beside: false };
      const named = namedEvidence('.', 'methods/destseg');
      expect(planOf('.', named, catalogue, wished)).toMatchObject({ file, seeds: [4] });
    });

    it('of a changed recipe is refused, or gets a result of its own beside the older one', () => {
      put(RESULT, committed);
      log();
      change();
      expect(() => wish(4, 1)).toThrow(
        `recipes/methods/dkd.json is not the recipe that ${RESULT} was made by`,
      );
      const plan = wish(1, 3, true);
      expect(plan.seeds).toEqual([1, 2, 3]);
      expect(plan.file).toMatch(/^bench\/results\/methods\/dkd\.[0-9a-f]{8}\.json$/);
      addSeeds(root, plan, { ...committed, recipe: { ...committed.recipe, steps: 301 } }, kind);
      log();
      verifyLog(root);
      expect(readLog(root).outcomes.map(({ result }) => result)).toEqual([RESULT, plan.file]);
      // The newer one is what the page tells; more seeds of it go where it is.
      expect(readEvidence(root, catalogue)[0]).toMatchObject({ file: plan.file, outdated: false });
      expect(wish(1, 4)).toMatchObject({ file: plan.file, seeds: [4] });
    });

    it('is on the backend of the seeds that are there', () => {
      put(RESULT, committed);
      expect(() => sameBackend(root, wish(1, 4), 'webgpu')).toThrow('were run on wasm');
    });

    it('knows recipes by their names', () => {
      expect(() => namedEvidence(root, 'methods/dkdd')).toThrow('no evidence named "methods/dkdd"');
      expect(() => namedEvidence(root, 'dkd')).toThrow('no evidence named "dkd"');
    });
  });
});
