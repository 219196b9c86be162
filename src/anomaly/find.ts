import type { AnomalyRecipe } from '../recipe/anomaly';
import type { AnomalyEvent } from '../recipe/anomaly-events';
import type { Control } from '../train/control';
import type { Surroundings } from '../train/prepare';
import { loadNormal } from './data';
import { detect } from './run';
import { loadFeatureTeacher } from './teacher';
import { AnomalyTrainer } from './trainer';

/**
 * A whole run as a stream of events: loads what the recipe names, trains, tests, and frees what it made, when it ends and
 * when it is left.
 *
 * @param look false for the command line: no pictures
 */
export async function* findFaults(
  recipe: AnomalyRecipe,
  around: Surroundings,
  control: Control,
  look: boolean,
): AsyncGenerator<AnomalyEvent, void, undefined> {
  const data = await loadNormal(recipe, around);
  const teacher = await loadFeatureTeacher(recipe.teacher, data.side, around);
  const trainer = new AnomalyTrainer(recipe, data, teacher);
  try {
    yield* detect(trainer, control, { look, pause: () => around.pause() });
  } finally {
    trainer.dispose();
    teacher.dispose();
  }
}
