import type { Given } from '../given';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';

/** How many archives a file was taken out of. */
const depths = new WeakMap<Given, number>();

/** Notes that a file comes out of an archive. */
export function within(archive: Given, file: Given): Given {
  depths.set(file, (depths.get(archive) ?? 0) + 1);
  return file;
}

/** Notes that a file stands for another, out of the same archives. */
export function sameDepth(file: Given, other: Given): Given {
  depths.set(other, depths.get(file) ?? 0);
  return other;
}

/**
 * How many bytes an archive may unpack to. What little comes out of a small one is let through whatever the ratio: zeros
 * shrink a thousandfold. An archive in an archive shares the limit with itself, as it lies unpacked beside its contents.
 *
 * @throws UserError where archives lie in archives too deeply
 */
export function unpackLimit(archive: Given): number {
  const depth = depths.get(archive) ?? 0;
  if (depth > LIMITS.archiveDepth)
    throw refuse(
      'E_UPLOAD_ARCHIVE',
      `${shown(archive.path)} is an archive within an archive within an archive.`,
      'Unpack the outer ones and choose the innermost.',
    );
  const most = LIMITS.unpackedBytes - (depth > 0 ? archive.size : 0);
  return Math.max(0, Math.min(most, Math.max(SMALL, LIMITS.unpackedRatio * archive.size)));
}

const SMALL = 16 * 1024 * 1024;

/** What to say of an archive that holds more than it may. */
export function tooMuch(archive: Given, limit: number): Error {
  return refuse(
    'E_UPLOAD_TOO_LARGE',
    `${shown(archive.path)} unpacks to more than ${Math.round(limit / (1024 * 1024))} MiB, which is more than is allowed for an archive of its size.`,
    'If it is what you meant, unpack it yourself and choose the files.',
  );
}
