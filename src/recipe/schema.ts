import * as v from 'valibot';
import { defaultsOf } from './fields';
import { RECIPE_VERSION } from './recipe';
import type { Catalogue } from './recipe';
import {
  evaluationFields,
  generationsField,
  MOST_COMPANIONS,
  optimizerFields,
  runFields,
  warmStartField,
} from './run-fields';
import { choiceSchema, fieldsSchema, nameSchema, optionalSchema, table } from './schema-parts';
import type { Schema } from './schema-parts';
import { fileStudentSchema, teacherSchema } from './teacher-schema';

/** The schema of a whole recipe over what the catalogue knows. */
export function recipeSchema(catalogue: Catalogue): Schema {
  const optimizer = v.optional(table(fieldsSchema(optimizerFields)), defaultsOf(optimizerFields));
  const model = choiceSchema(catalogue.models);
  const name = nameSchema(40);
  const ids = catalogue.teachers.map((card) => card.id);
  const teacher = teacherSchema(model, optimizer, ids);
  return table({
    version: v.literal(RECIPE_VERSION, `${RECIPE_VERSION}`),
    preset: v.optional(name, 'custom'),
    task: choiceSchema(catalogue.tasks),
    ...fieldsSchema(runFields),
    teacher,
    generations: optionalSchema(generationsField),
    companions: v.optional(
      v.pipe(
        v.array(teacher, `a list of at most ${MOST_COMPANIONS} teachers`),
        v.maxLength(MOST_COMPANIONS, `a list of at most ${MOST_COMPANIONS} teachers`),
      ),
      [],
    ),
    students: v.pipe(
      v.array(
        table({
          name,
          model,
          file: v.optional(fileStudentSchema),
          method: choiceSchema(catalogue.methods),
          sampler: v.optional(choiceSchema(catalogue.samplers), { id: 'none' }),
          // Absent is the same as none, and stays so in links and results.
          compression: v.optional(choiceSchema(catalogue.compressions)),
          warmStart: optionalSchema(warmStartField),
        }),
        'a list of 1 to 8 students',
      ),
      v.check((list) => list.length >= 1 && list.length <= 8, 'a list of 1 to 8 students'),
    ),
    optimizer,
    evaluation: v.optional(table(fieldsSchema(evaluationFields)), defaultsOf(evaluationFields)),
  });
}

/** What a person reads of one issue: the key, what was given, what is allowed. */
export function sentenceOf(issue: v.BaseIssue<unknown>, input: unknown): string {
  const path = v.getDotPath(issue as v.BaseIssue<unknown> & { path?: never }) ?? '';
  const key = path === '' ? 'The recipe' : path;
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `${key} is not a key that a recipe knows; remove it or correct its name.`;
  const given = valueAt(input, path);
  const got = given === undefined ? 'is missing' : `is ${short(given)}`;
  return `${key} ${got}, allowed is ${issue.message}.`;
}

function valueAt(input: unknown, path: string): unknown {
  let at: unknown = input;
  for (const key of path === '' ? [] : path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
