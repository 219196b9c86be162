/** What the worker tells the page of settings: in the page's own words. */
import { findProblems, type Checked } from './check';
import type { Unread } from './link';
import { mend } from './mend';
import { placeOf, problemWords, valueWords } from './place';
import { presets } from './presets';
import { valueAt, type Path } from './problem';
import type { Catalogue, Recipe } from './recipe';

/** Checks anything that claims to be a recipe; what is wrong is said by the names of the page's controls. */
export function checkInWords(input: unknown, catalogue: Catalogue): Checked {
  const found = findProblems(input, catalogue);
  if (found.recipe) return found;
  const sentences = found.problems.map((problem) => `${problemWords(problem, input, catalogue)}.`);
  return { recipe: null, problems: [...new Set(sentences)] };
}

/** What a link holds beside its candidate for a recipe. */
export interface LinkForm {
  /** Id of the preset that it starts from. */
  readonly preset: string;
  readonly unread: readonly Unread[];
}

/**
 * The recipe of a link: every key of it that can be used. Everything else is named, with what is used instead.
 * @param input what `decodeLink` made of it
 */
export function mendLink(
  input: unknown,
  { preset, unread }: LinkForm,
  catalogue: Catalogue,
): { readonly recipe: Recipe; readonly problems: readonly string[] } {
  const base = (presets.find(({ id }) => id === preset) ?? presets[0]).recipe;
  const { recipe, sentences } = mend(input, base, catalogue);
  return {
    recipe,
    problems: [...unread.map((one) => unreadWords(one, recipe, catalogue)), ...sentences],
  };
}

function unreadWords({ key, value, why }: Unread, recipe: Recipe, catalogue: Catalogue): string {
  const path: Path = key.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : part));
  const place = placeOf(path, recipe, catalogue);
  const used = valueAt(recipe, path);
  if (why === 'place' || used === undefined)
    return `“${key}” is no setting that is known here; it was left out.`;
  const now = `${valueWords(used, place)} is used`;
  return why === 'twice'
    ? `${place.name} stands twice in the link; ${now}.`
    : `${place.name} is “${value}”, which could not be read; ${now} instead.`;
}
