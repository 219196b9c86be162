import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/recipe/errors';
import { digestOf, recipeDigest } from './digest';
import { appendToLog, readLog } from './log';
import type { ClaimEntry, Log, OutcomeEntry } from './log';
import { checkClaim } from './method-claims';
import { COMPARISONS, METHODS, readResult, resultFiles } from './method-files';
import type { Evidence, MethodResult, Study } from './method-files';

/** What is written into the results log, and how the committed files are held against it. */

/** A claim about the recipe of the result, and about the recipe as it is now. */
function claimEntries({ name, claim, digests }: Evidence, study: Study, at: string): ClaimEntry[] {
  if (!claim) return [];
  return [...new Set(digests)].map((recipe) => ({
    type: 'claim',
    name: `${study.id}/${name}`,
    at,
    recipe,
    claim,
  }));
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** What came of a claim. */
function outcomeEntry(one: Evidence, study: Study, at: string): OutcomeEntry[] {
  const { claim, result, checked, file, digests } = one;
  if (!claim || !result?.seeds || !checked || file === null) return [];
  return [
    {
      type: 'outcome',
      name: `${study.id}/${one.name}`,
      at,
      recipe: digests[0],
      claim: digestOf(claim),
      result: file,
      seeds: [...result.seeds],
      figures: figuresDigest(result, result.seeds),
      left: finite(checked.left.mean),
      right: finite(checked.right.mean),
      difference: finite(checked.difference),
      interval: checked.interval && [...checked.interval],
      outcome: checked.outcome,
      byMeans: checked.byMeans,
    },
  ];
}

const isSameClaim = (a: ClaimEntry, b: ClaimEntry): boolean =>
  a.name === b.name && a.recipe === b.recipe && digestOf(a.claim) === digestOf(b.claim);

const isSameOutcome = (a: OutcomeEntry, b: OutcomeEntry): boolean =>
  a.claim === b.claim && a.figures === b.figures && a.result === b.result;

/**
 * Writes into the log what is not in it: claims, before their runs, and outcomes. What is in it stays.
 *
 * @param at the time, in ISO form
 */
export function logEvidence(
  root: string,
  evidence: readonly Evidence[],
  study: Study,
  at: string,
): void {
  const { claims, outcomes } = readLog(root);
  appendToLog(root, [
    ...evidence
      .flatMap((one) => claimEntries(one, study, at))
      .filter((one) => !claims.some((known) => isSameClaim(known, one))),
    ...evidence
      .flatMap((one) => outcomeEntry(one, study, at))
      .filter((one) => !outcomes.some((known) => isSameOutcome(known, one))),
  ]);
}

/** The digest of all figures of a result at some of its seeds. */
function figuresDigest(result: MethodResult, seeds: readonly number[]): string {
  const at = seeds.map((seed) => (result.seeds ?? []).indexOf(seed));
  return digestOf([picked(result.arms, at), picked(result.teacher, at)]);
}

/** What there is of a result for single seeds: arms' figures, by name, and the teacher's. */
function picked(value: unknown, at: readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((one) => picked(one, at));
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
      if (key === 'name') return [[key, inner]];
      if (Array.isArray(inner))
        return /seeds$/i.test(key) ? [[key, at.map((i) => inner[i] as unknown)]] : [];
      return typeof inner === 'object' && inner !== null ? [[key, picked(inner, at)]] : [];
    }),
  );
}

/**
 * Holds the committed results against the log: each outcome's result is still there, by the same recipe, with the same
 * figures at its seeds and the same outcome; and no result has seeds that are not in the log.
 *
 * @throws UserError with the first that is not so
 */
export function verifyLog(root: string): void {
  const log = readLog(root);
  for (const outcome of log.outcomes) {
    const fault = faultOf(outcome, log, root);
    if (fault)
      throw new UserError(
        'E_LOG',
        `${outcome.result} is not what the results log says of ${outcome.name}: ${fault}`,
        'Results are never replaced: take the file back as it was committed.',
      );
  }
  for (const study of [METHODS, COMPARISONS])
    for (const { file } of resultFiles(root, study)) {
      const { seeds = [] } = readResult(root, file);
      const told = log.outcomes.some(
        (one) => one.result === file && one.seeds.length === seeds.length,
      );
      if (!told)
        throw new UserError(
          'E_LOG',
          `${file} is not in the results log with all its seeds.`,
          'npm run evidence -- --report adds it.',
        );
    }
}

function faultOf(outcome: OutcomeEntry, { claims }: Log, root: string): string | null {
  if (!existsSync(path.join(root, outcome.result))) return 'it is gone.';
  const result = readResult(root, outcome.result);
  if (result.recipe && recipeDigest(result.recipe) !== outcome.recipe)
    return 'it is of another recipe.';
  const lacking = outcome.seeds.find((seed) => !(result.seeds ?? []).includes(seed));
  if (lacking !== undefined) return `it lacks seed ${lacking}.`;
  if (figuresDigest(result, outcome.seeds) !== outcome.figures)
    return 'its figures are other ones.';
  const claimed = claims.find(
    (one) =>
      one.name === outcome.name &&
      one.recipe === outcome.recipe &&
      digestOf(one.claim) === outcome.claim,
  );
  if (!claimed) return 'the log has no such claim.';
  // With seeds that came later, means and intervals are others.
  if (result.seeds?.length !== outcome.seeds.length) return null;
  const checked = checkClaim(claimed.claim, result, outcome.result);
  const near = (a: number, b: number | null) =>
    b === null ? !Number.isFinite(a) : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
  const same = checked.outcome === outcome.outcome && near(checked.difference, outcome.difference);
  return same ? null : `its outcome is "${checked.outcome}".`;
}
