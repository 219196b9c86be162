/** Writes ONNX files for tests: the wire format from its description, field numbers from onnx.proto. */

type Bytes = readonly number[];

function varint(value: number | bigint): Bytes {
  // 2^63 - 1 is no number of JavaScript: its neighbour above stands for it.
  const most = BigInt(value) >= 1n << 63n ? (1n << 63n) - 1n : BigInt(value);
  let left = BigInt.asUintN(64, most);
  const out: number[] = [];
  for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
  return [...out, Number(left)];
}

const whole = (field: number, value: number | bigint): Bytes => [
  ...varint(field * 8),
  ...varint(value),
];
export const message = (field: number, bytes: ArrayLike<number>): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...Array.from(bytes),
];
const text = (field: number, value: string): Bytes =>
  message(field, new TextEncoder().encode(value));
const float = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

/** A tensor's numbers as raw bytes, by onnx.proto's code of their kind. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly type: number;
  readonly raw: Uint8Array;
  /** Other fields of the message, as they are. */
  readonly more?: Bytes;
}

export const floats = (shape: readonly number[], values: ArrayLike<number>): TensorSpec => ({
  shape,
  type: 1,
  raw: new Uint8Array(Float32Array.from(values).buffer),
});

export const longs = (shape: readonly number[], values: readonly number[]): TensorSpec => ({
  shape,
  type: 7,
  raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

function tensor(name: string, { shape, type, raw, more = [] }: TensorSpec): Bytes {
  const dims = shape.flatMap((n) => whole(1, n));
  const numbers = more.length > 0 && raw.length === 0 ? [] : message(9, raw);
  return [...dims, ...whole(2, type), ...text(8, name), ...numbers, ...more];
}

export type AttributeSpec = number | string | readonly number[];

/** Whole numbers are ints; a number with a point, or for a name that wants one, is a float. */
function attribute(name: string, value: AttributeSpec): Bytes {
  const wants = /^(alpha|beta|epsilon|gamma|bias|min|max|value)$/.test(name);
  if (typeof value === 'string') return [...text(1, name), ...text(4, value), ...whole(20, 3)];
  if (typeof value === 'number')
    return wants
      ? [...text(1, name), ...float(2, value), ...whole(20, 1)]
      : [...text(1, name), ...whole(3, value), ...whole(20, 2)];
  return [...text(1, name), ...value.flatMap((n) => whole(8, n)), ...whole(20, 7)];
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly domain?: string;
}

function node({ op, inputs, outputs, attributes = {}, domain }: NodeSpec): Bytes {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, attribute(name, value))),
    ...(domain === undefined ? [] : text(7, domain)),
  ];
}

/** A value's kind and shape; null is an open size. */
function info(name: string, type: number, shape: readonly (number | null)[]): Bytes {
  const dims = shape.flatMap((n) => message(1, n === null ? text(2, 'rows') : whole(1, n)));
  return [...text(1, name), ...message(2, message(1, [...whole(1, type), ...message(2, dims)]))];
}

export interface ModelSpec {
  readonly nodes: readonly NodeSpec[];
  readonly input?: readonly (number | null)[];
  readonly inputs?: Readonly<Record<string, readonly (number | null)[]>>;
  readonly outputs?: readonly string[];
  readonly weights?: Readonly<Record<string, TensorSpec>>;
  readonly opset?: number;
}

/** An ONNX file. Its input is called x, its output is the last node's first. */
export function onnxFile({
  nodes,
  input = [null, 4],
  inputs = { x: input },
  outputs = [nodes.at(-1)?.outputs[0] ?? ''],
  weights = {},
  opset = 13,
}: ModelSpec): Uint8Array {
  const graph = [
    ...nodes.flatMap((spec) => message(1, node(spec))),
    ...text(2, 'graph'),
    ...Object.entries(weights).flatMap(([name, spec]) => message(5, tensor(name, spec))),
    ...Object.entries(inputs).flatMap(([name, shape]) => message(11, info(name, 1, shape))),
    ...outputs.flatMap((name) => message(12, info(name, 1, [null]))),
  ];
  return Uint8Array.from([
    ...whole(1, 8),
    ...text(2, 'test'),
    ...message(7, graph),
    ...message(8, whole(2, opset)),
  ]);
}
