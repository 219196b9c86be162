import { existsSync } from 'node:fs';
import path from 'node:path';
import { isAnomalyRecipe } from '../../src/recipe/anomaly';
import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import { requireAnomalyRecipe } from '../../src/recipe/anomaly-check';
import { requireRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { Catalogue, Recipe } from '../../src/recipe/recipe';
import { recipeDigest } from './digest';
import {
  COMPARISONS,
  isOf,
  METHODS,
  newResultFile,
  readJson,
  readResult,
  recipesOf,
  resultsOf,
} from './method-files';
import type { MethodResult, Study } from './method-files';
import { writeWhole } from './result-file';

/** Adding seeds to committed results, and nothing else: what is there stays as it is. */

/** A recipe by its name on the command line: that of a comparison, or "methods/NAME". */
export interface Named {
  readonly study: Study;
  readonly name: string;
}

/** What is to be run for one recipe. */
export interface Plan {
  readonly file: string;
  readonly recipe: Recipe | AnomalyRecipe;
  /** Those that the result lacks. */
  readonly seeds: readonly number[];
}

export interface Wish {
  readonly first: number;
  readonly seeds: number;
  /** A changed recipe gets a result of its own beside the older one. */
  readonly beside: boolean;
}

/** @throws UserError where there is no such recipe */
export function namedEvidence(root: string, text: string): Named {
  const parts = text.split('/');
  const study = parts.length === 2 && parts[0] === METHODS.id ? METHODS : COMPARISONS;
  const name = parts.at(-1) ?? '';
  const known = parts.length === 1 || parts[0] === study.id;
  if (known && parts.length <= 2 && recipesOf(root, study).includes(name)) return { study, name };
  throw new UserError(
    'E_USAGE',
    `There is no evidence named "${text}".`,
    `Those of ${COMPARISONS.recipes} go by their names (${recipesOf(root, COMPARISONS).join(', ')}), those of ${METHODS.recipes} as methods/NAME.`,
  );
}

/**
 * What a recipe's result still lacks of the wanted seeds.
 *
 * @throws UserError where the result that is there was made by another version of the recipe
 */
export function planOf(
  root: string,
  { study, name }: Named,
  catalogue: Catalogue,
  wish: Wish,
): Plan {
  const file = `${study.recipes}/${name}.json`;
  const input = readJson(root, file);
  const seeded = { ...(input as object), seed: wish.first };
  const recipe = isAnomalyRecipe(input)
    ? requireAnomalyRecipe(seeded, catalogue)
    : requireRecipe(seeded, catalogue);
  const kept = resultsOf(root, study, name);
  const own = kept.find(({ result }) => isOf(input, result, catalogue));
  const [older] = kept;
  if (!own && older && !wish.beside)
    throw new UserError(
      'E_RECIPE',
      `${file} is not the recipe that ${older.file} was made by, and results are never replaced or mixed.`,
      'Take the recipe back as it was, or run again with --beside: the changed recipe gets a result of its own, and the results log shows both.',
    );
  const wanted = Array.from({ length: wish.seeds }, (_, i) => wish.first + i);
  return {
    file: own?.file ?? newResultFile(study, name, recipeDigest(recipe), older !== undefined),
    recipe,
    seeds: wanted.filter((seed) => !(own?.result.seeds ?? []).includes(seed)),
  };
}

/** @throws UserError where a result was made on another backend than its new seeds would be */
export function sameBackend(root: string, { file }: Plan, backend: string): void {
  const known = existsSync(path.join(root, file)) ? readResult(root, file).backend : backend;
  if (known !== backend)
    throw new UserError(
      'E_USAGE',
      `The seeds of ${file} were run on ${known}, and these would be on ${backend}.`,
      `Run again with --backend ${known}.`,
    );
}

/** What results of every kind have. */
interface Seeded {
  readonly recipe: Recipe | AnomalyRecipe;
  readonly seeds: readonly number[];
}

/** A kind of result: how it is known, and how two of it are made one. */
interface Kind<T extends Seeded> {
  is(result: MethodResult): result is MethodResult & T;
  merge(first: T, second: T): T;
}

/**
 * Adds a result's seeds to a file. Those that are there already stay, and so does everything where one of the new ones is
 * among them.
 *
 * @throws UserError where the file has one of these seeds, or is no result of this kind
 */
export function addSeeds<T extends Seeded>(
  root: string,
  { file }: Plan,
  fresh: T,
  { is, merge }: Kind<T>,
): T {
  const at = path.join(root, file);
  // Read now, not before the run: another process may have added other seeds meanwhile.
  const known = existsSync(at) ? readResult(root, file) : null;
  const twice = fresh.seeds.find((seed) => known?.seeds?.includes(seed));
  if (twice !== undefined)
    throw new UserError(
      'E_USAGE',
      `${file} has seed ${twice} by now, and results are never replaced.`,
    );
  if (known && !is(known))
    throw new UserError('E_USAGE', `${file} is a result of another kind, and stays as it is.`);
  // By the recipe as it stands there: a setting that came later has its default in the new one alone.
  const result = known ? merge(known, { ...fresh, recipe: known.recipe }) : fresh;
  const spaces = file.startsWith(METHODS.results) ? 2 : 0;
  writeWhole(at, `${JSON.stringify(result, null, spaces)}\n`);
  return result;
}
