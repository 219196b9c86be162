import { UserError } from '../../recipe/errors';
import type { LoadContext, Source } from '../contract';
import { pauses } from '../support/pause';
import { open } from './open';
import { empty, readRecords } from './records';
import type { Records } from './records';
import { isData, noArchive, noRecords, nothing, refuseDouble, roleOf } from './roles';
import type { Role } from './roles';
import type { CifarSet } from './sets';
import { refuseOtherFormat } from './sniff';
import { isTarHeader, readTar } from './tar';

/** Everything that was read: training files in the order of their numbers, and the test file. */
export interface CifarFiles {
  readonly train: Records[];
  readonly test: Records;
}

type Found = Map<Role, { readonly name: string; readonly records: Records }>;

/**
 * Reads the archive or the .bin files of a data set from sources, as streams. Other files beside them (lists of names,
 * a read-me) are passed over. Throws UserError where something is missing, doubled or unfit.
 */
export async function readFiles(set: CifarSet, context: LoadContext): Promise<CifarFiles> {
  const sources = context.sources.filter((source) => isData(source.name));
  if (sources.length === 0) throw await nothing(set, context.sources);
  const total = sources.reduce((sum, source) => sum + source.size, 0);
  const pause = pauses(context.signal);
  const found: Found = new Map();
  let before = 0;
  for (const source of sources) {
    await readSource(set, source, found, async (bytes) => {
      context.progress(`Reading ${source.name}`, Math.min(1, (before + bytes) / total));
      await pause();
    });
    before += source.size;
  }
  return sorted(set, found);
}

/** Reads one source, an archive or a file of records, into `found`. */
async function readSource(
  set: CifarSet,
  source: Source,
  found: Found,
  progress: (bytes: number) => Promise<void>,
): Promise<void> {
  if (source.size === 0) throw empty(source.name);
  let seen = 0;
  const opened = await open(source, (bytes) => {
    seen = bytes;
  });
  const keep = async (name: string, size: number) => {
    const role = roleOf(set, name);
    refuseDouble(found, role, name);
    const records = await readRecords(set, name, size, opened.reader, () => progress(seen));
    found.set(role, { name, records });
  };
  try {
    const head = await opened.reader.peek(512);
    refuseOtherFormat(set, source.name, head);
    if (isTarHeader(head)) await readArchive(set, source.name, opened, keep);
    else if (/\.bin$/i.test(source.name)) await keep(source.name, source.size);
    else throw noArchive(set, source.name);
  } finally {
    await opened.reader.cancel();
  }
}

/** Gives every .bin file of an archive to `keep`. */
async function readArchive(
  set: CifarSet,
  archive: string,
  opened: Awaited<ReturnType<typeof open>>,
  keep: (name: string, size: number) => Promise<void>,
): Promise<void> {
  const names: string[] = [];
  let kept = 0;
  await readTar(archive, opened, async ({ name, size }) => {
    names.push(name);
    if (!/\.bin$/i.test(name)) return;
    kept += 1;
    await keep(name, size);
  });
  if (kept === 0) throw noRecords(set, archive, names);
}

/** Training files in order, and the test file; throws UserError where either is missing. */
function sorted(set: CifarSet, found: Found): CifarFiles {
  const test = found.get('test');
  const train = [0, 1, 2, 3, 4, 5].flatMap((role) => found.get(role) ?? []);
  const names = [...found.values()].map((file) => file.name).join(', ');
  if (!test)
    throw new UserError(
      'E_DATA_NO_TEST',
      `${names}: training images came, but no test images.`,
      'Give the test file as well (test_batch.bin or test.bin), or the whole archive.',
    );
  if (train.length === 0)
    throw new UserError(
      'E_DATA_NO_TRAIN',
      `${names}: test images came, but no training images of ${set.title}.`,
      'Give the training files as well (data_batch_1.bin to data_batch_5.bin, or train.bin), or the whole archive.',
    );
  return { train: train.map((file) => file.records), test: test.records };
}
