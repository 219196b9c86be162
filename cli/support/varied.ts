import type { AnomalyRecipe } from '../../src/recipe/anomaly';
import type { Recipe } from '../../src/recipe/recipe';

/** What another seed changes in every recipe. */
const ALWAYS = ['initial weights', 'order', 'draws'];
/** What it may leave as it is. */
const FIXED = ['data', 'teacher', 'test set'];

/** What differs between the seeds of a recipe, and what is the same at all of them. */
export interface Varied {
  readonly varies: readonly string[];
  readonly same: readonly string[];
}

export function variedOf(recipe: Recipe | AnomalyRecipe): Varied {
  const changed = 'arms' in recipe ? ofFaults(recipe) : ofDistillation(recipe);
  return {
    varies: [...ALWAYS, ...changed],
    same: FIXED.filter((thing) => !changed.includes(thing)),
  };
}

function ofDistillation({ redraw, teacher, generations = 1, students }: Recipe): string[] {
  const own = students.some(
    ({ sampler }) => sampler.id === 'generator' && sampler.params['from'] !== 'bundled',
  );
  return [
    ...(redraw ? ['data', 'test set'] : []),
    ...(teacher.source === 'train' || generations > 1 ? ['teacher'] : []),
    ...(own ? ['generator'] : []),
  ];
}

/** Which faults are drawn into the test's images follows from the seed, and so does a drawn texture. */
function ofFaults({ normal }: AnomalyRecipe): string[] {
  return [...(normal.source === 'texture' ? ['data'] : []), 'test set'];
}

/**
 * "n = 3 seeds, which differ in initial weights, order and draws; data, teacher and test set are the same at all of them."
 * One seed has nothing that varies, so no interval.
 */
export function seedsInWords(recipe: Recipe | AnomalyRecipe, n: number): string {
  if (n < 2) return 'n = 1 seed: no interval.';
  const { varies, same } = variedOf(recipe);
  const rest = `; ${listed(same)} ${same.length > 1 ? 'are' : 'is'} the same at all of them`;
  return `n = ${n} seeds, which differ in ${listed(varies)}${same.length > 0 ? rest : ''}.`;
}

/** What stands in a result beside its intervals. */
export function intervalsInWords(recipe: Recipe | AnomalyRecipe, n: number): string {
  return `95 %, by Fieller’s theorem. ${seedsInWords(recipe, n)}`;
}

/** "one, two and three". */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
