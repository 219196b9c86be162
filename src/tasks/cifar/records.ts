import { UserError } from '../../recipe/errors';
import { damaged } from './open';
import type { ByteReader } from './reader';
import { PIXELS, otherSet, recordBytes } from './sets';
import type { CifarSet } from './sets';

const PLANE = PIXELS / 3;

/** The records of one file. */
export interface Records {
  readonly count: number;
  /** [count, 32, 32, 3]. */
  readonly pixels: Uint8Array;
  /** One array for each label byte. */
  readonly labels: readonly Uint8Array[];
}

/** How many records a file of `size` bytes holds; throws UserError where that is no whole number above 0. */
function countRecords(set: CifarSet, name: string, size: number): number {
  const bytes = recordBytes(set);
  if (size === 0) throw empty(name);
  const count = Math.floor(size / bytes);
  if (size % bytes === 0) return count;
  const other = otherSet(set, size);
  if (other) throw wrongSet(set, other, name);
  throw new UserError(
    'E_DATA_SIZE',
    `${name} has ${size.toLocaleString('en')} bytes, which is no whole number of ${set.title} records: ` +
      `${count.toLocaleString('en')} records of ${bytes.toLocaleString('en')} bytes, and ${size % bytes} bytes over.`,
    `The file is incomplete or not of the binary version: take it out of ${set.archive} again.`,
  );
}

/**
 * Reads `size` bytes of records: label bytes, then a red, a green and a blue plane of 32 rows. `step` is awaited every
 * few records.
 */
export async function readRecords(
  set: CifarSet,
  name: string,
  size: number,
  reader: ByteReader,
  step: () => Promise<void>,
): Promise<Records> {
  const count = countRecords(set, name, size);
  const bytes = recordBytes(set);
  const pixels = new Uint8Array(count * PIXELS);
  const labels = set.labels.map(() => new Uint8Array(count));
  for (let i = 0; i < count; i += 1) {
    if (i % 64 === 0) await step();
    const record = await reader.take(bytes);
    if (record.length < bytes) throw damaged(name, i * bytes + record.length);
    for (const [k, classes] of set.labels.entries()) {
      const label = record[k] ?? 0;
      if (label >= classes) throw wrongLabel(set, name, size, i, label, classes);
      const column = labels[k];
      if (column) column[i] = label;
    }
    interleave(record, labels.length, pixels, i * PIXELS);
  }
  return { count, pixels, labels };
}

/** Three colour planes at `from` become pixels of three bytes at `to`. */
function interleave(planes: Uint8Array, from: number, out: Uint8Array, to: number): void {
  for (let i = 0, at = to; i < PLANE; i += 1) {
    out[at++] = planes[from + i] ?? 0;
    out[at++] = planes[from + PLANE + i] ?? 0;
    out[at++] = planes[from + 2 * PLANE + i] ?? 0;
  }
}

export function empty(name: string): UserError {
  return new UserError(
    'E_DATA_EMPTY',
    `${name} is empty.`,
    'Its download or copy did not come through: fetch it again.',
  );
}

function wrongSet(set: CifarSet, other: CifarSet, name: string): UserError {
  return new UserError(
    'E_DATA_OTHER_SET',
    `${name} holds ${other.title} records, not ${set.title}.`,
    `Choose the task ${other.title}, or give the files of ${set.archive}.`,
  );
}

function wrongLabel(
  set: CifarSet,
  name: string,
  size: number,
  record: number,
  label: number,
  classes: number,
): UserError {
  const other = otherSet(set, size);
  if (other) return wrongSet(set, other, name);
  return new UserError(
    'E_DATA_LABEL',
    `${name}: record ${record.toLocaleString('en')} (counted from 0) has the label ${label}; ` +
      `${set.title} has labels from 0 to ${classes - 1} there.`,
    `The file is damaged or not ${set.title} in its binary version: take it out of ${set.archive} again.`,
  );
}
