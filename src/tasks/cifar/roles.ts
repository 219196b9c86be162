import { UserError } from '../../recipe/errors';
import type { Source } from '../contract';
import { otherFormat } from './sniff';
import type { CifarSet } from './sets';

/** What a file of records is for: 0 is the whole training set, 1 to 5 one of its batches. */
export type Role = number | 'test';

/** True for the names under which an archive or a file of records may come. */
export function isData(name: string): boolean {
  return /\.(bin|tar|tgz|gz)$/i.test(name);
}

/** The role of a file of records, by its name; throws UserError for a name that says none. */
export function roleOf(set: CifarSet, name: string): Role {
  // Browsers add " (1)" to the name of a second download.
  const plain = name.toLowerCase().replace(/ ?\(\d+\)/, '');
  if (plain === 'train.bin') return 0;
  if (plain === 'test.bin' || plain === 'test_batch.bin') return 'test';
  const batch = /^data_batch_([1-5])\.bin$/.exec(plain);
  if (batch) return Number(batch[1]);
  throw new UserError(
    'E_DATA_NAME',
    `${name}: the name does not say whether this is training or test data of ${set.title}.`,
    'Known names are data_batch_1.bin to data_batch_5.bin and test_batch.bin, or train.bin and test.bin.',
  );
}

/** Throws UserError where a file of this role would double images that another file has brought. */
export function refuseDouble(
  found: ReadonlyMap<Role, { readonly name: string }>,
  role: Role,
  name: string,
): void {
  for (const [other, earlier] of found) {
    const both = other !== 'test' && role !== 'test' && (other === 0 || role === 0);
    if (other !== role && !both) continue;
    throw new UserError(
      'E_DATA_TWICE',
      `${earlier.name} and ${name} both hold the same ${role === 'test' ? 'test' : 'training'} images.`,
      'Give either the archive, or each .bin file once.',
    );
  }
}

/** For files among which there is neither an archive nor a .bin file; looks into one to say what it is instead. */
export async function nothing(set: CifarSet, sources: readonly Source[]): Promise<UserError> {
  const [first] = sources;
  const wanted = `Give ${set.archive}, or its .bin files, training and test.`;
  if (!first) return new UserError('E_DATA_NOTHING', `${set.title} needs its files.`, wanted);
  const names = sources.slice(0, 3).map((source) => source.name);
  const list = names.join(', ') + (sources.length > 3 ? ` and ${sources.length - 3} more` : '');
  const what = otherFormat(await headOf(first));
  const sentence = what
    ? `${first.name} is ${what}, not ${set.title} data.`
    : `There is no ${set.title} data in its binary version among the files given: ${list}.`;
  return new UserError('E_DATA_NOTHING', sentence, wanted);
}

/** The first bytes of a source; none where it cannot be read. */
async function headOf(source: Source): Promise<Uint8Array> {
  const reader = source.stream().getReader();
  try {
    return (await reader.read()).value ?? new Uint8Array(0);
  } catch {
    return new Uint8Array(0);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** For an archive without .bin files. */
export function noRecords(set: CifarSet, archive: string, names: readonly string[]): UserError {
  const python = names.some((name) => /^(data_batch_\d|train|test|test_batch|meta)$/.test(name));
  const what = python ? `the Python version of ${set.title}` : 'no .bin file';
  return new UserError(
    'E_DATA_VERSION',
    `${archive} holds ${what}; what is read here is the binary version.`,
    `Download ${set.archive}, or run "npm run data".`,
  );
}

/** For a file with an archive's name that is none. */
export function noArchive(set: CifarSet, name: string): UserError {
  return new UserError(
    'E_DATA_FORMAT',
    `${name} is no tar archive, packed or not.`,
    `Download ${set.archive} again from the data set\u2019s home page, or run "npm run data".`,
  );
}
