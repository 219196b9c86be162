import { take } from '../bytes';
import type { Given } from '../given';
import { baseOf } from '../names';
import { halfOf } from '../half';
import { LIMITS } from '../limits';
import { constantOf, Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import { refuse, shown } from '../refuse';
import type { TensorProto } from './model';

interface Stored {
  readonly bytes: number;
  readonly whole: boolean;
  /** One number of raw bytes. */
  readonly raw: (view: DataView, at: number) => number;
  /** One number of the typed fields, where it is not itself. */
  readonly field?: (value: number) => number;
}

const bfloat = (bits: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
};

/** Kinds of numbers that are read, by onnx.proto's codes. */
const TYPES: ReadonlyMap<number, Stored> = new Map([
  [1, { bytes: 4, whole: false, raw: (view, at) => view.getFloat32(at, true) }],
  [2, { bytes: 1, whole: true, raw: (view, at) => view.getUint8(at) }],
  [3, { bytes: 1, whole: true, raw: (view, at) => view.getInt8(at) }],
  [4, { bytes: 2, whole: true, raw: (view, at) => view.getUint16(at, true) }],
  [5, { bytes: 2, whole: true, raw: (view, at) => view.getInt16(at, true) }],
  [6, { bytes: 4, whole: true, raw: (view, at) => view.getInt32(at, true) }],
  [7, { bytes: 8, whole: true, raw: (view, at) => Number(view.getBigInt64(at, true)) }],
  [9, { bytes: 1, whole: true, raw: (view, at) => view.getUint8(at) }],
  [
    10,
    {
      bytes: 2,
      whole: false,
      raw: (view, at) => halfOf(view.getUint16(at, true)),
      field: (bits) => halfOf(bits & 0xffff),
    },
  ],
  [11, { bytes: 8, whole: false, raw: (view, at) => view.getFloat64(at, true) }],
  [12, { bytes: 4, whole: true, raw: (view, at) => view.getUint32(at, true) }],
  [13, { bytes: 8, whole: true, raw: (view, at) => Number(view.getBigUint64(at, true)) }],
  [
    16,
    {
      bytes: 2,
      whole: false,
      raw: (view, at) => bfloat(view.getUint16(at, true)),
      field: (bits) => bfloat(bits & 0xffff),
    },
  ],
]);

/** Whether values of this kind are real numbers. */
export const isFloat = (type: number): boolean => TYPES.get(type)?.whole === false;
export const isWhole = (type: number): boolean => TYPES.get(type)?.whole === true;

/** The numbers of a tensor that lies in the file itself. @param bytes its raw numbers, where they lie elsewhere */
export function constantFrom(tensor: TensorProto, bytes = tensor.raw): Constant {
  const { dims, type, numbers } = tensor;
  const what = `holds the weight ${shown(tensor.name) || 'without a name'}`;
  const stored = TYPES.get(type);
  if (!stored) throw new Unfit(`${what}, whose numbers are of a kind (${type}) that is not read`);
  const fits = dims.every((n) => Number.isInteger(n) && n >= 0 && n <= LIMITS.side);
  const size = dims.reduce((a, b) => Math.min(a * b, Number.MAX_SAFE_INTEGER), 1);
  if (!fits || dims.length > LIMITS.rank || size > LIMITS.parameters)
    throw new Unfit(`${what}, whose shape [${dims.join(', ')}] is more than is allowed`);
  if (!bytes) {
    if (numbers.length !== size)
      throw new Unfit(`${what} with ${numbers.length} numbers where its shape needs ${size}`);
    const { field } = stored;
    return constantOf(dims, field ? numbers.map(field) : numbers, stored.whole);
  }
  if (bytes.length !== size * stored.bytes)
    throw new Unfit(
      `${what} in ${bytes.length} bytes where its shape needs ${size * stored.bytes}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = stored.whole ? new Float64Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i += 1) values[i] = stored.raw(view, i * stored.bytes);
  return { kind: 'constant', shape: dims, values, whole: stored.whole };
}

/**
 * The raw numbers of a tensor that lies in another file, which is looked for by its name among the files given.
 *
 * @throws UserError that names the file where it is missing or too short
 */
export async function externalBytes(
  tensor: TensorProto,
  file: string,
  beside: readonly Given[],
): Promise<Uint8Array> {
  const get = (key: string) => tensor.external?.get(key);
  const location = get('location') ?? '';
  const parts = location.split('/');
  const away =
    location === '' ||
    location.length > LIMITS.nameLength ||
    /[\\:\p{Cc}]/u.test(location) ||
    parts.some((part) => part === '' || part === '..');
  if (away)
    throw refuse(
      'E_UPLOAD_PATH',
      `${file} says that its weights lie in ${shown(location) || 'a file without a name'}, which is not the name of a file beside it.`,
      'Save the network with its weights in the same file, or in one beside it.',
    );
  const found = beside.filter(({ path }) => baseOf(path) === baseOf(location));
  if (found.length > 1)
    throw refuse(
      'E_UPLOAD_SHARDS',
      `There are ${found.length} files named ${shown(baseOf(location))}, and ${file} does not say which it means.`,
      'Give the files of one network only.',
    );
  const [other] = found;
  if (!other)
    throw refuse(
      'E_UPLOAD_SHARDS',
      `${file} keeps its weights in ${shown(baseOf(location))}, which is not there.`,
      `Give ${shown(baseOf(location))} together with the .onnx file, or save the network in one file.`,
    );
  const whole = (text: string | undefined, usual: number) =>
    text === undefined ? usual : /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  const offset = whole(get('offset'), 0);
  const length = whole(get('length'), other.size - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= other.size))
    throw refuse(
      'E_UPLOAD_WEIGHTS_SIZE',
      `${shown(other.path)} has ${other.size} bytes, but the weight ${shown(tensor.name)} of ${file} is said to lie at ${shown(get('offset') ?? '0', 20)} with ${shown(get('length') ?? 'all the', 20)} bytes.`,
      'The file was cut off, or belongs to another network: copy it anew.',
    );
  if (length > 8 * LIMITS.parameters)
    throw new Unfit(`holds the weight ${shown(tensor.name)}, which is too large`);
  return take(other, offset, offset + length);
}
