/** Bytes of each type that an IDX file may hold. */
const WIDTHS: Readonly<Record<number, number>> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/** Writes an IDX file: two zero bytes, type, rank, big-endian sizes, big-endian values. */
export function idxFile(
  shape: readonly number[],
  values: ArrayLike<number>,
  type = 0x08,
): Uint8Array {
  const width = WIDTHS[type] ?? 1;
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + width * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  for (let i = 0; i < values.length; i += 1) {
    const at = start + width * i;
    const value = values[i] ?? 0;
    if (type === 0x0d) view.setFloat32(at, value);
    else if (type === 0x0e) view.setFloat64(at, value);
    else if (width === 1) view.setUint8(at, value & 255);
    else if (width === 2) view.setInt16(at, value);
    else view.setInt32(at, value);
  }
  return bytes;
}
