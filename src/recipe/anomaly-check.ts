import * as v from 'valibot';
import {
  ANOMALY_VERSION,
  anomalyEvaluationFields,
  anomalyFields,
  gammaField,
  stepsField,
  synthesisFields,
} from './anomaly';
import type { AnomalyRecipe } from './anomaly';
import { UserError } from './errors';
import { defaultsOf } from './fields';
import { LONGEST_NAME } from './recipe';
import type { Catalogue } from './recipe';
import { optimizerFields } from './run-fields';
import { keySentence } from './problem';
import { problemOf } from './schema';
import { choiceSchema, fieldSchema, fieldsSchema, nameSchema, table } from './schema-parts';

/** The anomaly recipe's schema over what the catalogue knows. */
function anomalySchema(catalogue: Catalogue) {
  const optimizer = v.optional(table(fieldsSchema(optimizerFields)), defaultsOf(optimizerFields));
  const name = nameSchema(LONGEST_NAME);
  const ids = catalogue.teachers.map((card) => card.id);
  const steps = fieldSchema(stepsField);
  return table({
    version: v.literal(ANOMALY_VERSION, `${ANOMALY_VERSION}`),
    kind: v.literal('anomaly', 'anomaly'),
    preset: v.optional(name, 'custom'),
    normal: v.optional(
      v.variant(
        'source',
        [
          v.strictObject({ source: v.literal('texture') }),
          v.strictObject({
            source: v.literal('class'),
            task: choiceSchema(catalogue.tasks.filter((task) => task.kind === 'image')),
            class: v.pipe(
              v.number('a whole number from 0'),
              v.check((n) => Number.isInteger(n) && n >= 0, 'a whole number from 0'),
            ),
          }),
        ],
        'images whose source is texture or class',
      ),
      { source: 'texture' },
    ),
    ...fieldsSchema(anomalyFields),
    teacher: v.picklist(ids, `one of ${ids.join(', ')}`),
    arms: v.pipe(
      v.array(
        table({
          name,
          denoising: v.boolean('true or false'),
          score: v.picklist(['segmentation', 'student'], 'segmentation or student'),
        }),
        'a list of 1 to 6 arms',
      ),
      v.check((list) => list.length >= 1 && list.length <= 6, 'a list of 1 to 6 arms'),
    ),
    synthesis: v.optional(table(fieldsSchema(synthesisFields)), defaultsOf(synthesisFields)),
    student: table({ steps, optimizer }),
    segmentation: table({ steps, optimizer, gamma: fieldSchema(gammaField) }),
    evaluation: v.optional(
      table(fieldsSchema(anomalyEvaluationFields)),
      defaultsOf(anomalyEvaluationFields),
    ),
  });
}

/**
 * Checks anything that claims to be an anomaly recipe and fills in its defaults.
 * @throws UserError with all problems in its message
 */
export function requireAnomalyRecipe(input: unknown, catalogue: Catalogue): AnomalyRecipe {
  const parsed = v.safeParse(anomalySchema(catalogue), input);
  const problems = parsed.success
    ? clashes(parsed.output as AnomalyRecipe, catalogue)
    : [...new Set(parsed.issues.slice(0, 8).map((issue) => keySentence(problemOf(issue, input))))];
  if (parsed.success && problems.length === 0) return parsed.output as AnomalyRecipe;
  throw new UserError('E_RECIPE', problems.join(' '), 'Correct the recipe and try again.');
}

function clashes(recipe: AnomalyRecipe, catalogue: Catalogue): string[] {
  const problems: string[] = [];
  const names = recipe.arms.map((arm) => arm.name);
  if (new Set(names).size < names.length) problems.push('Two arms have the same name.');
  const card = catalogue.teachers.find((entry) => entry.id === recipe.teacher);
  // The texture has the colours of the shapes, and goes into the network as they do.
  const task = recipe.normal.source === 'texture' ? 'shapes' : recipe.normal.task.id;
  if (card && card.task.id !== task)
    problems.push(
      `teacher is "${card.id}", which learned from ${card.task.id}; these images need a teacher that learned from ${task}.`,
    );
  return problems;
}
