import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/recipe/errors';

/**
 * Refuses a place for a result before the work that it is for: a folder that is not there, a folder in the file's place, a
 * place where nothing may be written, a file that the command reads.
 *
 * @param option the option or the setting that names it, as a sentence calls it
 * @param read files and folders that the command was given to read
 * @throws UserError E_USAGE
 */
export function checkPlace(
  at: string,
  option: string,
  read: readonly (string | undefined)[] = [],
): void {
  const refuse = (why: string, cause?: unknown): never => {
    throw new UserError('E_USAGE', `${option} is "${at}", ${why}.`, 'Name another file.', {
      cause,
    });
  };
  const folder = path.dirname(at);
  if (at === '') refuse('which names no file');
  if (!existsSync(folder)) refuse(`and there is no folder ${folder}`);
  if (!statSync(folder).isDirectory()) refuse(`and ${folder} is no folder`);
  if (existsSync(at) && statSync(at).isDirectory()) refuse('which is a folder');
  if (isSpecial(at)) return;
  const own = existsSync(at) ? realpathSync(at) : null;
  if (own !== null && read.some((given) => given !== undefined && holds(given, own)))
    refuse('which is read by this command and would be lost');
  const trial = draftOf(at);
  try {
    writeFileSync(trial, '');
    rmSync(trial);
  } catch (cause) {
    refuse(`and nothing can be written to ${folder}: ${reasonOf(cause)}`, cause);
  }
}

/**
 * Makes a folder for results, and refuses one that cannot be made or written to before the work that it is for.
 *
 * @param option the option that names it, as a sentence calls it
 * @throws UserError E_USAGE
 */
export function prepareFolder(folder: string, option = 'The folder of the results'): void {
  const refuse = (why: string, cause?: unknown): never => {
    throw new UserError('E_USAGE', `${option} is "${folder}", ${why}.`, 'Name another folder.', {
      cause,
    });
  };
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    refuse(`which cannot be made: ${reasonOf(cause)}`, cause);
  }
  const trial = draftOf(path.join(folder, 'trial'));
  try {
    writeFileSync(trial, '');
    rmSync(trial);
  } catch (cause) {
    refuse(`where nothing can be written: ${reasonOf(cause)}`, cause);
  }
}

/**
 * Writes a file whole or not at all: beside it first, and then into its place, so that a full disk or an end in the middle
 * leaves what was there before.
 *
 * @throws UserError E_WRITE
 */
export function writeWhole(at: string, content: string | Uint8Array): void {
  const draft = draftOf(at);
  try {
    if (isSpecial(at)) {
      writeFileSync(at, content);
      return;
    }
    // A link stays one: what it points to is written.
    const target = existsSync(at) ? realpathSync(at) : at;
    const beside = path.join(path.dirname(target), path.basename(draft));
    try {
      writeSafely(beside, content);
      if (existsSync(target)) chmodSync(beside, statSync(target).mode);
      renameSync(beside, target);
    } catch (thrown) {
      rmSync(beside, { force: true });
      throw thrown;
    }
  } catch (cause) {
    const before = existsSync(at) ? ' The file that was there before is as it was.' : '';
    throw new UserError(
      'E_WRITE',
      `${at} cannot be written: ${reasonOf(cause)}.${before}`,
      'Make room or mend that, or name another place, and run the command again.',
      { cause },
    );
  }
}

/** Whether a path is a file, or a folder that it lies in. @param file a real path */
function holds(given: string, file: string): boolean {
  if (!existsSync(given)) return false;
  const place = realpathSync(given);
  return file === place || file.startsWith(place + path.sep);
}

/** Writes a file and waits until the disk has it. */
function writeSafely(at: string, content: string | Uint8Array): void {
  const file = openSync(at, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const draftOf = (at: string): string =>
  path.join(path.dirname(at), `.${path.basename(at)}.${process.pid}.part`);

/** True for /dev/stdout and the like, which are written to and never replaced. */
const isSpecial = (at: string): boolean => {
  const stat = statSync(at, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
};

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left on the disk',
  EDQUOT: 'the quota is used up',
  EACCES: 'this is not allowed',
  EPERM: 'this is not allowed',
  EROFS: 'the disk can only be read',
  EFBIG: 'it is larger than files may be there',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is no folder',
};

/** Why something could not be written, as half a sentence. */
export function reasonOf(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
