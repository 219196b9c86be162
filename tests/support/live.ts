import { fence } from '../../src/gpu/fence';
import type { Field } from '../../src/recipe/fields';
import { liveChange } from '../../src/recipe/live';
import type { Recipe, Student } from '../../src/recipe/recipe';
import { methods } from '../../src/methods/registry';
import { samplers } from '../../src/samplers/registry';
import type { Kind } from './kinds';
import { kinds } from './kinds';
import { recipeOf } from './recipes';
import { drawnTeacher, trainerOf, weightsOf } from './runs';

/** Steps between two changes: one makes pipelines, one is watched, one recorded, the others replayed. */
const BETWEEN = 4;

/** Two numbers of a field's range, none of them its default, the second one higher. */
function numbersOf(field: Field): readonly [number, number] | null {
  if (field.kind !== 'number' && field.kind !== 'integer') return null;
  const { min, max } = field;
  return min === 0 && max === 1 ? [0, 0.5] : [min + (max - min) / 5, min + (max - min) / 2];
}

/**
 * Raised, then lowered: the low number of every field that a run can take over while it goes on, the high one, the low one
 * again. Which fields these are, the run's own rule says.
 */
function courseOf(recipe: Recipe): {
  readonly live: readonly string[];
  readonly courses: Recipe[];
} {
  const live = new Set<string>();
  const at = (which: 0 | 1): Recipe => {
    const students = recipe.students.map((one) => {
      let next: Student = one;
      const entries = {
        method: methods.get(one.method.id).params,
        sampler: samplers.get(one.sampler.id).params,
      };
      for (const part of ['method', 'sampler'] as const)
        for (const [key, field] of Object.entries(entries[part])) {
          const numbers = numbersOf(field as Field);
          if (!numbers) continue;
          const params = { ...next[part].params, [key]: numbers[which] };
          const changed = { ...next, [part]: { ...next[part], params } };
          // Null where a run cannot take it over, and nothing where the number is what it was.
          if (!liveChange(recipeOf([next]), recipeOf([changed]))?.length) continue;
          live.add(`${part} ${key}`);
          next = changed;
        }
      return next;
    });
    return { ...recipe, students };
  };
  const courses = [at(0), at(1), at(0)];
  return { live: [...live], courses };
}

export interface LiveCourse {
  readonly live: readonly string[];
  /** Every student's weights at the end. */
  readonly weights: readonly (readonly number[])[];
  readonly losses: readonly number[];
  /** Whether each step was replayed. */
  readonly replayed: readonly boolean[];
  readonly notices: readonly string[];
}

/** Runs students while all their live numbers are raised and lowered, on the backend that is on. */
export async function liveCourse(
  kind: Kind,
  students: readonly Student[],
  replay: boolean,
): Promise<LiveCourse> {
  const { data, model } = kinds[kind];
  // On images the run is too short for a teacher to remember its answers, elsewhere it does: both ways of asking it.
  const size = kind === 'image' ? { batch: 3, transfer: 40 } : { batch: 6, transfer: 20 };
  const wanted = recipeOf(students, { steps: 3 * BETWEEN, ...size });
  const { live, courses } = courseOf(wanted);
  const teacher = drawnTeacher(data, model);
  teacher.companions = [drawnTeacher(data, model, 7)];
  const trainer = trainerOf(courses[0] as Recipe, data, teacher, replay);
  await trainer.prepare();
  const losses: number[] = [];
  const replayed: boolean[] = [];
  const notices: string[] = [];
  for (const [i, recipe] of courses.entries()) {
    if (i > 0 && trainer.adjust(recipe) === null)
      throw new Error('the run refused what its own rule calls live');
    for (let step = 0; step < BETWEEN; step++) {
      await trainer.takeStep();
      await fence();
      replayed.push(trainer.replays);
      for (const { loss } of await trainer.trainPoints()) losses.push(loss);
    }
    if (trainer.refusal !== null) notices.push(trainer.refusal);
  }
  const weights = await weightsOf(trainer);
  trainer.dispose();
  teacher.dispose();
  return { live, weights, losses, replayed, notices };
}
