import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { fromBytes } from '../../src/upload/bytes';
import { readSafetensorsFile } from '../../src/upload/safetensors/read';

const reading = { progress: () => undefined };
const read = (bytes: Uint8Array) =>
  readSafetensorsFile(fromBytes('net.safetensors', bytes), [], reading);

/** A file by its header and its numbers. */
function fileOf(header: unknown, numbers: Uint8Array, length?: number): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + numbers.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(numbers, 8 + text.length);
  return bytes;
}

/** An MLP of ours with two hidden units: its tensors and their values in order. */
const SHAPES = [
  ['hidden1.weight', [2, 2]],
  ['hidden1.bias', [2]],
  ['head.weight', [2, 3]],
  ['head.bias', [3]],
] as const;
const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** That MLP's header with numbers of a type of so many bytes. */
function header(dtype: string, size: number): Record<string, unknown> {
  let at = 0;
  return Object.fromEntries(
    SHAPES.map(([name, shape]) => {
      const from = at;
      at += size * shape.reduce((a: number, b: number) => a * b, 1);
      return [name, { dtype, shape, data_offsets: [from, at] }];
    }),
  );
}

const bytesOf = (array: { readonly buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);
/** Half precision of 1 to 15 by hand: exponent and the first bits of the fraction. */
const halves = Uint16Array.from(VALUES, (n) => {
  const exponent = Math.floor(Math.log2(n));
  return ((exponent + 15) << 10) | ((n / 2 ** exponent - 1) * 1024);
});
const shortened = Uint16Array.from(
  new Uint32Array(Float32Array.from(VALUES).buffer),
  (n) => n >> 16,
);

describe('a safetensors file', () => {
  it.each([
    ['F64', Float64Array.from(VALUES)],
    ['F32', Float32Array.from(VALUES)],
    ['F16', halves],
    ['BF16', shortened],
    ['I64', BigInt64Array.from(VALUES, BigInt)],
    ['I32', Int32Array.from(VALUES)],
    ['I16', Int16Array.from(VALUES)],
    ['I8', Int8Array.from(VALUES)],
    ['U8', Uint8Array.from(VALUES)],
  ])('of %s is read', async (dtype, numbers) => {
    const file = fileOf(header(dtype, numbers.BYTES_PER_ELEMENT), bytesOf(numbers));
    const { weights, remarks, format } = await read(file);
    expect([...weights.values()].flatMap((values) => [...values])).toEqual(VALUES);
    expect(remarks.some((remark) => remark.includes('rounded'))).toBe(dtype === 'F64');
    expect(format).toBe('safetensors');
  });

  const good = header('F32', 4);
  const numbers = bytesOf(Float32Array.from(VALUES));
  const changed = (name: string, entry: object) => ({
    ...good,
    [name]: { ...(good[name] as object), ...entry },
  });

  it.each([
    ['of three bytes', Uint8Array.of(1, 2, 3), 'breaks off'],
    ['whose header is longer than it', fileOf(good, numbers, 2 ** 40), 'header would be'],
    ['whose header is cut', fileOf(good, numbers, 40), 'not valid JSON'],
    ['whose header is a list', fileOf([1, 2], numbers), 'not an object'],
    [
      'with a hole',
      fileOf(changed('head.bias', { data_offsets: [52, 64] }), numbers),
      'a hole before tensor head.bias',
    ],
    [
      'with tensors one over the other',
      fileOf(changed('head.bias', { data_offsets: [44, 56] }), numbers),
      'overlaps',
    ],
    ['that is cut', fileOf(good, numbers.slice(0, 50)), 'lies beyond its end'],
    ['with bytes behind', fileOf(good, new Uint8Array(99)), '39 bytes behind the last tensor'],
    [
      'with a shape for other bytes',
      fileOf(changed('head.bias', { shape: [4] }), numbers),
      'needs 16 bytes and has 12',
    ],
    [
      'with a shape beyond all bounds',
      fileOf(changed('head.bias', { shape: [2 ** 50, 2 ** 50] }), numbers),
      'bytes and has 12',
    ],
    [
      'with a negative place',
      fileOf(changed('head.bias', { data_offsets: [-12, 0] }), numbers),
      'not a whole number',
    ],
    [
      'of a type to come',
      fileOf(changed('head.bias', { dtype: 'F8_E4M3' }), numbers),
      'type F8_E4M3',
    ],
    [
      'without a type',
      fileOf(changed('head.bias', { dtype: undefined }), numbers),
      'has no "dtype"',
    ],
    [
      'with a tensor twice',
      fileOf(
        `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},${JSON.stringify(good).slice(1, -1)},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`,
        numbers,
      ),
      'describes a twice',
    ],
    [
      'with metadata that is no text',
      fileOf({ __metadata__: { a: 1 }, ...good }, numbers),
      'is not text',
    ],
    [
      'with a number that is none',
      fileOf(good, bytesOf(Float32Array.from(VALUES, (n) => (n === 9 ? NaN : n)))),
      'holds NaN',
    ],
    [
      'of a class map',
      fileOf({ scores: { dtype: 'F32', shape: [15], data_offsets: [0, 60] } }, numbers),
      'scores [15]',
    ],
    ['without a tensor', fileOf({}, new Uint8Array()), 'holds no weights'],
  ])('%s is refused', async (_, bytes, sentence) => {
    await expect(read(bytes)).rejects.toThrow(sentence);
    await expect(read(bytes)).rejects.toThrow(UserError);
  });
});
