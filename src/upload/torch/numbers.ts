import { halfOf } from '../half';

/**
 * Numbers as files hold them, and as float32. Used for PyTorch's storages and for safetensors alike.
 */

/** Names as safetensors has them. */
export type NumberType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

const BYTES: Readonly<Record<NumberType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

export const bytesOf = (type: NumberType): number => BYTES[type];

export const isNumberType = (name: string): name is NumberType => Object.hasOwn(BYTES, name);

/** True for numbers that float32 cannot hold all of. */
export const isRounded = (type: NumberType): boolean => type === 'F64';

/** Numbers as float32: `count` of them from the given place on. */
export function float32Of(
  type: NumberType,
  bytes: Uint8Array,
  from: number,
  count: number,
  little: boolean,
): Float32Array {
  const values = new Float32Array(count);
  if (type === 'F32' && little) {
    const raw = bytes.subarray(4 * from, 4 * (from + count));
    new Uint8Array(values.buffer).set(raw);
    return values;
  }
  const read = readerOf(type, bytes, little);
  for (let i = 0; i < count; i++) values[i] = read(from + i);
  return values;
}

/** How one number is read: the i-th from the start of the bytes. */
export function readerOf(
  type: NumberType,
  bytes: Uint8Array,
  little: boolean,
): (index: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'F64':
      return (i) => view.getFloat64(8 * i, little);
    case 'F32':
      return (i) => view.getFloat32(4 * i, little);
    case 'F16':
      return (i) => halfOf(view.getUint16(2 * i, little));
    case 'BF16': {
      // A float32 without its lower half.
      const word = new Uint32Array(1);
      const float = new Float32Array(word.buffer);
      return (i) => {
        word[0] = view.getUint16(2 * i, little) << 16;
        return float[0] as number;
      };
    }
    case 'I64':
      return (i) => Number(view.getBigInt64(8 * i, little));
    case 'U64':
      return (i) => Number(view.getBigUint64(8 * i, little));
    case 'I32':
      return (i) => view.getInt32(4 * i, little);
    case 'U32':
      return (i) => view.getUint32(4 * i, little);
    case 'I16':
      return (i) => view.getInt16(2 * i, little);
    case 'U16':
      return (i) => view.getUint16(2 * i, little);
    case 'I8':
      return (i) => view.getInt8(i);
    case 'U8':
    case 'BOOL':
      return (i) => view.getUint8(i);
  }
}
