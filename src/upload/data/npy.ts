import { halfOf } from '../half';
import { refuse, shown } from '../refuse';

/** What a .npy file says of itself. */
export interface NpyHead {
  /** Kind of value: b true or false, u and i whole numbers, f with fractions, U and S text. */
  readonly kind: 'b' | 'u' | 'i' | 'f' | 'U' | 'S';
  /** Bytes of one value. */
  readonly width: number;
  readonly big: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly start: number;
}

/** More than any header of a plain array needs. */
const MOST_HEADER = 1 << 14;
const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  b: [1],
  u: [1, 2, 4, 8],
  i: [1, 2, 4, 8],
  f: [2, 4, 8],
};
const MOST_LETTERS = 256;
const MOST_RANK = 8;

/** Reads the head of a .npy file: magic, version, and a Python dictionary, which is parsed and never evaluated. */
export function npyHead(bytes: Uint8Array, name: string): NpyHead {
  const wrong = (why: string) =>
    refuse(
      'E_UPLOAD_NPY',
      `${name} cannot be read as a NumPy array: ${why}.`,
      'Save it again with numpy.save or numpy.savez.',
    );
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte))
    throw wrong('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw wrong(`its version is ${version}`);
  const before = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER || before + length > bytes.length)
    throw wrong(`its header is ${length} bytes long`);
  const text = new TextDecoder('latin1').decode(bytes.subarray(before, before + length));
  const fields = dictionaryOf(text);
  const descr = fields?.get('descr');
  const shape = fields?.get('shape');
  const fortran = fields?.get('fortran_order');
  if (descr === null) throw wrong('it holds records of several columns');
  if (typeof descr !== 'string' || !Array.isArray(shape) || typeof fortran !== 'boolean')
    throw wrong('its header is not what NumPy writes');
  const [, order = '', kind = '', digits = ''] = /^([<>|=]?)([a-zA-Z])(\d{0,4})$/.exec(descr) ?? [];
  if (kind === 'O')
    throw refuse(
      'E_UPLOAD_PICKLE',
      `${name} holds Python objects, which only Python can read, by running what is in them.`,
      'Save plain numbers: numpy.save(file, array.astype("uint8")).',
    );
  const number = Number(digits);
  const letters = kind === 'U' || kind === 'S';
  if (letters ? number < 1 || number > MOST_LETTERS : !WIDTHS[kind]?.includes(number))
    throw wrong(`its values are of the kind ${shown(descr, 20)}`);
  if (shape.length > MOST_RANK || !shape.every(Number.isSafeInteger))
    throw wrong(`its shape has ${shape.length} axes`);
  return {
    kind: kind as NpyHead['kind'],
    width: kind === 'U' ? 4 * number : number,
    big: order === '>',
    fortran,
    shape,
    start: before + length,
  };
}

type Value = string | boolean | readonly number[] | null;

/** The dictionary of a header: strings, True, False and tuples of numbers; null stands for any other list. */
function dictionaryOf(text: string): ReadonlyMap<string, Value> | null {
  const tokens = text.match(/'[^'\\]*'|"[^"\\]*"|[A-Za-z_]+|\d+L?|[{}()[\]:,]|\S/g) ?? [];
  const fields = new Map<string, Value>();
  let at = 0;
  const next = () => tokens[at++] ?? '';
  if (next() !== '{') return null;
  for (;;) {
    const key = next();
    if (key === '}') return at === tokens.length ? fields : null;
    if (!isText(key) || next() !== ':') return null;
    const value = next();
    if (isText(value)) fields.set(inside(key), inside(value));
    else if (value === 'True' || value === 'False') fields.set(inside(key), value === 'True');
    else if (value === '(') {
      const numbers: number[] = [];
      for (let token = next(); token !== ')'; token = next()) {
        if (!/^\d+L?$/.test(token)) return null;
        numbers.push(Number.parseInt(token, 10));
        if (tokens[at] === ',') at += 1;
        else if (tokens[at] !== ')') return null;
      }
      fields.set(inside(key), numbers);
    } else if (value === '[') {
      // A list of columns: what stands in it does not matter, it is refused.
      return new Map([['descr', null]]);
    } else return null;
    if (tokens[at] === ',') at += 1;
    else if (tokens[at] !== '}') return null;
  }
}

const isText = (token: string) => token.startsWith("'") || token.startsWith('"');
const inside = (token: string) => token.slice(1, -1);

/** Numbers of an array in the order of its axes, the last one fastest. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The numbers of a whole .npy file. */
export function npyNumbers(bytes: Uint8Array, head: NpyHead): Numbers {
  const { kind, width, big, start, shape } = head;
  const count = shape.reduce((product, n) => product * n, 1);
  let body = bytes.subarray(start, start + count * width);
  if (body.byteOffset % width !== 0 || (big && width > 1)) body = new Uint8Array(body);
  if (big) swap(body, width);
  const numbers = typed(body, kind, width);
  return head.fortran && shape.length > 1 ? reordered(numbers, shape) : numbers;
}

/** Numbers in the machine's order of bytes, which is little-endian wherever WebGPU and WebAssembly run. */
function typed({ buffer, byteOffset, length }: Uint8Array, kind: string, width: number): Numbers {
  const count = length / width;
  if (width === 1)
    return kind === 'i'
      ? new Int8Array(buffer, byteOffset, count)
      : new Uint8Array(buffer, byteOffset, count);
  if (kind === 'f') {
    if (width === 4) return new Float32Array(buffer, byteOffset, count);
    if (width === 8) return new Float64Array(buffer, byteOffset, count);
    return Float32Array.from(new Uint16Array(buffer, byteOffset, count), halfOf);
  }
  const signed = kind === 'i';
  if (width === 2)
    return signed
      ? new Int16Array(buffer, byteOffset, count)
      : new Uint16Array(buffer, byteOffset, count);
  if (width === 4)
    return signed
      ? new Int32Array(buffer, byteOffset, count)
      : new Uint32Array(buffer, byteOffset, count);
  const wide = signed
    ? new BigInt64Array(buffer, byteOffset, count)
    : new BigUint64Array(buffer, byteOffset, count);
  return Float64Array.from({ length: count }, (_, i) => Number(wide[i] ?? 0n));
}

function swap(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** From the order in which the first axis is fastest. */
function reordered(from: Numbers, shape: readonly number[]): Numbers {
  const to = from.slice();
  const strides: number[] = [];
  shape.reduce((stride, n, axis) => {
    strides[axis] = stride;
    return stride * n;
  }, 1);
  const place = shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < to.length; i += 1) {
    to[i] = from[source] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      place[axis] = (place[axis] ?? 0) + 1;
      source += strides[axis] ?? 0;
      if ((place[axis] ?? 0) < (shape[axis] ?? 0)) break;
      source -= (strides[axis] ?? 0) * (shape[axis] ?? 0);
      place[axis] = 0;
    }
  }
  return to;
}

/** The texts of a .npy file of one axis. */
export function npyTexts(bytes: Uint8Array, { kind, width, big, shape, start }: NpyHead): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = kind === 'U' ? 4 : 1;
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const letters: string[] = [];
    for (let at = 0; at < width; at += step) {
      const place = start + i * width + at;
      const code = step === 4 ? view.getUint32(place, !big) : view.getUint8(place);
      letters.push(code <= 0x10ffff ? String.fromCodePoint(code) : '\u{fffd}');
    }
    return letters.join('').replace(/\0+$/, '');
  });
}
