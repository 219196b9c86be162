import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isAnomalyRecipe } from '../../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../../src/recipe/anomaly-check';
import { checkRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import type { Catalogue, Recipe } from '../../src/recipe/recipe';
import type { DetectResult } from './detect';
import { recipeDigest } from './digest';
import type { DistillResult } from './distill';
import { readLog } from './log';
import { checkClaim, claimFrom, type Arms, type Checked, type MethodClaim } from './method-claims';

/** What is read of a result: that of `npm run distill`, or of another kind with the same arms and seeds. */
export interface MethodResult extends Arms {
  readonly recipe?: Recipe | AnomalyRecipe;
  readonly backend?: string;
  readonly seeds?: readonly number[];
  readonly steps?: number;
}

/** The evidence for one claim about a recipe of recipes/methods: null where something is still owed. */
export interface Evidence {
  readonly name: string;
  /** The task's id and the students' names, as the recipe has them. */
  readonly task: string;
  readonly claim: MethodClaim | null;
  readonly result: MethodResult | null;
  /** Where the result lies. */
  readonly file: string | null;
  readonly checked: Checked | null;
  /** The recipe has changed since its result was made. */
  readonly outdated: boolean;
  /** Digests as the results log has them: of the recipe by which the result was made, if any, and of the recipe as it is. */
  readonly digests: readonly [of: string, now: string];
}

/** Where recipes with their claims lie, and their results: what comes before a recipe's name in a result's. */
export interface Study {
  /** What the results log calls it. */
  readonly id: string;
  readonly recipes: string;
  readonly results: string;
  readonly prefix: string;
}

/** One recipe for each method, and the longer comparisons of Extracurricular with what came before it. */
export const METHODS: Study = {
  id: 'methods',
  recipes: 'recipes/methods',
  results: 'bench/results/methods',
  prefix: '',
};
export const COMPARISONS: Study = {
  id: 'evidence',
  recipes: 'recipes/evidence',
  results: 'bench/results',
  prefix: 'evidence-',
};

const CLAIM = '.claim.json';

/**
 * A recipe's results: NAME.json, and beside it NAME.DIGEST.json of other versions of the recipe, DIGEST being the first
 * digits of theirs.
 */
const RESULT = /^(.+?)(?:\.[0-9a-f]{8})?\.json$/;

/** A result with its place. */
export interface Kept {
  readonly file: string;
  readonly result: MethodResult;
}

/** Every result of a recipe, the one without a digest in its name first. @throws UserError where a file is no result */
export function resultsOf(root: string, study: Study, name: string): readonly Kept[] {
  return resultFiles(root, study)
    .filter((one) => one.name === name)
    .map(({ file }) => ({ file, result: readResult(root, file) }))
    .toSorted((a, b) => a.file.length - b.file.length);
}

/** Every file of a study's results, with the name of its recipe. */
export function resultFiles(
  root: string,
  { results, prefix }: Study,
): readonly { readonly file: string; readonly name: string }[] {
  return jsonIn(path.join(root, results)).flatMap((file) => {
    const name = file.startsWith(prefix) ? RESULT.exec(file.slice(prefix.length))?.[1] : undefined;
    return name === undefined ? [] : [{ file: `${results}/${file}`, name }];
  });
}

/** @throws UserError where the file is no result */
export const readResult = (root: string, file: string): MethodResult =>
  resultFrom(readJson(root, file), file);

/** Where the result of a recipe is to be written that has none yet. */
export function newResultFile(study: Study, name: string, digest: string, beside: boolean): string {
  const version = beside ? `.${digest.slice(0, 8)}` : '';
  return `${study.results}/${study.prefix}${name}${version}.json`;
}

/** Names of a study's recipes. */
export function recipesOf(root: string, study: Study): readonly string[] {
  return jsonIn(path.join(root, study.recipes))
    .filter((file) => !file.endsWith(CLAIM))
    .map((file) => file.slice(0, -5));
}

/**
 * Reads recipes, claims and results below a folder. A result whose recipe is gone has to be in the results log.
 *
 * @throws UserError where a claim or a result has no recipe, or is not what it should be
 */
export function readEvidence(
  root: string,
  catalogue: Catalogue,
  study: Study = METHODS,
): readonly Evidence[] {
  const recipes = recipesOf(root, study);
  const logged = readLog(root).outcomes.map(({ result }) => result);
  const others = [
    ...jsonIn(path.join(root, study.recipes))
      .filter((file) => file.endsWith(CLAIM))
      .map((file) => ({ file: `${study.recipes}/${file}`, name: file.slice(0, -CLAIM.length) })),
    ...resultFiles(root, study).filter(({ file }) => !logged.includes(file)),
  ];
  const alone = others.find(({ name }) => !recipes.includes(name));
  if (alone)
    throw new UserError(
      'E_EVIDENCE',
      `${alone.file} belongs to no recipe: there is no ${study.recipes}/${alone.name}.json.`,
    );
  return recipes.flatMap((name) => evidenceOf(root, name, catalogue, study));
}

/** One entry for each claim about a recipe; a claim file holds one or a list of them. */
function evidenceOf(root: string, name: string, catalogue: Catalogue, study: Study): Evidence[] {
  const recipe = readJson(root, `${study.recipes}/${name}.json`);
  const claimFile = `${study.recipes}/${name}${CLAIM}`;
  const given = existsSync(path.join(root, claimFile)) ? readJson(root, claimFile) : [];
  const claims = (Array.isArray(given) ? (given as unknown[]) : [given]).map((one) =>
    claimFrom(one, claimFile),
  );
  const kept = resultsOf(root, study, name);
  const fitting = kept.find(({ result }) => isOf(recipe, result, catalogue));
  const { file = null, result = null } = fitting ?? kept[0] ?? {};
  const outdated = result !== null && fitting === undefined;
  const now = recipeDigest(filled(recipe, catalogue));
  const made = result?.recipe ? recipeDigest(result.recipe) : now;
  const entry = (claim: MethodClaim | null): Evidence => ({
    name,
    task: taskOf(recipe),
    claim,
    result,
    file,
    checked: claim && result ? checkClaim(claim, result, claimFile) : null,
    outdated,
    // A setting that came after a result has its default in the recipe as it is, which is another digest of the same recipe.
    digests: [made, outdated ? now : made],
  });
  return claims.length > 0 ? claims.map(entry) : [entry(null)];
}

/** The id of a recipe's task. */
export const taskOf = (recipe: unknown): string =>
  isAnomalyRecipe(recipe)
    ? 'faults in images'
    : String((recipe as { task?: { id?: unknown } } | null)?.task?.id ?? '');

/** Whether a result was made by this recipe, as far as it says by which. */
export const isOf = (recipe: unknown, result: MethodResult, catalogue: Catalogue): boolean =>
  result.recipe === undefined || whole(recipe, catalogue) === whole(result.recipe, catalogue);

/** A result of a recipe with students. */
export const isDistilled = (result: MethodResult): result is MethodResult & DistillResult =>
  result.recipe !== undefined && 'students' in result.recipe;

/** A result of a recipe that looks for faults in images. */
export const isDetected = (result: MethodResult): result is MethodResult & DetectResult =>
  result.recipe !== undefined && 'arms' in result.recipe;

function resultFrom(input: unknown, file: string): MethodResult {
  const { arms } = (input ?? {}) as { arms?: unknown };
  if (Array.isArray(arms) && arms.every((arm: { name?: unknown }) => typeof arm.name === 'string'))
    return input as MethodResult;
  throw new UserError('E_EVIDENCE', `${file} is not a result: it has no arms with names.`);
}

/** A recipe with its defaults; as it is where it is none. */
function filled(input: unknown, catalogue: Catalogue): object {
  const recipe = isAnomalyRecipe(input)
    ? requireAnomalyRecipe(input, catalogue)
    : checkRecipe(input, catalogue).recipe;
  return recipe ?? (input as object);
}

/** The same as text; its seed, which is the first of several, is left out. */
const whole = (input: unknown, catalogue: Catalogue): string =>
  JSON.stringify({ ...filled(input, catalogue), seed: 0 });

function jsonIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted();
}

/** @throws UserError where the file is not JSON */
export function readJson(root: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as unknown;
  } catch (cause) {
    throw new UserError(
      'E_EVIDENCE',
      `${file} could not be read: ${(cause as Error).message}.`,
      undefined,
      { cause },
    );
  }
}
