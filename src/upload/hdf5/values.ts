import { sizeOf } from '../../models/net/graph';
import { halfOf } from '../half';
import { LIMITS } from '../limits';
import { NOWHERE, textOf } from './bytes';
import type { FileBytes } from './bytes';
import type { DataType } from './types';

/** Whether numbers lie here as they do in nearly all files, so that they need not be read one by one. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Elements as numbers. @throws UserError where they are something else */
export function numbersOf(
  file: FileBytes,
  bytes: Uint8Array,
  type: DataType,
  what: string,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(bytes.length / type.size);
  if (count > LIMITS.parameters) throw file.broken(`has ${count} numbers in ${what}`);
  const out = new Float32Array(count);
  if (type.kind === 'float' && type.size === 4 && type.little && LITTLE) {
    new Uint8Array(out.buffer).set(bytes.subarray(0, 4 * count));
    return out;
  }
  const read = readerOf(view, type);
  if (!read) throw file.unread(`${type.kind === 'other' ? type.what : type.kind} as ${what}`);
  for (let i = 0; i < count; i++) out[i] = read(i * type.size);
  return out;
}

function readerOf(view: DataView, type: DataType): ((at: number) => number) | null {
  if (type.kind === 'float') {
    const { size, brain, little } = type;
    if (size === 8) return (at) => view.getFloat64(at, little);
    if (size === 4) return (at) => view.getFloat32(at, little);
    return brain ? brainReader(view, little) : (at) => halfOf(view.getUint16(at, little));
  }
  // The only bytes without a meaning in files of Keras are brain floats.
  if (type.kind === 'opaque' && type.size === 2) return brainReader(view, true);
  if (type.kind !== 'int') return null;
  const { size, signed, little } = type;
  if (size === 1) return (at) => (signed ? view.getInt8(at) : view.getUint8(at));
  if (size === 2) return (at) => (signed ? view.getInt16(at, little) : view.getUint16(at, little));
  if (size === 4) return (at) => (signed ? view.getInt32(at, little) : view.getUint32(at, little));
  return (at) => Number(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
}

/** The upper half of a float32. */
function brainReader(view: DataView, little: boolean): (at: number) => number {
  const float = new DataView(new ArrayBuffer(4));
  return (at) => {
    float.setUint32(0, view.getUint16(at, little) << 16);
    return float.getFloat32(0);
  };
}

/** Elements as texts. @throws UserError where they are something else */
export function textsOf(
  file: FileBytes,
  bytes: Uint8Array,
  type: DataType,
  shape: readonly number[],
  what: string,
): readonly string[] {
  const count = sizeOf(shape);
  if (count > LIMITS.files) throw file.broken(`has ${count} texts in ${what}`);
  if (type.kind === 'text')
    return Array.from({ length: count }, (_, i) => {
      const raw = bytes.subarray(i * type.size, (i + 1) * type.size);
      const end = raw.indexOf(0);
      const text = textOf(end < 0 ? raw : raw.subarray(0, end));
      return type.padding === 2 ? text.trimEnd() : text;
    });
  if (type.kind !== 'vlen-text') throw file.unread(`${type.kind} as ${what}`);
  if (type.size < 8 + file.offsetSize) throw file.broken(`has texts of ${type.size} bytes`);
  const part = new FileBytesWithin(file, bytes);
  let left = LIMITS.jsonBytes * 2;
  return Array.from({ length: count }, (_, i) => {
    const { length, address, index } = part.reference(i * type.size);
    if (address === NOWHERE || length === 0) return '';
    left -= length;
    if (left < 0)
      throw file.broken(`has more than ${LIMITS.jsonBytes * 2} bytes of text in ${what}`);
    return heapText(file, address, index, length);
  });
}

/** References to the global heap in bytes that may have been unpacked: length, address and index of each. */
class FileBytesWithin {
  private readonly file: FileBytes;
  private readonly view: DataView;

  constructor(file: FileBytes, bytes: Uint8Array) {
    this.file = file;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  reference(at: number): { length: number; address: number; index: number } {
    const { offsetSize, base } = this.file;
    if (at + 8 + offsetSize > this.view.byteLength)
      throw this.file.broken('breaks off within a text');
    const length = this.view.getUint32(at, true);
    let address = 0;
    for (let i = offsetSize - 1; i >= 0; i--)
      address = address * 256 + this.view.getUint8(at + 4 + i);
    const index = this.view.getUint32(at + 4 + offsetSize, true);
    const none = address === 0 || address >= 2 ** 53;
    return { length, address: none ? NOWHERE : base + address, index };
  }
}

/** One text of a collection of the global heap. */
function heapText(file: FileBytes, at: number, index: number, length: number): string {
  file.expect(at, 'GCOL');
  const end = at + file.length(at + 8);
  file.check(at, end - at);
  const before = 8 + file.lengthSize;
  let next = at + 8 + file.lengthSize;
  while (next + before <= end) {
    const found = file.u16(next);
    const size = file.length(next + 8);
    if (found === index) {
      if (length > size || next + before + size > end) break;
      return textOf(file.slice(next + before, length));
    }
    if (found === 0) break;
    next += before + Math.ceil(size / 8) * 8;
  }
  throw file.broken(`has no text ${index} in its heap at ${at}`);
}
