import { LIMITS } from '../limits';
import type { FileBytes } from './bytes';

/** What one element is. */
export type DataType =
  | {
      readonly kind: 'int';
      readonly size: number;
      readonly signed: boolean;
      readonly little: boolean;
    }
  | {
      readonly kind: 'float';
      readonly size: number;
      readonly brain: boolean;
      readonly little: boolean;
    }
  | { readonly kind: 'text'; readonly size: number; readonly padding: number }
  /** Text of any length, in the global heap. */
  | { readonly kind: 'vlen-text'; readonly size: number }
  /** Bytes without a meaning of HDF5's. */
  | { readonly kind: 'opaque'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

const CLASSES = [
  'integers',
  'floating-point numbers',
  'times',
  'text',
  'bit fields',
  'opaque data',
  'compound types',
  'references',
  'enumerations',
  'lists of any length',
  'arrays as elements',
];

/** A datatype message. */
export function readType(file: FileBytes, at: number): DataType {
  const kind = file.u8(at) & 15;
  const bits = file.u8(at + 1);
  const size = file.u32(at + 4);
  if (size < 1 || size > 1 << 20) throw file.broken(`has elements of ${size} bytes`);
  const little = (bits & 1) === 0;
  if (kind === 0) {
    const whole =
      [1, 2, 4, 8].includes(size) && file.u16(at + 8) === 0 && file.u16(at + 10) === 8 * size;
    if (!whole) return { kind: 'other', size, what: `integers of ${size} bytes` };
    return { kind: 'int', size, signed: (bits & 8) !== 0, little };
  }
  if (kind === 1) {
    const exponent = file.u8(at + 13);
    const known =
      (size === 2 && (exponent === 5 || exponent === 8)) ||
      (size === 4 && exponent === 8) ||
      (size === 8 && exponent === 11);
    if (!known || (bits & 0x40) !== 0)
      return { kind: 'other', size, what: `floating-point numbers of ${size} bytes` };
    return { kind: 'float', size, brain: size === 2 && exponent === 8, little };
  }
  if (kind === 3) return { kind: 'text', size, padding: bits & 15 };
  if (kind === 5) return { kind: 'opaque', size };
  // An enumeration, such as h5py's truth values, is its numbers.
  if (kind === 8) return readBase(file, at + 8);
  if (kind === 9 && (bits & 15) === 1) return { kind: 'vlen-text', size };
  return { kind: 'other', size, what: CLASSES[kind] ?? `elements of class ${kind}` };
}

function readBase(file: FileBytes, at: number): DataType {
  const kind = file.u8(at) & 15;
  if (kind !== 0) throw file.broken('has an enumeration of other things than numbers');
  return readType(file, at);
}

/** A dataspace message: the shape; [] for a single value, null for no value at all. */
export function readSpace(file: FileBytes, at: number): readonly number[] | null {
  const version = file.u8(at);
  if (version !== 1 && version !== 2) throw file.broken(`has a dataspace of version ${version}`);
  const rank = file.u8(at + 1);
  if (version === 2 && file.u8(at + 3) === 2) return null;
  if (rank > 32) throw file.broken(`has a value of ${rank} axes`);
  const start = at + (version === 1 ? 8 : 4);
  const shape: number[] = [];
  let count = 1;
  for (let i = 0; i < rank; i++) {
    const side = file.length(start + i * file.lengthSize);
    shape.push(side);
    count *= side;
    if (count > 8 * LIMITS.parameters)
      throw file.broken(`has a value of shape [${shape.join(', ')}, ...]`);
  }
  return shape;
}
