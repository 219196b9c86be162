import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../../src/upload/archive/crc32';

/** A file for an archive, and the lies that its records tell. */
export interface ZipFile {
  readonly name: string | Uint8Array;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  /** Size that the directory claims. */
  readonly size?: number;
  /** Place of the header that the directory claims. */
  readonly header?: number;
  /** Unix file type and mode. */
  readonly mode?: number;
}

function record(length: number, fields: readonly (readonly [number, number, 2 | 4])[]): Buffer {
  const bytes = Buffer.alloc(length);
  for (const [at, value, width] of fields)
    if (width === 2) bytes.writeUInt16LE(value, at);
    else bytes.writeUInt32LE(value, at);
  return bytes;
}

/** Writes a zip archive. `wide` puts all sizes into fields of 64 bits. */
export function zip(
  files: readonly ZipFile[],
  { wide = false, count = files.length } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const data = file.deflate ? deflateRawSync(file.bytes) : Buffer.from(file.bytes);
    const flags = file.flags ?? 0x0800;
    const method = file.method ?? (file.deflate ? 8 : 0);
    const crc = file.crc ?? crc32(file.bytes);
    const size = file.size ?? file.bytes.length;
    const header = file.header ?? at;
    const extra = wide ? Buffer.alloc(28) : Buffer.alloc(0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [size, data.length, header].forEach((n, i) => extra.writeBigUInt64LE(BigInt(n), 4 + 8 * i));
    }
    const packed = wide ? 0xffffffff : data.length;
    const unpacked = wide ? 0xffffffff : size;
    const local = record(30, [
      [0, 0x04034b50, 4],
      [4, 20, 2],
      [6, flags, 2],
      [8, method, 2],
      [14, crc, 4],
      [18, data.length, 4],
      [22, size, 4],
      [26, name.length, 2],
    ]);
    const central = record(46, [
      [0, 0x02014b50, 4],
      [4, 0x0314, 2],
      [6, 20, 2],
      [8, flags, 2],
      [10, method, 2],
      [16, crc, 4],
      [20, packed, 4],
      [24, unpacked, 4],
      [28, name.length, 2],
      [30, extra.length, 2],
      [38, ((file.mode ?? 0o100644) << 16) >>> 0, 4],
      [42, wide ? 0xffffffff : header, 4],
    ]);
    parts.push(local, name, data);
    directory.push(central, name, extra);
    at += local.length + name.length + data.length;
  }
  const size = Buffer.concat(directory).length;
  const ends: Buffer[] = [];
  if (wide) {
    const end64 = record(56, [[0, 0x06064b50, 4]]);
    end64.writeBigUInt64LE(44n, 4);
    [count, count, size, at].forEach((n, i) => end64.writeBigUInt64LE(BigInt(n), 24 + 8 * i));
    const locator = record(20, [
      [0, 0x07064b50, 4],
      [16, 1, 4],
    ]);
    locator.writeBigUInt64LE(BigInt(at + size), 8);
    ends.push(end64, locator);
  }
  ends.push(
    record(22, [
      [0, 0x06054b50, 4],
      [8, wide ? 0xffff : count, 2],
      [10, wide ? 0xffff : count, 2],
      [12, size, 4],
      [16, wide ? 0xffffffff : at, 4],
    ]),
  );
  return Buffer.concat([...parts, ...directory, ...ends]);
}
