import { existsSync } from 'node:fs';
import { UserError } from '../../src/recipe/errors';
import { tasks } from '../../src/tasks/registry';
import { shown } from '../../src/upload/refuse';
import { surroundings } from './surroundings';

/** @throws UserError where --data names nothing that is there */
export function checkData(data: string | undefined): void {
  if (data !== undefined && !existsSync(data))
    throw new UserError(
      'E_USAGE',
      `--data is ${shown(data, 200)}, and there is no such file or folder.`,
      'Check the path.',
    );
}

/**
 * What is to say of --data on a task before a run: nothing, or that it is not used.
 *
 * @throws UserError where the task needs files and none of its form are there
 */
export function dataRemark(task: string, data: string | undefined): string | null {
  if (data === undefined) return null;
  const { id, title, needsFiles, source } = tasks.get(task);
  if (!needsFiles) return `--data is not used: the task ${title} makes its own examples.`;
  // Images of one's own are told by their reader, file by file.
  if (id !== 'images' && surroundings(data, () => undefined).sources(id).length === 0)
    throw new UserError(
      'E_DATA',
      `--data is ${shown(data, 200)}, which holds no file of ${title}.`,
      source ? `What is read: ${source}.` : '',
    );
  return null;
}
