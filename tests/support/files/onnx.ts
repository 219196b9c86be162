import { WEIGHTS, floats } from './tiny';
import type { Part } from './tiny';

/** A whole number of any size in seven bits a byte; negative ones in two's complement of 64 bits. */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? byte | 0x80 : byte);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A protobuf field: a number, text, or bytes. */
export function field(number: number, value: number | bigint | string | Buffer): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint')
    return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export const message = (...fields: readonly Buffer[]) => Buffer.concat(fields);

/** A TensorProto. */
export function tensor(
  name: string,
  dims: readonly number[],
  raw: Buffer,
  { type = 1, more = Buffer.alloc(0) } = {},
): Buffer {
  const sides = dims.map((side) => field(1, side));
  return message(...sides, field(2, type), field(8, name), field(9, raw), more);
}

/** A NodeProto. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Buffer[] = [],
): Buffer {
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...attributes.map((attribute) => field(5, attribute)),
  );
}

/** An attribute that is one whole number. */
export const whole = (name: string, value: number) =>
  message(field(1, name), field(3, value), field(20, 2));

/** A ValueInfoProto of float32; a side may be a name. */
export function value(name: string, dims: readonly (number | string)[]): Buffer {
  const sides = dims.map((side) =>
    field(1, typeof side === 'string' ? field(2, side) : field(1, side)),
  );
  const type = message(field(1, 1), field(2, message(...sides)));
  return message(field(1, name), field(2, field(1, type)));
}

/** Values with their axes in another order. */
function turned(values: readonly number[], shape: readonly number[], order: readonly number[]) {
  const steps = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const out: number[] = [];
  const walk = (axis: number, at: number) => {
    if (axis === order.length) return void out.push(values[at] as number);
    const own = order[axis] as number;
    for (let i = 0; i < (shape[own] as number); i++)
      walk(axis + 1, at + i * (steps[own] as number));
  };
  walk(0, 0);
  return out;
}

const valuesOf = (i: number) => WEIGHTS[i]?.values ?? [];

/** What a graph consists of; a corpus changes it. */
export function onnxGraph() {
  const kernel = turned(valuesOf(0), [3, 3, 1, 2], [3, 2, 0, 1]);
  return {
    nodes: [
      node('Conv', ['x', 'w', 'b'], ['c']),
      node('Relu', ['c'], ['r']),
      node('Flatten', ['r'], ['f']),
      node('Gemm', ['f', 'dw', 'db'], ['y']),
    ],
    tensors: [
      tensor('w', [2, 1, 3, 3], floats(kernel)),
      tensor('b', [2], floats(valuesOf(1))),
      tensor('dw', [72, 3], floats(valuesOf(2))),
      tensor('db', [3], floats(valuesOf(3))),
    ],
    inputs: [value('x', ['N', 1, 8, 8])],
    outputs: [value('y', ['N', 3])],
  };
}

/** An ONNX file. */
export function tinyOnnx(graph = onnxGraph()): Part[] {
  const body = message(
    ...graph.nodes.map((each) => field(1, each)),
    field(2, 'tiny'),
    ...graph.tensors.map((each) => field(5, each)),
    ...graph.inputs.map((each) => field(11, each)),
    ...graph.outputs.map((each) => field(12, each)),
  );
  const model = message(field(1, 8), field(2, 'test'), field(7, body), field(8, field(2, 17)));
  return [{ name: 'tiny.onnx', bytes: model }];
}
