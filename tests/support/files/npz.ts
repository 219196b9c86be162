import { zip } from './zip';

export interface NpyOptions {
  /** As NumPy writes it: '<f4', '|u1', '>i8', '<U5'. */
  readonly descr?: string;
  readonly fortran?: boolean;
  readonly version?: 1 | 2 | 3;
  /** Instead of the header that fits. */
  readonly header?: string;
}

const ARRAYS: Readonly<
  Record<string, (view: DataView, at: number, value: number, little: boolean) => void>
> = {
  u1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  b1: (view, at, value) => view.setUint8(at, value),
  u2: (view, at, value, little) => view.setUint16(at, value, little),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  u4: (view, at, value, little) => view.setUint32(at, value, little),
  i4: (view, at, value, little) => view.setInt32(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  u8: (view, at, value, little) => view.setBigUint64(at, BigInt(value), little),
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
};

/** Writes a .npy file: magic, version, padded header (a Python dict), values. */
export function npyFile(
  shape: readonly number[],
  values: ArrayLike<number> | readonly string[],
  { descr = '|u1', fortran = false, version = 1, header }: NpyOptions = {},
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text =
    header ??
    `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const before = version === 1 ? 10 : 12;
  const padded = `${text}${' '.repeat(63 - ((before + text.length) % 64))}\n`;
  const kind = descr.slice(1);
  const width = kind.startsWith('U') ? 4 * Number(kind.slice(1)) : Number(kind.slice(1));
  const bytes = new Uint8Array(before + padded.length + width * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), before);
  for (let i = 0; i < values.length; i += 1) {
    const at = before + padded.length + width * i;
    const value = values[i] ?? 0;
    if (typeof value === 'string')
      Array.from(value).forEach((letter, j) => {
        const code = letter.codePointAt(0) ?? 0;
        if (kind.startsWith('U')) view.setUint32(at + 4 * j, code, true);
        else view.setUint8(at + j, code);
      });
    else ARRAYS[kind]?.(view, at, value, !descr.startsWith('>'));
  }
  return bytes;
}

/** Writes an .npz file. */
export function npzFile(arrays: Readonly<Record<string, Uint8Array>>, deflate = false): Uint8Array {
  return zip(
    Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes, deflate })),
  );
}
