import { take } from '../bytes';
import { fieldOf, isObject, listOf, numberOf, textOf } from '../fields';
import type { Given, Reading } from '../given';
import { halfOf } from '../half';
import { LIMITS } from '../limits';
import type { Values } from '../net/builder';
import { refuse, shown } from '../refuse';
import { shardsOf } from './shards';

/** Where a reader writes what it mended and what else a person should know, a sentence each. */
export interface Notes {
  readonly repairs: string[];
  readonly remarks: string[];
}

type Stored = 'float32' | 'float16' | 'int32' | 'uint16' | 'uint8' | 'bool';

const BYTES: Readonly<Record<Stored, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** One weight as the manifest declares it. */
interface Declared {
  readonly name: string;
  readonly shape: readonly number[];
  /** How its numbers lie in the shards. */
  readonly stored: Stored;
  /** Where numbers were quantised: stored scale + min, rounded for whole numbers. */
  readonly scale: number;
  readonly min: number;
  readonly whole: boolean;
  readonly count: number;
}

/**
 * The weights of a model.json by their names, from the shards that came with it. Every byte is accounted for before one
 * is read: data that are too short or too long are refused with both numbers.
 *
 * @param manifest the field weightsManifest: groups of weights with the paths of their shards
 * @param beside all files that came with it; shards are matched by their base names
 * @throws UserError where weights or shards are missing, doubled or of another size
 */
