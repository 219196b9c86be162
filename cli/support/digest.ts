import { createHash } from 'node:crypto';

/** SHA-256 in hex of a text. */
export const digestOfText = (text: string): string =>
  createHash('sha256').update(text).digest('hex');

/** SHA-256 in hex of a value as JSON, whatever the order of its keys. */
export const digestOf = (value: unknown): string => digestOfText(JSON.stringify(sorted(value)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** Of a recipe, whatever its seed, which is the first of several. */
export const recipeDigest = (recipe: object): string => digestOf({ ...recipe, seed: 0 });
