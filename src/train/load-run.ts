import type { Recipe } from '../recipe/recipe';
import type { TaskData } from '../tasks/contract';
import { loadGenerators } from './generators';
import { loadGivenStudents } from './given-students';
import { loadTeacher } from './prepare';
import type { Surroundings } from './prepare';
import type { Teacher } from './teacher';
import { Trainer } from './trainer';

/** A run with all that it holds, ready to be prepared and trained. */
export interface LoadedRun {
  readonly teacher: Teacher;
  readonly trainer: Trainer;
  /** Frees the trainer, its generators and the teacher. */
  dispose(): void;
}

/**
 * Loads or trains what a recipe asks for beside its data, and makes the trainer of it. Where that fails or is stopped,
 * what was made by then is freed.
 */
export async function loadRun(
  recipe: Recipe,
  data: TaskData,
  around: Surroundings,
): Promise<LoadedRun> {
  const teacher = await loadTeacher(recipe, data, around);
  try {
    // Before the generators, which take long: it refuses what is not here or does not fit.
    const given = await loadGivenStudents(recipe, data, around);
    const generators = await loadGenerators(recipe, data, teacher, around);
    const trainer = new Trainer(recipe, data, teacher, around, true, generators, given);
    return {
      teacher,
      trainer,
      dispose() {
        trainer.dispose();
        teacher.dispose();
      },
    };
  } catch (thrown) {
    teacher.dispose();
    throw thrown;
  }
}
