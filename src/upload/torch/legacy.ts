import { take } from '../bytes';
import type { Given } from '../given';
import { EXPORT } from '../plain/advice';
import { refuse, shown } from '../refuse';
import { Dict, List } from './pickled';
import type { Pickled, StorageRef } from './pickled';
import { unitOf } from './storage';
import { unpickle } from './unpickle';
import type { TorchFile } from './zip-file';

/** The number that the older form of torch.save begins with. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
/** The pickles stand before the storages; more than this is read only where they need it. */
const FIRST = 1024 * 1024;
const MOST_PICKLE = 64 * 1024 * 1024;

/**
 * Opens the form that torch.save wrote before version 1.6: pickles of a magic number, a version, the system's traits, the
 * saved value and the keys of the storages, then each storage as its count (8 bytes) and its numbers.
 *
 * @throws UserError where it is another pickle, or breaks off
 */
export async function openLegacy(file: Given): Promise<TorchFile> {
  const bytes = await take(file, 0, Math.min(file.size, FIRST));
  const magic = unpickle(bytes, 0, file.path);
  if (magic.value !== MAGIC) throw plainPickle(file);
  const opened = pickles(bytes, magic.end, file);
  // One of the later pickles may reach beyond what was read.
  if (opened) return storages(file, opened);
  const more = await take(file, 0, Math.min(file.size, MOST_PICKLE));
  const again = pickles(more, magic.end, file);
  if (!again) throw damaged(file, 'its pickle is larger than any state dict needs');
  return storages(file, again);
}

interface Opened {
  readonly root: Pickled;
  readonly little: boolean;
  readonly storages: readonly StorageRef[];
  readonly keys: readonly string[];
  readonly end: number;
}

/** The pickles after the magic number; null where they go on beyond the bytes at hand. */
function pickles(bytes: Uint8Array, from: number, file: Given): Opened | null {
  try {
    const version = unpickle(bytes, from, file.path);
    const system = unpickle(bytes, version.end, file.path);
    const saved = unpickle(bytes, system.end, file.path);
    const keys = unpickle(bytes, saved.end, file.path);
    const little = system.value instanceof Dict ? system.value.entries.get('little_endian') : true;
    return {
      root: saved.value,
      storages: saved.storages,
      little: little !== false,
      keys: keys.value instanceof List ? keys.value.items.map(String) : [],
      end: keys.end,
    };
  } catch (cause) {
    if (bytes.length < file.size) return null;
    throw cause;
  }
}

/** The storages one after the other: where each stands is known from the counts and types of those before it. */
async function storages(file: Given, opened: Opened): Promise<TorchFile> {
  const units = new Map(opened.storages.map(({ key, type }) => [key, unitOf(type)]));
  const places = new Map<string, { readonly from: number; readonly to: number }>();
  let at = opened.end;
  for (const key of opened.keys) {
    const unit = units.get(key);
    if (!unit) throw damaged(file, `its storage ${shown(key)} is of no type that is known`);
    const count = await take(file, at, at + 8);
    const numbers = Number(
      new DataView(count.buffer, count.byteOffset).getBigInt64(0, opened.little),
    );
    const from = at + 8;
    if (!(numbers >= 0 && numbers * unit <= file.size - from))
      throw damaged(file, `its storage ${shown(key)} would have ${numbers} numbers`);
    at = from + numbers * unit;
    places.set(key, { from, to: at });
  }
  return {
    root: opened.root,
    little: opened.little,
    async storage({ key }, bytes) {
      const place = places.get(key);
      if (!place || place.to - place.from < bytes)
        throw damaged(file, `its storage ${shown(key)} is ${place ? 'too short' : 'missing'}`);
      return take(file, place.from, place.to);
    },
  };
}

function damaged(file: Given, why: string): Error {
  return refuse(
    'E_UPLOAD_TRUNCATED',
    `${shown(file.path)} cannot be used: ${why}.`,
    'Download or copy it again; it is not whole.',
  );
}

function plainPickle(file: Given): Error {
  return refuse(
    'E_UPLOAD_TORCH_FORM',
    `${shown(file.path)} cannot be used: it is a plain pickle, not a file of torch.save.`,
    EXPORT,
  );
}
