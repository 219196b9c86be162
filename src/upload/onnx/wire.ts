import { Unfit } from '../net/constant';

/** The binary form of protocol buffers: https://protobuf.dev/programming-guides/encoding. Every length is checked. */

/** A field as it lies in the file: a whole number, four or eight bytes, or bytes of their own. */
export interface Field {
  readonly number: number;
  /** Of a varint; 0 for other fields. Signed, as int64. */
  readonly value: bigint;
  /** Of all but a varint; empty for those. */
  readonly bytes: Uint8Array;
  readonly wire: 0 | 1 | 2 | 5;
}

const NOTHING = new Uint8Array();

/** Reads a varint; returns the number and where it ends. */
function varint(bytes: Uint8Array, from: number): readonly [bigint, number] {
  let low = 0;
  let at = from;
  // Four bytes hold 28 bits, which is nearly all there are.
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = byteAt(bytes, at++);
    low |= (byte & 127) << shift;
    if (byte < 128) return [BigInt(low), at];
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = byteAt(bytes, at++);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [BigInt.asIntN(64, value), at];
  }
  throw new Unfit('holds a number of more than ten bytes');
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Unfit('ends within a number');
  return byte;
}

/** The fields of a message in their order. @throws Unfit where they do not fill its bytes */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const [tag, after] = varint(bytes, at);
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number < 1 || number > 536_870_911) throw new Unfit('holds a field without a number');
    if (wire === 0) {
      const [value, end] = varint(bytes, after);
      at = end;
      yield { number, value, bytes: NOTHING, wire };
      continue;
    }
    let [length, start] = [wire === 1 ? 8n : 4n, after];
    if (wire === 2) [length, start] = varint(bytes, after);
    else if (wire !== 1 && wire !== 5) throw new Unfit(`holds a field of wire type ${wire}`);
    if (length < 0n || length > BigInt(bytes.length - start))
      throw new Unfit('ends within a field, so it was cut off or is no ONNX file');
    at = start + Number(length);
    yield { number, value: 0n, bytes: bytes.subarray(start, at), wire };
  }
}

const utf8 = new TextDecoder();

export const textOf = (field: Field): string => utf8.decode(field.bytes);

export const numberOf = (field: Field): number => Number(field.value);

/** Whole numbers of a repeated field, packed or one by one. */
export function wholesOf(field: Field): number[] {
  if (field.wire === 0) return [Number(field.value)];
  if (field.wire !== 2) throw new Unfit('holds whole numbers of another form');
  const out: number[] = [];
  for (let at = 0; at < field.bytes.length;) {
    const [value, end] = varint(field.bytes, at);
    out.push(Number(value));
    at = end;
  }
  return out;
}

/** Numbers of four or eight bytes of a repeated field, packed or one by one. */
export function floatsOf(field: Field, size: 4 | 8): number[] {
  const { bytes } = field;
  if (field.wire === 0 || bytes.length % size !== 0)
    throw new Unfit('holds numbers of another form');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += size)
    out.push(size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  return out;
}
