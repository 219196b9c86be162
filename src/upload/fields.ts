/** Reading JSON from a stranger: own fields alone, whatever they are called, and no field of a prototype. */

/** A field of an object by the first of its names that it has; undefined where there is none. */
export function fieldOf(value: unknown, ...names: readonly string[]): unknown {
  if (value instanceof Map)
    return names.map((name): unknown => value.get(name)).find((field) => field !== undefined);
  if (!isObject(value)) return undefined;
  for (const name of names) if (Object.hasOwn(value, name)) return value[name];
  return undefined;
}

/** Whether it is an object with fields: no array, not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list as a list; everything else as an empty one. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Text as text; everything else as null. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A finite number, or null. */
export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
