import { methods } from '../../src/methods/registry';
import type { Method } from '../../src/methods/contract';
import { checkRecipe } from '../../src/recipe/check';
import type { AnyValues } from '../../src/recipe/fields';
import type { Choice, Student, Teacher as RecipeTeacher } from '../../src/recipe/recipe';
import type { Sampler } from '../../src/samplers/contract';
import { samplers } from '../../src/samplers/registry';
import { catalogue } from './catalogue';
import { choose, recipeOf, SGD, SMALL_MLP, student, TINY } from './recipes';
import { imageTask, planeTask } from './tasks';
import { lineTask } from './values';

const trained = (model: Choice): RecipeTeacher => ({
  source: 'train',
  model,
  augment: 'none',
  pad: 0,
  batch: 8,
  steps: 1,
  optimizer: SGD,
});

/** Each kind of task with small data of it, a network that reads it, and what its recipe says. */
export const kinds = {
  image: {
    task: 'shapes',
    model: TINY,
    data: imageTask(),
    teacher: { source: 'bundled', id: 'shapes-b' },
  },
  plane: {
    task: 'spiral',
    model: SMALL_MLP,
    data: planeTask(),
    teacher: { source: 'bundled', id: 'spiral' },
  },
  line: { task: 'curve', model: SMALL_MLP, data: lineTask(), teacher: trained(SMALL_MLP) },
} as const;

export type Kind = keyof typeof kinds;
export const KINDS = Object.keys(kinds) as Kind[];

/** What the recipe's check says against a method on a sampler; nothing where it lets both run. */
export function problemsOf(
  kind: Kind,
  method: string,
  sampler: string,
  params: AnyValues = {},
): readonly string[] {
  const { task, model, teacher } = kinds[kind];
  const input = recipeOf([student({ id: method, params: {} }, { id: sampler, params }, model)], {
    task: { id: task, params: {} },
    transfer: 60,
    teacher,
  });
  return checkRecipe(input, catalogue).problems;
}

/** Whether a method and a sampler are of this kind of task at all. */
export function areOf(kind: Kind, method: Method, sampler: Sampler): boolean {
  return (
    ((method.outputs ?? 'classes') === 'classes') === (kind !== 'line') &&
    (kind === 'image' || !method.needs.maps) &&
    sampler.inputs.includes(kind)
  );
}

/** One student by every method that learns from a sampler's inputs, by the recipe's check; named after its method. */
export function everyMethodOn(kind: Kind, sampler: Sampler, params: AnyValues = {}): Student[] {
  return methods
    .all()
    .filter(({ id }) => problemsOf(kind, id, sampler.id).length === 0)
    .map(({ id }) =>
      student(choose('method', id), choose('sampler', sampler.id, params), kinds[kind].model, id),
    );
}

/** Every kind of task with each sampler that draws inputs of it. */
export const kindsAndSamplers = KINDS.flatMap((kind) =>
  samplers
    .all()
    .filter((sampler) => sampler.inputs.includes(kind))
    .map((sampler) => ({ kind, sampler, title: `${sampler.id} (${kind})` })),
);
