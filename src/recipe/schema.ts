import * as v from 'valibot';
import { defaultsOf } from './fields';
import { valueAt, valueText, type Problem } from './problem';
import { LONGEST_NAME, RECIPE_VERSION } from './recipe';
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
  const name = nameSchema(LONGEST_NAME);
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

/** One issue as a problem: its place, what was given, what is allowed. */
export function problemOf(issue: v.BaseIssue<unknown>, input: unknown): Problem {
  const keys = (issue.path ?? []).flatMap(({ key }) =>
    typeof key === 'string' || typeof key === 'number' ? [key] : [],
  );
  // One number of a list means nothing without the others: the list is what is wrong.
  const path =
    typeof keys.at(-1) === 'number' && keys.includes('params') ? keys.slice(0, -1) : keys;
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return {
      path,
      kind: 'unknown',
      says: 'is not a key that a recipe knows; remove it or correct its name',
    };
  const given = valueAt(input, path);
  const got = given === undefined ? 'is missing' : `is ${valueText(given)}`;
  return { path, kind: 'value', says: `${got}, allowed is ${issue.message}` };
}
