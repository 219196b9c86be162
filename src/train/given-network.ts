import { UserError } from '../recipe/errors';
import type { FileNetwork } from '../recipe/meaning';
import type { ReadNetwork } from '../upload/given';

/** Where networks from files are found. */
export interface Uploaded {
  /** The network read from files with this digest; undefined where nobody has given them. */
  uploaded?(sha256: string): ReadNetwork | undefined;
}

/** The network from a file that a recipe names. @throws UserError where nobody has given it */
export function givenNetwork(
  { name, sha256 }: FileNetwork,
  as: 'teacher' | 'student',
  around: Uploaded,
): ReadNetwork {
  const found = around.uploaded?.(sha256);
  if (found) return found;
  const own = as === 'teacher' ? 'teacher' : 'network as a student';
  const other = as === 'teacher' ? 'another teacher' : 'a model of the catalogue for the student';
  throw new UserError(
    as === 'teacher' ? 'E_TEACHER_FILE' : 'E_STUDENT_FILE',
    `The recipe asks for somebody's own ${own}, "${name}" (SHA-256 ${sha256.slice(0, 12)}...), whose file is not here.`,
    `Give its file (in the command line with --${as} FILE), or choose ${other}.`,
  );
}
