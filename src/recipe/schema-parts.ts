import * as v from 'valibot';
import { allowedBy, defaultsOf } from './fields';
import type { Field, Fields } from './fields';
import type { CatalogueEntry } from './recipe';
import { cleaned } from './shown';

export type Schema = v.GenericSchema<unknown, unknown>;

/** A field as a schema: the field's default where the value is absent, its "allowed" sentence where it is wrong. */
export function fieldSchema(field: Field): Schema {
  return v.optional(valueSchema(field), field.default);
}

/** What a field allows, as a schema. */
function valueSchema(field: Field): Schema {
  const message = allowedBy(field);
  switch (field.kind) {
    case 'number':
    case 'integer':
      return v.pipe(
        v.number(message),
        v.check(
          (n) =>
            n >= field.min && n <= field.max && (field.kind === 'number' || Number.isInteger(n)),
          message,
        ),
      );
    case 'boolean':
      return v.boolean(message);
    case 'choice':
      return v.picklist(
        field.options.map((option) => option.value),
        message,
      );
    case 'list':
      return v.pipe(
        v.array(v.number(message), message),
        v.check(
          (list) =>
            list.length >= field.minLength &&
            list.length <= field.maxLength &&
            list.every((n) => Number.isInteger(n) && n >= field.min && n <= field.max),
          message,
        ),
      );
  }
}

/** The same for a field that may be left out, and then stays absent. */
export function optionalSchema(field: Field): Schema {
  return v.optional(valueSchema(field));
}

/** A table of fields as the entries of a schema. */
export function fieldsSchema(fields: Fields): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, fieldSchema(field)]),
  );
}

/**
 * A name that a person reads, cleaned: links and recipes come from strangers, and whoever shows or prints a checked
 * recipe need not clean its names again.
 */
export function nameSchema(longest: number) {
  const message = `a name of 1 to ${longest} characters`;
  return v.pipe(
    v.string(message),
    v.check((text) => text.length >= 1 && text.length <= longest, message),
    v.transform(cleaned),
  );
}

/** A table that refuses keys it does not know. */
export const table = (entries: Record<string, Schema>): Schema =>
  v.strictObject(entries, 'a table with known keys');

/** {id, params} chosen from a catalogue: the id decides what params may hold. */
export function choiceSchema(entries: readonly CatalogueEntry[]): Schema {
  const variants = entries.map((entry) =>
    v.strictObject(
      {
        id: v.literal(entry.id),
        params: v.optional(table(fieldsSchema(entry.params)), defaultsOf(entry.params)),
      },
      'a table with an id and params',
    ),
  );
  const [first, ...rest] = variants;
  if (!first) throw new Error('a catalogue is empty');
  return v.variant('id', [first, ...rest], `one of ${entries.map((e) => e.id).join(', ')}`);
}
