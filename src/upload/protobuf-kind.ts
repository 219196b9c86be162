import type { Given } from './given';

type ProtobufKind = 'onnx' | 'savedModel' | 'graphDef' | 'coreml' | 'caffe';

/** Fields of ONNX's ModelProto. */
const ONNX_FIELDS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26]);
const MOST_FIELDS = 64;
const VARINT = 0;
const BYTES = 2;

interface Field {
  readonly number: number;
  readonly wire: number;
  /** Where the field's contents begin, and where the next field does. */
  readonly from: number;
  readonly next: number;
}

/**
 * Which kind of model a protobuf file holds, by the numbers of its outermost fields; null where it looks like none. The
 * contents of fields are skipped, so that the file may be large or cut off.
 */
export async function protobufKind(file: Given): Promise<ProtobufKind | null> {
  const fields: Field[] = [];
  for (let at = 0; at < file.size && fields.length < MOST_FIELDS;) {
    const field = fieldAt(await file.read(at, at + 20), at);
    if (!field) break;
    fields.push(field);
    at = field.next;
  }
  const [first, second] = fields;
  if (!first) return null;
  const has = (number: number, wire: number) =>
    fields.some((field) => field.number === number && field.wire === wire);
  if (has(7, BYTES) && fields.every(({ number }) => ONNX_FIELDS.has(number))) return 'onnx';
  if (first.number === 1 && first.wire === VARINT && second?.wire === BYTES) {
    if (fields.some(({ number }) => number >= 200 && number <= 3000)) return 'coreml';
    if (second.number === 2 && second.next - second.from > 128) return 'savedModel';
  }
  if (first.number === 1 && first.wire === BYTES) {
    if (has(100, BYTES)) return 'caffe';
    const inner = await file.read(first.from, Math.min(first.next, first.from + 300));
    if (isNode(inner)) return 'graphDef';
  }
  return null;
}

/** A node of a TensorFlow graph begins with its name and its operation, both text. */
function isNode(bytes: Uint8Array): boolean {
  const name = fieldAt(bytes, 0);
  if (name?.number !== 1 || name.wire !== BYTES || name.next >= bytes.length) return false;
  const operation = fieldAt(bytes.subarray(name.next), 0);
  if (operation?.number !== 2 || operation.wire !== BYTES) return false;
  return bytes.subarray(name.from, name.next).every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** The field that begins with these bytes, which stand at `at` in the file; null where there is none. */
function fieldAt(bytes: Uint8Array, at: number): Field | null {
  const key = varint(bytes, 0);
  if (!key || key.value < 8 || key.value >= 2 ** 32) return null;
  const number = Math.floor(key.value / 8);
  const wire = key.value % 8;
  const from = at + key.end;
  if (wire === 1 || wire === 5) return { number, wire, from, next: from + (wire === 1 ? 8 : 4) };
  if (wire !== VARINT && wire !== BYTES) return null;
  const value = varint(bytes, key.end);
  if (!value) return null;
  if (wire === VARINT) return { number, wire, from, next: at + value.end };
  return { number, wire, from: at + value.end, next: at + value.end + value.value };
}

function varint(bytes: Uint8Array, from: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[from + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  return null;
}
