import { UserError } from '../recipe/errors';

export { shown } from '../recipe/shown';

/**
 * The reason why a file is not used: what is wrong in one sentence that names the file, and what to do.
 *
 * @param code of the form E_UPLOAD_...; see docs/upload.md
 */
export function refuse(code: string, message: string, hint: string, cause?: unknown): UserError {
  return new UserError(code, message, hint, cause === undefined ? undefined : { cause });
}
