import {
  field,
  message,
  node,
  onnxGraph,
  tensor,
  tinyOnnx,
  value,
  varint,
  whole,
} from '../files/onnx';
import { floats } from '../files/tiny';
import { bad, cut, part } from './case';
import type { BadCase } from './case';

const graph = onnxGraph();
const some = floats([1, 2, 3]);
const withMore = (name: string, more: Partial<typeof graph>) =>
  bad(name, ...tinyOnnx({ ...graph, ...more }));
/** The graph with its last weight, of three numbers, written otherwise. */
const bias = (name: string, bytes: Buffer) =>
  withMore(name, { tensors: [...graph.tensors.slice(0, 3), bytes] });
const nodes = (name: string, ...all: Buffer[]) => withMore(name, { nodes: all });
const last = (name: string, one: Buffer) => nodes(name, ...graph.nodes.slice(0, 3), one);
const external = (name: string, location: string, ...more: Buffer[]) =>
  bias(
    name,
    message(
      field(1, 3),
      field(2, 1),
      field(8, 'db'),
      field(13, message(field(1, 'location'), field(2, location))),
      ...more,
      field(14, 1),
    ),
  );
const deep = (depth: number): Buffer =>
  depth === 0
    ? Buffer.alloc(0)
    : message(
        field(1, 'a'),
        field(6, field(1, message(field(4, 'If'), field(5, deep(depth - 1))))),
        field(20, 5),
      );

/** Spoiled ONNX files. */
export const ONNX: readonly BadCase[] = [
  bad('onnx-cut', ...cut(tinyOnnx())),
  bad('onnx-cut-late', ...cut(tinyOnnx(), 0.99)),
  bad(
    'onnx-endless-number',
    part(
      'x.onnx',
      Buffer.concat([
        field(1, 8),
        field(7, Buffer.concat([Buffer.of(8), Buffer.alloc(400, 0xff)])),
      ]),
    ),
  ),
  bad(
    'onnx-length-lies',
    part('x.onnx', Buffer.concat([field(1, 8), Buffer.of(0x3a), varint(2 ** 40)])),
  ),
  bad('onnx-empty-graph', part('x.onnx', message(field(1, 8), field(7, '')))),
  nodes(
    'onnx-circle',
    node('Relu', ['b1'], ['a1']),
    node('Relu', ['a1'], ['b1']),
    node('Add', ['b1', 'x'], ['y']),
  ),
  nodes('onnx-itself', node('Relu', ['y'], ['y'])),
  last('onnx-op-unknown', node('Quantum', ['f'], ['y'])),
  last('onnx-op-hostile', node('__proto__', ['f'], ['y'])),
  last('onnx-op-own', message(node('Conv', ['f'], ['y']), field(7, 'com.example'))),
  last('onnx-op-loop', node('Loop', ['f'], ['y'])),
  last('onnx-op-lstm', node('LSTM', ['f', 'dw', 'dw'], ['y'])),
  last('onnx-value-missing', node('Gemm', ['nowhere', 'dw', 'db'], ['y'])),
  last('onnx-inputs-few', node('Gemm', [], ['y'])),
  last('onnx-shape-misfit', node('Gemm', ['f', 'w', 'db'], ['y'])),
  last('onnx-axis-beyond', node('Concat', ['f', 'f'], ['y'], [whole('axis', 99)])),
  last('onnx-deep', message(node('If', ['f'], ['y']), field(5, deep(300)))),
  withMore('onnx-output-missing', { outputs: [value('nowhere', ['N', 3])] }),
  withMore('onnx-outputs-none', { outputs: [] }),
  withMore('onnx-inputs-none', { inputs: [] }),
  withMore('onnx-two-inputs', {
    inputs: [...graph.inputs, value('z', ['N', 4])],
    nodes: [...graph.nodes.slice(0, 3), node('Gemm', ['z', 'dw', 'db'], ['y'])],
  }),
  withMore('onnx-input-negative', { inputs: [value('x', ['N', 1, -8, 8])] }),
  withMore('onnx-input-huge', { inputs: [value('x', ['N', 1, 1e8, 1e8])] }),
  withMore('onnx-input-open', { inputs: [value('x', ['N', 'c'])] }),
  withMore('onnx-input-fits-nowhere', { inputs: [value('x', ['N', 3, 'h', 'w'])] }),
  bias('onnx-weight-nan', tensor('db', [3], floats([1, Number.NaN, 2]))),
  bias('onnx-weight-short', tensor('db', [3], some.subarray(0, 8))),
  bias('onnx-weight-huge', tensor('db', [1e9, 1e9, 1e9], some)),
  bias('onnx-weight-negative', tensor('db', [-3], some)),
  bias('onnx-weight-text', tensor('db', [3], some, { type: 8 })),
  bias('onnx-weight-type-unknown', tensor('db', [3], some, { type: 99 })),
  bias(
    'onnx-weight-rank',
    tensor(
      'db',
      Array.from({ length: 40 }, () => 1),
      some,
    ),
  ),
  external('onnx-external-missing', 'weights.bin'),
  external('onnx-external-upwards', '../../../etc/passwd'),
  external('onnx-external-absolute', '/etc/passwd'),
  external('onnx-external-host', 'http://127.0.0.1:9/weights.bin'),
  bad(
    'onnx-external-short',
    ...tinyOnnx({
      ...graph,
      tensors: [
        ...graph.tensors.slice(0, 3),
        message(
          field(1, 3),
          field(2, 1),
          field(8, 'db'),
          field(13, message(field(1, 'location'), field(2, 'w.bin'))),
          field(14, 1),
        ),
      ],
    }),
    part('w.bin', 'abcd'),
  ),
];
