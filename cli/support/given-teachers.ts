import { readRecipe, requireRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { Catalogue, Recipe, Teacher } from '../../src/recipe/recipe';
import type { Layers } from '../../src/recipe/layers';
import type { FileStudent, InputRange, Meaning } from '../../src/recipe/meaning';
import { inspect } from '../../src/train/inspect/inspect';
import { loadTask } from '../../src/train/prepare';
import type { TaskData } from '../../src/tasks/contract';
import type { ReadNetwork } from '../../src/upload/given';
import { fitted } from '../../src/upload/inspect/fresh';
import { ProgressLine } from './progress';
import { surroundings } from './surroundings';
import { readGiven } from './teacher-files';
import { inspectedLines } from './teacher-words';

/** A recipe whose teachers and students are networks from files, and these networks by their digests. */
export interface WithTeachers {
  readonly recipe: Recipe;
  readonly networks: ReadonlyMap<string, ReadNetwork>;
}

/** A network whose architecture the recipe's first student gets. */
export interface GivenAs {
  readonly path: string;
  readonly weights: FileStudent['weights'];
}

/**
 * Puts networks from files in the places of a recipe's teachers: the first one's, then the companions'; and one in the
 * place of the first student's model. What they mean is found out by inspection, or stands in the recipe already where it
 * names the same files.
 *
 * @param layers how the first teacher's weights are put together, where somebody says it
 * @throws UserError where one cannot be used as it is
 */
export async function withTeachers(
  input: unknown,
  paths: readonly string[],
  catalogue: Catalogue,
  data: string | undefined,
  student: GivenAs | null = null,
  layers: Layers | null = null,
): Promise<WithTeachers> {
  const networks = new Map<string, ReadNetwork>();
  if (paths.length === 0 && !student) return { recipe: requireRecipe(input, catalogue), networks };
  const { recipe, problems } = readRecipe(input, catalogue);
  if (!recipe)
    throw new UserError('E_RECIPE', problems.join(' '), 'Correct the recipe and try again.');
  const line = new ProgressLine();
  const around = surroundings(data, (what, share) => line.show(what, share, null));
  const read = async (path: string) => {
    const found = await readGiven([path], around.progress);
    networks.set(found.sha256, found.network);
    return found;
  };
  const look = async (
    { network, sha256 }: Awaited<ReturnType<typeof read>>,
    corrections: Partial<Meaning> = {},
    unsure = false,
  ) => {
    const task = await loadTask(recipe, around);
    const found = await inspect(network, sha256, task, recipe, corrections, around);
    line.done();
    console.error(inspectedLines(found).join('\n'));
    const [open] = found.open;
    if (open !== undefined && !unsure)
      throw new UserError(
        'E_TEACHER_OPEN',
        `${found.name} cannot be used yet: ${open}`,
        'Write its meaning into the recipe: npm run teacher says what was found.',
      );
    return { name: found.name, sha256, meaning: found.meaning };
  };
  const given: Teacher[] = [];
  for (const [place, path] of paths.entries()) {
    const file = await read(path);
    const before = [recipe.teacher, ...recipe.companions][place];
    const known = before?.source === 'file' && before.sha256 === file.sha256;
    const said = place === 0 && layers ? { layers } : {};
    given.push(
      known && !('layers' in said) ? before : { source: 'file', ...(await look(file, said)) },
    );
  }
  const students = [...recipe.students];
  const [first] = students;
  if (student && first) {
    const file = await read(student.path);
    const { weights } = student;
    const found =
      first.file?.sha256 === file.sha256
        ? first.file
        : await studentLook(file, weights, await loadTask(recipe, around), look);
    students[0] = { ...first, file: { ...found, weights } };
  }
  const [teacher = recipe.teacher, ...companions] = given;
  const all = [...companions, ...recipe.companions.slice(companions.length)];
  const whole = { ...recipe, teacher, companions: all, students };
  return { recipe: requireRecipe(whole, catalogue), networks };
}

/**
 * What a network means as a student. Drawn anew it is looked at as it will be where it gets another number of outputs, and
 * what is unsure of its answers does not matter.
 */
async function studentLook<T>(
  file: { readonly network: ReadNetwork; readonly sha256: string },
  weights: FileStudent['weights'],
  task: TaskData,
  look: (
    file: { network: ReadNetwork; sha256: string },
    corrections?: Partial<Meaning>,
    unsure?: boolean,
  ) => Promise<T>,
): Promise<T> {
  const { network, sha256 } = file;
  const fit = weights === 'fresh' ? fitted(network, task, network.graph.output) : null;
  if (typeof fit?.before !== 'number') return look(file, {}, fit !== null);
  const input: InputRange = {
    name: 'as the task gives them',
    order: 'rgb',
    perImage: false,
    ...(network.normalisation ?? task.normalisation),
  };
  return look({ network: fit.net, sha256 }, { input, answers: fit.answers }, true);
}
