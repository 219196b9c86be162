import path from 'node:path';
import { studentFile, studentFileName } from '../../src/export/student';
import type { Recipe } from '../../src/recipe/recipe';
import type { TaskData } from '../../src/tasks/contract';
import type { Student } from '../../src/train/student';
import { writeWhole } from './result-file';

/**
 * Writes every student of a run as a safetensors file, which can be loaded again as a teacher.
 *
 * @param several whether there are several seeds, which the names then tell
 * @throws UserError where the folder cannot be written to
 */
export async function saveStudents(
  folder: string,
  recipe: Recipe,
  students: readonly Student[],
  data: TaskData,
  several: boolean,
): Promise<void> {
  for (const [place, student] of students.entries()) {
    const { model, file, method } = recipe.students[place] as Recipe['students'][number];
    const bytes = studentFile({
      name: student.name,
      model,
      ...(file && { file }),
      method,
      task: recipe.task,
      graph: student.network.graph,
      weights: await student.weightsNow(),
      data,
    });
    const name = studentFileName(student.name, place, several ? recipe.seed : null);
    writeWhole(path.join(folder, name), bytes);
  }
}
