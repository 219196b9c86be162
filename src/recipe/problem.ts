import { shown } from './shown';

/** Where something stands in a recipe: ['students', 2, 'sampler', 'params', 'share']. */
export type Path = readonly (string | number)[];

/** Something that is wrong at one place of a recipe. */
export interface Problem {
  readonly path: Path;
  /** A value that is not allowed, a key that no recipe knows, or parts that do not go together. */
  readonly kind: 'value' | 'unknown' | 'clash';
  /** What is said after the place's key, without a full stop: 'is 7, allowed is a number from 0 to 1'. */
  readonly says: string;
  /** What would do in its place, where that follows from the rest of the recipe. */
  readonly instead?: unknown;
  /** What else could be taken back to solve it, the nearest first. */
  readonly undo?: readonly Path[];
}

/** A problem as the writer of a recipe file reads it: by its key. */
export function keySentence({ path, says }: Problem): string {
  return `${path.length === 0 ? 'The recipe' : shown(path.join('.'), 120)} ${says}.`;
}

/** A value in at most 60 characters, whatever it is. */
export function valueText(value: unknown): string {
  return shown(written(value), 60);
}

function written(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return numberText(value);
  try {
    const text = JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'bigint') return `${part}n`;
      return typeof part === 'number' && !Number.isFinite(part) ? numberText(part) : part;
    });
    return text ?? String(value);
  } catch {
    return 'a value that refers to itself';
  }
}

/** Numbers that JSON has no words for: a link may well say 1e999. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  return value > 0 ? 'a number too large to be held' : 'a number too far below zero to be held';
}

/** What stands at a place, or undefined. */
export function valueAt(input: unknown, path: Path): unknown {
  let at = input;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[key];
  }
  return at;
}

/** A recipe that is being changed, in a place of its own: all of it may be replaced. */
export interface Whole {
  recipe: unknown;
}

/** Sets what stands at a place whose surroundings exist. */
export function put(whole: Whole, path: Path, value: unknown): void {
  const [last, above] = [path.at(-1), valueAt(whole.recipe, path.slice(0, -1))];
  if (last === undefined || typeof above !== 'object' || above === null) whole.recipe = value;
  else Reflect.set(above, last, value);
}

/** Takes away what stands at a place; what follows it in a list moves up. */
export function remove(whole: Whole, path: Path): void {
  const [last, above] = [path.at(-1), valueAt(whole.recipe, path.slice(0, -1))];
  if (Array.isArray(above) && typeof last === 'number') above.splice(last, 1);
  else if (last !== undefined && typeof above === 'object' && above !== null)
    Reflect.deleteProperty(above, last);
}