export async function readManifest(
  manifest: unknown,
  file: Given,
  beside: readonly Given[],
  reading: Reading,
  notes: Notes = { repairs: [], remarks: [] },
): Promise<ReadonlyMap<string, Values>> {
  const where = shown(file.path);
  const groups = listOf(manifest).map((group) => ({
    weights: listOf(fieldOf(group, 'weights')).map((weight) => declaredOf(weight, where)),
    ...shardsOf(fieldOf(group, 'paths'), file, beside),
  }));
  if (groups.every(({ weights }) => weights.length === 0))
    throw refuse(
      'E_UPLOAD_NO_WEIGHTS',
      `${where} describes a network but lists no weights, so there is nothing trained in it.`,
      'Save the model with its weights (model.save or the TensorFlow.js converter), and give model.json with its .bin files.',
    );
  const missing = groups.flatMap((group) => group.missing);
  if (missing.length > 0)
    throw refuse(
      'E_UPLOAD_SHARDS',
      `${where} needs ${missing.length === 1 ? 'the weight file' : `${missing.length} weight files:`} ${listed(missing)}, which ${missing.length === 1 ? 'is' : 'are'} not there.`,
      'Give model.json together with all its weight files, or the whole folder, or a zip of it.',
    );
  const named = new Set(groups.flatMap(({ found }) => found));
  const surplus = beside.filter((other) => other.path.endsWith('.bin') && !named.has(other));
  if (surplus.length > 0)
    notes.remarks.push(
      `${where} does not name ${listed(surplus.map(({ path }) => path))}; it was not read.`,
    );
  const total = groups.flatMap(({ weights }) => weights).reduce((sum, { count }) => sum + count, 0);
  if (total > LIMITS.parameters)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${where} lists ${total} weights; at most ${LIMITS.parameters} are allowed.`,
      'Use a smaller network.',
    );
  const values = new Map<string, Values>();
  for (const { weights, found } of groups)
    for (const [name, value] of await groupOf(weights, found, where, reading)) {
      if (values.has(name))
        throw refuse(
          'E_UPLOAD_WEIGHTS',
          `${where} lists the weight ${shown(name)} twice.`,
          'Convert the network anew.',
        );
      values.set(name, value);
    }
  return values;
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, 8).map((name) => shown(name));
  return names.length > 8 ? `${first.join(', ')} and ${names.length - 8} more` : first.join(', ');
}

function declaredOf(weight: unknown, where: string): Declared {
  const name = textOf(fieldOf(weight, 'name')) ?? '';
  const wrong = (why: string) =>
    refuse(
      'E_UPLOAD_WEIGHTS',
      `${where} cannot be used: the weight ${shown(name) || 'without a name'} ${why}.`,
      'Convert the network anew.',
    );
  const raw = fieldOf(weight, 'shape');
  const shape = listOf(raw).map((n) => numberOf(n) ?? -1);
  const whole = shape.every((n) => Number.isInteger(n) && n >= 0 && n <= LIMITS.side);
  if (name === '' || name.length > 4 * LIMITS.nameLength) throw wrong('has no usable name');
  if (!Array.isArray(raw) || !whole || shape.length > LIMITS.rank)
    throw wrong(`has the shape ${shown(JSON.stringify(raw) ?? 'undefined', 40)}`);
  const count = shape.reduce((a, b) => Math.min(a * b, Number.MAX_SAFE_INTEGER), 1);
  if (count > LIMITS.parameters) throw wrong(`has the shape [${shape.join(', ')}], too large`);
  const dtype = textOf(fieldOf(weight, 'dtype')) ?? '';
  const quantised = fieldOf(weight, 'quantization');
  const stored = isObject(quantised) ? textOf(fieldOf(quantised, 'dtype')) : dtype;
  const known = stored !== null && Object.hasOwn(BYTES, stored);
  const fits = isObject(quantised)
    ? stored === 'uint8' || stored === 'uint16' || stored === 'float16'
    : stored !== 'uint16';
  if (!known || !fits)
    throw wrong(`is stored as ${shown(stored ?? 'nothing', 20)}, which is not read`);
  const linear = isObject(quantised) && stored !== 'float16';
  const scale = linear ? numberOf(fieldOf(quantised, 'scale')) : 1;
  const min = linear ? numberOf(fieldOf(quantised, 'min')) : 0;
  if (scale === null || min === null) throw wrong('is quantised without a scale and a minimum');
  return {
    name,
    shape,
    stored: stored as Stored,
    scale,
    min,
    whole: dtype === 'int32',
    count,
  };
}

async function groupOf(
  weights: readonly Declared[],
  shards: readonly Given[],
  where: string,
  reading: Reading,
): Promise<ReadonlyMap<string, Values>> {
  const needed = weights.reduce((sum, { count, stored }) => sum + count * BYTES[stored], 0);
  const there = shards.reduce((sum, { size }) => sum + size, 0);
  if (needed !== there)
    throw refuse(
      'E_UPLOAD_WEIGHTS_SIZE',
      `The weights that ${where} lists take ${needed} bytes, but ${listed(shards.map(({ path }) => path)) || 'its weight files'} ${shards.length === 1 ? 'has' : 'have'} ${there}.`,
      there < needed
        ? 'The weight files were cut off, or belong to another network: copy them anew.'
        : 'The weight files belong to another network, or something was added to them: copy them anew.',
    );
  const out = new Map<string, Values>();
  let at = 0;
  for (const weight of weights) {
    reading.signal?.throwIfAborted();
    const bytes = weight.count * BYTES[weight.stored];
    const data = await spanOf(shards, at, at + bytes);
    at += bytes;
    reading.progress('Reading weights', needed === 0 ? 1 : at / needed);
    out.set(weight.name, { shape: weight.shape, values: decoded(data, weight) });
    if (out.size % 64 === 0) await Promise.resolve();
  }
  if (out.size !== weights.length)
    throw refuse('E_UPLOAD_WEIGHTS', `${where} lists a weight twice.`, 'Convert the network anew.');
  return out;
}

/** Bytes of files as if they lay behind one another. */
async function spanOf(files: readonly Given[], from: number, to: number): Promise<Uint8Array> {
  const out = new Uint8Array(to - from);
  let start = 0;
  for (const file of files) {
    const [a, b] = [Math.max(from, start), Math.min(to, start + file.size)];
    if (a < b) {
      const part = await take(file, a - start, b - start);
      out.set(part, a - from);
    }
    start += file.size;
  }
  return out;
}

function decoded(data: Uint8Array, weight: Declared): Float32Array {
  const { stored, scale, min, whole, count } = weight;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out = new Float32Array(count);
  const raw = RAW[stored];
  const quantised = scale !== 1 || min !== 0;
  for (let i = 0; i < count; i++) {
    const value = quantised ? raw(view, i) * scale + min : raw(view, i);
    out[i] = whole ? Math.round(value) : value;
  }
  return out;
}

/** The i-th number as it lies there, little-endian. */
const RAW: Readonly<Record<Stored, (view: DataView, i: number) => number>> = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  float16: (view, i) => halfOf(view.getUint16(2 * i, true)),
  int32: (view, i) => view.getInt32(4 * i, true),
  uint16: (view, i) => view.getUint16(2 * i, true),
  uint8: (view, i) => view.getUint8(i),
  bool: (view, i) => (view.getUint8(i) === 0 ? 0 : 1),
};
