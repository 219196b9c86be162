import { findProblems } from './check';
import { placeOf, problemWords, valueWords } from './place';
import { put, remove, valueAt, type Path, type Problem, type Whole } from './problem';
import type { Catalogue, Recipe } from './recipe';

/** A recipe that can be used, and a sentence for everything that had to be changed for it. */
interface Mended {
  readonly recipe: Recipe;
  readonly sentences: readonly string[];
}

/** More changes than a link of the longest kind can need. */
const MOST_CHANGES = 500;

/**
 * Keeps all of a recipe that can be used. What cannot is replaced by what `base` has there, or by its default; keys that
 * are not known are left out. Each is named as the page calls it, with what is used instead.
 *
 * @param input what claims to be a recipe: `base` with changes; it is not changed
 * @param base a recipe that passes the check
 */
export function mend(input: unknown, base: Recipe, catalogue: Catalogue): Mended {
  const whole: Whole = { recipe: structuredClone(input) };
  const told: { readonly problem: Problem; readonly words: string; undone: Path }[] = [];
  const tried = new Map<string, number>();
  for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
    const found = findProblems(whole.recipe, catalogue);
    if (found.recipe) return { recipe: found.recipe, sentences: told.map(sayWith(found.recipe)) };
    const [problem] = found.problems;
    if (!problem) break;
    const key = JSON.stringify(problem.path);
    const at = tried.get(key) ?? 0;
    const words = problemWords(problem, whole.recipe, catalogue);
    const undone = takeBack(whole, base, problem, at);
    tried.set(key, at + undone.tries);
    const before = told.find((one) => one.words === words);
    if (before) before.undone = undone.path;
    else told.push({ problem, words, undone: undone.path });
  }
  return { recipe: base, sentences: [...told.map(({ words }) => `${words}.`), ALL] };

  function sayWith(recipe: Recipe) {
    return ({ problem, words, undone }: (typeof told)[number]): string =>
      `${words}; ${usedInstead(problem, undone, recipe, base, catalogue)}.`;
  }
}

const ALL = 'Nothing of it could be used with the rest, so the preset’s own settings stand.';

/** What stands now where something was taken back. */
function usedInstead(
  { path, kind }: Problem,
  undone: Path,
  recipe: Recipe,
  base: Recipe,
  catalogue: Catalogue,
): string {
  if (kind === 'unknown') return 'it was left out';
  if (undone.length === 0) return 'the preset’s own settings are used';
  const place = placeOf(undone, recipe, catalogue);
  const where = place.name === placeOf(path, recipe, catalogue).name ? '' : `${place.name}: `;
  const now = valueAt(recipe, undone);
  if (now === undefined) return `${where}it was left out`;
  const plain = typeof now !== 'object' || Array.isArray(now) || place.offers !== null;
  if (plain && !(Array.isArray(now) && typeof now[0] === 'object'))
    return `${where}${valueWords(now, place)} is used instead`;
  const same = JSON.stringify(now) === JSON.stringify(valueAt(base, undone));
  return `${where}${same ? 'the preset’s own is' : 'what it is without saying is'} used instead`;
}

/**
 * Takes back what a problem comes from.
 * @param from how many ways of doing so were tried for it before
 * @returns what was taken back, and how many ways are tried with it
 */
function takeBack(
  whole: Whole,
  base: Recipe,
  { path, kind, instead, undo = [] }: Problem,
  from: number,
): { readonly path: Path; readonly tries: number } {
  const fitting = choiceOf(path);
  if (kind === 'unknown' && from === 0) {
    remove(whole, path);
    return { path, tries: 1 };
  }
  if (instead !== undefined && from === 0) {
    put(whole, path, instead);
    return { path, tries: 1 };
  }
  // Its own value, then what else it comes from, then all around it, the nearest first.
  const ways: Path[] = [
    ...(undo.length > 0 ? [] : [fitting]),
    ...undo,
    ...(kind === 'clash' ? [['task']] : []),
    ...fitting.map((_, depth) => fitting.slice(0, fitting.length - 1 - depth)),
  ];
  for (let way = from; way < ways.length; way += 1) {
    const target = ways[way] as Path;
    const own = baseValue(base, whole.recipe, target);
    const now = valueAt(whole.recipe, target);
    if (own !== undefined && JSON.stringify(own) !== JSON.stringify(now)) {
      put(whole, target, structuredClone(own));
      return { path: target, tries: way - from + 1 };
    }
    if (own === undefined && now !== undefined) {
      remove(whole, target);
      return { path: target, tries: way - from + 1 };
    }
  }
  put(whole, [], structuredClone(base));
  return { path: [], tries: 1 };
}

/** The whole choice whose id it is: its parameters belong to the id. */
function choiceOf(path: Path): Path {
  const last = path.at(-1);
  return last === 'id' || last === 'source' ? path.slice(0, -1) : path;
}

/** What the base has at a place; of students beyond its last, what that one has. Nothing of a thing of another id. */
function baseValue(base: Recipe, recipe: unknown, path: Path): unknown {
  let [own, given]: [unknown, unknown] = [base, recipe];
  for (const [at, key] of path.entries()) {
    const id = valueAt(own, ['id']);
    if (at > 0 && id !== undefined && id !== valueAt(given, ['id'])) return undefined;
    const last = Array.isArray(own) && typeof key === 'number' ? own.length - 1 : key;
    const place = typeof key === 'number' && typeof last === 'number' ? Math.min(key, last) : key;
    own = valueAt(own, [place]);
    given = valueAt(given, [key]);
  }
  return own;
}
