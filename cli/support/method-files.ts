import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isAnomalyRecipe } from '../../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../../src/recipe/anomaly-check';
import { checkRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import type { Catalogue, Recipe } from '../../src/recipe/recipe';
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
  readonly checked: Checked | null;
  /** The recipe has changed since its result was made. */
  readonly outdated: boolean;
}

/** Where recipes with their claims lie, and their results: what comes before a recipe's name in a result's. */
export interface Study {
  readonly recipes: string;
  readonly results: string;
  readonly prefix: string;
}

/** One recipe for each method, and the longer comparisons of Extracurricular with what came before it. */
const METHODS: Study = {
  recipes: 'recipes/methods',
  results: 'bench/results/methods',
  prefix: '',
};
export const COMPARISONS: Study = {
  recipes: 'recipes/evidence',
  results: 'bench/results',
  prefix: 'evidence-',
};

const CLAIM = '.claim.json';

/** Names of a study's recipes. */
export function recipesOf(root: string, study: Study): readonly string[] {
  return jsonIn(path.join(root, study.recipes))
    .filter((file) => !file.endsWith(CLAIM))
    .map((file) => file.slice(0, -5));
}

/** Reads recipes, claims and results below a folder. @throws UserError where one has no recipe or is not what it should be */
export function readEvidence(
  root: string,
  catalogue: Catalogue,
  study: Study = METHODS,
): readonly Evidence[] {
  const recipes = recipesOf(root, study);
  const { prefix } = study;
  const others = [
    ...jsonIn(path.join(root, study.recipes))
      .filter((file) => file.endsWith(CLAIM))
      .map((file) => ({ file: `${study.recipes}/${file}`, name: file.slice(0, -CLAIM.length) })),
    ...jsonIn(path.join(root, study.results))
      .filter((file) => file.startsWith(prefix))
      .map((file) => ({ file: `${study.results}/${file}`, name: file.slice(prefix.length, -5) })),
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
  const resultFile = `${study.results}/${study.prefix}${name}.json`;
  const has = (file: string) => existsSync(path.join(root, file));
  const given = has(claimFile) ? readJson(root, claimFile) : [];
  const claims = (Array.isArray(given) ? (given as unknown[]) : [given]).map((one) =>
    claimFrom(one, claimFile),
  );
  const result = has(resultFile) ? resultFrom(readJson(root, resultFile), resultFile) : null;
  const entry = (claim: MethodClaim | null): Evidence => ({
    name,
    task: isAnomalyRecipe(recipe)
      ? 'faults in images'
      : String((recipe as { task?: { id?: unknown } } | null)?.task?.id ?? ''),
    claim,
    result,
    checked: claim && result ? checkClaim(claim, result, claimFile) : null,
    outdated:
      result?.recipe !== undefined && whole(recipe, catalogue) !== whole(result.recipe, catalogue),
  });
  return claims.length > 0 ? claims.map(entry) : [entry(null)];
}

function resultFrom(input: unknown, file: string): MethodResult {
  const { arms } = (input ?? {}) as { arms?: unknown };
  if (Array.isArray(arms) && arms.every((arm: { name?: unknown }) => typeof arm.name === 'string'))
    return input as MethodResult;
  throw new UserError('E_EVIDENCE', `${file} is not a result: it has no arms with names.`);
}

/** A recipe with its defaults, as text; its seed, which is the first of several, is left out. */
function whole(input: unknown, catalogue: Catalogue): string {
  const recipe = isAnomalyRecipe(input)
    ? requireAnomalyRecipe(input, catalogue)
    : checkRecipe(input, catalogue).recipe;
  return JSON.stringify({ ...(recipe ?? (input as object)), seed: 0 });
}

function jsonIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted();
}

function readJson(root: string, file: string): unknown {
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
