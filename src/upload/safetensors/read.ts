import { sizeOf } from '../../models/net/graph';
import { take } from '../bytes';
import type { Given, ReadNetwork, Reading } from '../given';
import { Json } from '../json';
import { LIMITS } from '../limits';
import type { Values } from '../net/builder';
import { refuse, shown } from '../refuse';
import { networkOf } from '../torch/architectures/network';
import { bytesOf, isNumberType, isRounded, float32Of } from '../torch/numbers';
import type { NumberType } from '../torch/numbers';
import type { Stored, TensorFile } from '../torch/tensors';
import { hasTwice } from './keys';

/** Names of types as PyTorch has them, for sentences. */
const SPOKEN: Partial<Record<NumberType, string>> = { F64: 'float64', F16: 'float16' };

/** A tensor as the header describes it. */
interface Place extends Stored {
  readonly of: NumberType;
  /** Bytes behind the header. */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a safetensors file: weights by name, from which the network is recognised.
 *
 * @throws UserError where the header does not fit the file, or the network is not known
 */
export async function readSafetensorsFile(
  file: Given,
  _beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  return networkOf(file, 'safetensors', await openSafetensors(file, reading), reading);
}

/**
 * The tensors of a safetensors file: eight bytes with the header's length, a header in JSON, and the numbers, which have
 * to fill the rest of the file without holes.
 */
async function openSafetensors(file: Given, reading: Reading): Promise<TensorFile> {
  const start = await take(file, 0, 8);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (!(length >= 2 && length <= LIMITS.jsonBytes && length <= file.size - 8))
    throw wrong(file, `its header would be ${length} bytes long`);
  const bytes = await take(file, 8, 8 + length);
  const header = Json.parse(bytes, file.path);
  const twice = hasTwice(bytes);
  if (twice !== null) throw wrong(file, `it describes ${shown(twice)} twice`);
  const names = header.keys().filter((key) => key !== '__metadata__');
  if (names.length > 2 * LIMITS.layers) throw wrong(file, `it holds ${names.length} tensors`);
  const places = new Map(names.map((name) => [name, placeOf(file, name, header.get(name))]));
  checkPlaces(file, places, file.size - 8 - length);
  const rounded = [...places.values()].some(({ of }) => isRounded(of));
  return {
    tensors: places,
    metadata: metadataOf(header),
    repairs: [],
    remarks: rounded ? ['Its float64 weights were rounded to float32.'] : [],
    load: (wanted) => load(file, places, 8 + length, wanted, reading),
  };
}

function placeOf(file: Given, name: string, entry: Json): Place {
  const of = entry.get('dtype').text(16);
  if (!isNumberType(of))
    throw wrong(file, `tensor ${shown(name)} holds numbers of type ${shown(of)}`);
  const shape = entry.get('shape').counts(LIMITS.rank);
  const [from = 0, to = 0, ...more] = entry.get('data_offsets').counts(3);
  const bytes = sizeOf(shape) * bytesOf(of);
  if (more.length > 0 || to - from !== bytes)
    throw wrong(file, `tensor ${shown(name)} needs ${bytes} bytes and has ${to - from}`);
  return { shape, type: SPOKEN[of] ?? of, of, from, to };
}

/** @throws UserError unless the tensors fill the bytes one behind the other */
function checkPlaces(file: Given, places: ReadonlyMap<string, Place>, bytes: number): void {
  let [end, numbers] = [0, 0];
  const inOrder = [...places].toSorted(([, a], [, b]) => a.from - b.from || a.to - b.to);
  for (const [name, { shape, from, to }] of inOrder) {
    if (from < end) throw wrong(file, `tensor ${shown(name)} overlaps the one before it`);
    if (from > end) throw wrong(file, `there is a hole before tensor ${shown(name)}`);
    if (to > bytes) throw wrong(file, `tensor ${shown(name)} lies beyond its end`);
    end = to;
    numbers += sizeOf(shape);
  }
  if (end !== bytes)
    throw wrong(file, `${bytes - end} bytes behind the last tensor belong to none`);
  if (numbers > LIMITS.parameters)
    throw wrong(file, `it holds ${numbers} numbers; at most ${LIMITS.parameters} are allowed`);
}

function metadataOf(header: Json): ReadonlyMap<string, string> {
  const table = header.maybe('__metadata__');
  if (!table) return new Map();
  return new Map(table.keys().map((key) => [key, table.get(key).text(LIMITS.jsonBytes)]));
}

async function load(
  file: Given,
  places: ReadonlyMap<string, Place>,
  start: number,
  names: readonly string[],
  reading: Reading,
): Promise<ReadonlyMap<string, Values>> {
  const loaded = new Map<string, Values>();
  for (const name of names) {
    const place = places.get(name);
    if (!place) continue;
    reading.signal?.throwIfAborted();
    reading.progress('Reading weights', loaded.size / names.length);
    const bytes = await take(file, start + place.from, start + place.to);
    const values = float32Of(place.of, bytes, 0, sizeOf(place.shape), true);
    loaded.set(name, { shape: place.shape, values });
  }
  return loaded;
}

function wrong(file: Given, why: string): Error {
  return refuse(
    'E_UPLOAD_SAFETENSORS',
    `${shown(file.path)} cannot be used: ${why}.`,
    'Download or save it again.',
  );
}
