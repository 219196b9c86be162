import { readRecipe, requireRecipe } from '../../src/recipe/check';
import { UserError } from '../../src/recipe/errors';
import type { Catalogue, Recipe, Teacher } from '../../src/recipe/recipe';
import { inspect } from '../../src/train/inspect/inspect';
import { loadTask } from '../../src/train/prepare';
import type { ReadNetwork } from '../../src/upload/given';
import { ProgressLine } from './progress';
import { surroundings } from './surroundings';
import { readGiven } from './teacher-files';
import { inspectedLines } from './teacher-words';

/** A recipe whose teachers are networks from files, and these networks by their digests. */
export interface WithTeachers {
  readonly recipe: Recipe;
  readonly networks: ReadonlyMap<string, ReadNetwork>;
}

/**
 * Puts networks from files in the places of a recipe's teachers: the first one's, then the companions'. What they mean is
 * found out by inspection, or stands in the recipe already where it names the same files.
 *
 * @throws UserError where one cannot be used as it is
 */
export async function withTeachers(
  input: unknown,
  paths: readonly string[],
  catalogue: Catalogue,
  data: string | undefined,
): Promise<WithTeachers> {
  const networks = new Map<string, ReadNetwork>();
  if (paths.length === 0) return { recipe: requireRecipe(input, catalogue), networks };
  const { recipe, problems } = readRecipe(input, catalogue);
  if (!recipe)
    throw new UserError('E_RECIPE', problems.join(' '), 'Correct the recipe and try again.');
  const line = new ProgressLine();
  const around = surroundings(data, (what, share) => line.show(what, share, null));
  const given: Teacher[] = [];
  for (const [place, path] of paths.entries()) {
    const { network, sha256 } = await readGiven([path], around.progress);
    networks.set(sha256, network);
    const before = [recipe.teacher, ...recipe.companions][place];
    if (before?.source === 'file' && before.sha256 === sha256) {
      given.push(before);
      continue;
    }
    const task = await loadTask(recipe, around);
    const found = await inspect(network, sha256, task, recipe, {}, around);
    line.done();
    console.error(inspectedLines(found).join('\n'));
    const [open] = found.open;
    if (open !== undefined)
      throw new UserError(
        'E_TEACHER_OPEN',
        `${found.name} cannot be used yet: ${open}`,
        'Write its meaning into the recipe: npm run teacher says what was found.',
      );
    given.push({ source: 'file', name: found.name, sha256, meaning: found.meaning });
  }
  const [teacher = recipe.teacher, ...companions] = given;
  const all = [...companions, ...recipe.companions.slice(companions.length)];
  return { recipe: requireRecipe({ ...recipe, teacher, companions: all }, catalogue), networks };
}
