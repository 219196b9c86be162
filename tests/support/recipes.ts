import { defaultsOf } from '../../src/recipe/fields';
import type { AnyValues } from '../../src/recipe/fields';
import type { Choice, Optimizer, Recipe, Student } from '../../src/recipe/recipe';
import { compressions } from '../../src/compression/registry';
import { methods } from '../../src/methods/registry';
import { models } from '../../src/models/registry';
import { samplers } from '../../src/samplers/registry';

const catalogues = {
  method: methods,
  sampler: samplers,
  model: models,
  compression: compressions,
};

/** A choice from a catalogue by its defaults, but for `params`. */
export function choose(kind: keyof typeof catalogues, id: string, params: AnyValues = {}): Choice {
  return { id, params: { ...defaultsOf(catalogues[kind].get(id).params), ...params } };
}

export const TINY = choose('model', 'tinyconv', { widths: [4, 6] });
export const SMALL_MLP = choose('model', 'mlp', { hidden: [5] });

export const SGD: Optimizer = {
  kind: 'sgd',
  rate: 0.05,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 1e-4,
  schedule: 'constant',
  warmup: 0,
};

/** A student of the small tests, named after its method and sampler where no name is given. */
export function student(
  method: Choice,
  sampler: Choice = choose('sampler', 'none'),
  model: Choice = TINY,
  name = `${method.id} on ${sampler.id}`,
): Student {
  return { name, model, method, sampler };
}

/** A run of a few small steps. The task and the teacher are the test's own and only named here. */
export function recipeOf(students: readonly Student[], more: Partial<Recipe> = {}): Recipe {
  return {
    version: 1,
    preset: 'custom',
    task: { id: 'none', params: {} },
    transfer: 40,
    redraw: false,
    teacher: { source: 'bundled', id: 'none' },
    companions: [],
    students,
    optimizer: SGD,
    steps: 3,
    batch: 8,
    evaluation: { every: 2, images: 20, testImages: 20 },
    averageDecay: 0,
    halfPrecision: false,
    subgroups: false,
    seed: 1,
    ...more,
  };
}
