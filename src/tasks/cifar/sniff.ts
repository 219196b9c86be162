import { UserError } from '../../recipe/errors';
import type { CifarSet } from './sets';

/** What the first bytes of a file say that it is instead of data, in words; undefined where they say nothing. */
export function otherFormat(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 256))
    .trimStart()
    .toLowerCase();
  if (/^(<!doctype|<html|<head|<\?xml|<!--)/.test(text)) return 'a web page';
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer';
  if (text.startsWith('pk\u0003\u0004')) return 'a zip archive';
  if (text.startsWith('bzh')) return 'a bzip2 archive';
  if (text.startsWith('\u00fd7zxz')) return 'an xz archive';
  if (text.startsWith('\u0089png') || text.startsWith('\u00ff\u00d8\u00ff')) return 'a picture';
  if (text.startsWith('matlab')) return 'a MATLAB file';
  if (head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5)
    return 'a Python pickle, as the Python version of the data set has them';
  return undefined;
}

/** Throws UserError where the first bytes show that a file is something else than the data set. */
export function refuseOtherFormat(set: CifarSet, name: string, head: Uint8Array): void {
  const found = otherFormat(head);
  if (!found) return;
  throw new UserError(
    'E_DATA_FORMAT',
    `${name} is ${found}, not ${set.title} data.`,
    `Download ${set.archive} itself from the data set\u2019s home page, or run "npm run data".`,
  );
}
