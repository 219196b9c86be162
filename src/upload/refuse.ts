import { UserError } from '../recipe/errors';

/**
 * The reason why a file is not used: what is wrong in one sentence that names the file, and what to do.
 *
 * @param code of the form E_UPLOAD_...; see docs/upload.md
 */
export function refuse(code: string, message: string, hint: string, cause?: unknown): UserError {
  return new UserError(code, message, hint, cause === undefined ? undefined : { cause });
}

/** Text from a stranger as it may be shown in a sentence: control characters out, cut to a length. */
export function shown(text: string, length = 80): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu, '\u{fffd}');
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
