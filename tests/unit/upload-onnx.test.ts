import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { readOnnx } from '../../src/upload/onnx/read';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import { floats, longs, message, onnxFile } from '../support/onnx-file';
import type { ModelSpec, NodeSpec, TensorSpec } from '../support/onnx-file';
import { answersOf } from '../support/real';

beforeAll(useCpu);

const read = (spec: ModelSpec, beside: readonly ReturnType<typeof givenOf>[] = []) =>
  readOnnx(givenOf('a.onnx', onnxFile(spec)), beside, reading);

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  more: Partial<NodeSpec> = {},
): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  ...more,
});

const RELU = [node('Relu', ['x'], 'y')];

describe('weights of an ONNX file', () => {
  const bytes = (view: ArrayBufferView) =>
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const kinds: readonly (readonly [string, TensorSpec])[] = [
    ['float', floats([4], [1, -2, 0.5, 3])],
    ['double', { shape: [4], type: 11, raw: bytes(Float64Array.of(1, -2, 0.5, 3)) }],
    [
      'float16',
      { shape: [4], type: 10, raw: bytes(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200)) },
    ],
    [
      'bfloat16',
      { shape: [4], type: 16, raw: bytes(Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x4040)) },
    ],
    // Numbers in a field of their own, packed: 4 is float_data, 10 is double_data, 5 is int32_data with bits.
    [
      'float_data',
      {
        shape: [4],
        type: 1,
        raw: new Uint8Array(),
        more: message(4, bytes(Float32Array.of(1, -2, 0.5, 3))),
      },
    ],
    [
      'double_data',
      {
        shape: [4],
        type: 11,
        raw: new Uint8Array(),
        more: message(10, bytes(Float64Array.of(1, -2, 0.5, 3))),
      },
    ],
    [
      'float16 as bits in int32_data',
      {
        shape: [4],
        type: 10,
        raw: new Uint8Array(),
        more: message(5, [0x80, 0x78, 0x80, 0x80, 3, 0x80, 0x70, 0x80, 0x84, 1]),
      },
    ],
  ];
  it.each(kinds)('are read as %s', async (_name, c) => {
    const net = await read({ nodes: [node('Mul', ['x', 'c'], 'y')], weights: { c } });
    expect(answersOf(net, tf.tensor([[1, 1, 2, 1]]))).toEqual([[1, -2, 1, 3]]);
  });

  it.each([
    ['int8', { shape: [2], type: 3, raw: Uint8Array.of(0xff, 4) }],
    ['int32', { shape: [2], type: 6, raw: bytes(Int32Array.of(-1, 4)) }],
    ['int64', longs([2], [-1, 4])],
    [
      'int64_data',
      {
        shape: [2],
        type: 7,
        raw: new Uint8Array(),
        more: message(7, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4]),
      },
    ],
  ])('may be whole numbers in shape arithmetic: %s', async (_name, shape) => {
    const net = await read({
      nodes: [node('Reshape', ['x', 's'], 'y')],
      weights: { s: shape },
      input: [null, 2, 2],
    });
    expect(net.graph.nodes.map(({ op }) => op)).toEqual(['reshape']);
  });

  const external = (entries: Readonly<Record<string, string>>): TensorSpec => ({
    shape: [4],
    type: 1,
    raw: new Uint8Array(),
    more: [
      ...Object.entries(entries).flatMap(([key, value]) => {
        const text = (field: number, s: string) => message(field, new TextEncoder().encode(s));
        return message(13, [...text(1, key), ...text(2, value)]);
      }),
      14 * 8,
      1,
    ],
  });
  const mul = [node('Mul', ['x', 'c'], 'y')];
  const data = givenOf('folder/w.data', bytes(Float32Array.of(9, 1, -2, 0.5, 3)));

  it('are found in a file beside it, by its name', async () => {
    const c = external({ location: 'w.data', offset: '4', length: '16' });
    const net = await read({ nodes: mul, weights: { c } }, [data]);
    expect(answersOf(net, tf.tensor([[1, 1, 2, 1]]))).toEqual([[1, -2, 1, 3]]);
  });

  it.each([
    ['/etc/w.data', 'E_UPLOAD_PATH'],
    ['../w.data', 'E_UPLOAD_PATH'],
    ['C:\\w.data', 'E_UPLOAD_PATH'],
    ['other.data', 'E_UPLOAD_SHARDS'],
  ])('are not looked for at %s', async (location, code) => {
    await expect(
      read({ nodes: mul, weights: { c: external({ location }) } }, [data]),
    ).rejects.toMatchObject({ code });
  });

  it.each([
    { location: 'w.data', offset: '8', length: '16' },
    { location: 'w.data', offset: '-4', length: '16' },
    { location: 'w.data', offset: '4', length: '1e9' },
  ])('that do not lie within their file are refused', async (entries) => {
    await expect(
      read({ nodes: mul, weights: { c: external(entries) } }, [data]),
    ).rejects.toMatchObject({
      code: 'E_UPLOAD_WEIGHTS_SIZE',
    });
  });

  it.each([
    ['too few numbers', floats([5], [1, 2, 3, 4]), 'in 16 bytes where its shape needs 20'],
    ['an absurd shape', floats([1 << 24, 1 << 24], []), 'at most'],
    ['text', { shape: [1], type: 8, raw: new Uint8Array(1) }, 'of a kind (8) that is not read'],
    ['no number', floats([4], [1, NaN, 1, 1]), 'NaN at place 1'],
  ])('with %s are refused', async (_name, c, sentence) => {
    await expect(read({ nodes: mul, weights: { c } })).rejects.toThrow(sentence);
  });
});

describe('what is refused, and what is said', () => {
  it.each<readonly [string, ModelSpec, string]>([
    [
      'a branch',
      { nodes: [node('If', ['x'], 'y')] },
      'which chooses or repeats parts of the network',
    ],
    [
      'a quantised network',
      { nodes: [node('QLinearConv', ['x'], 'y')] },
      'which computes with quantised numbers',
    ],
    [
      'an operator of somebody’s own',
      { nodes: [node('Relu', ['x'], 'y', { domain: 'com.own' })] },
      'of the operator set com.own',
    ],
    ['a decision', { nodes: [node('ArgMax', ['x'], 'y')] }, 'which makes a decision of scores'],
    [
      'an unknown operator',
      { nodes: [node('Wonder', ['x'], 'y')] },
      'a.onnx uses the operator Wonder (y), which is not among those that are read',
    ],
    [
      'two inputs',
      { nodes: [node('Add', ['a', 'b'], 'y')], inputs: { a: [null, 4], b: [null, 4] } },
      'a.onnx has 2 inputs (a, b)',
    ],
    [
      'a list of open size',
      { nodes: RELU, input: [null, null] },
      'has the shape [?, ?], in which the sizes marked ? are not fixed',
    ],
    [
      'a circle',
      { nodes: [node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b')], outputs: ['b'] },
      'stands in a circle',
    ],
    [
      'a value that nothing makes',
      { nodes: [node('Add', ['x', 'lost'], 'y')] },
      'it reads the value lost, which nothing in it makes',
    ],
    ['two makers of one value', { nodes: [...RELU, ...RELU] }, 'makes y, which is there already'],
    [
      'an output that does not depend on the input',
      { nodes: RELU, outputs: ['c'], weights: { c: floats([1], [1]) } },
      'does not depend on its input',
    ],
    [
      'rows that are mixed',
      { nodes: [node('ReduceMean', ['x'], 'y')] },
      'takes a figure over the rows',
    ],
    [
      'rows that become features',
      { nodes: [node('Reshape', ['x', 's'], 'y')], weights: { s: longs([2], [1, -1]) } },
      'whose first axis does not count its rows',
    ],
    [
      'a convolution of sequences',
      {
        nodes: [node('Conv', ['x', 'w'], 'y')],
        input: [null, 2, 9],
        weights: { w: floats([1, 2, 3], [1, 1, 1, 1, 1, 1]) },
      },
      'only images of two sides are supported',
    ],
    [
      'shapes that do not fit',
      {
        nodes: [node('MatMul', ['x', 'w'], 'y')],
        weights: { w: floats([3, 2], [1, 1, 1, 1, 1, 1]) },
      },
      'a.onnx cannot be used: its operator MatMul (y) multiplies a value of 4 features by a weight of shape [3, 2]',
    ],
    ['old operators', { nodes: RELU, opset: 6 }, 'uses operator set 6'],
  ])('%s', async (_name, spec, sentence) => {
    const refused = await read(spec).catch((cause: unknown) => cause);
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as UserError).message).toContain(sentence);
    expect((refused as UserError).hint).not.toBe('');
  });

  it('an output that cannot be read is left out where another can', async () => {
    const nodes = [node('ArgMax', ['x'], 'label'), node('Softmax', ['x'], 'scores')];
    const { outputs, remarks } = await read({ nodes, outputs: ['label', 'scores'] });
    expect(outputs).toEqual(['scores']);
    expect(remarks.join()).toContain('Its output label was left out');
  });

  it('several outputs are all kept, the first as the answer', async () => {
    const nodes = [node('Softmax', ['x'], 'scores'), node('Exp', ['x'], 'other')];
    const { graph, outputs } = await read({ nodes, outputs: ['scores', 'other'] });
    expect(outputs).toEqual(['scores', 'other']);
    expect([graph.output, graph.nodes.length]).toEqual(['scores', 2]);
  });

  it('a chain of a thousand operators neither hangs nor overflows', async () => {
    const nodes = Array.from({ length: 1000 }, (_, i) =>
      node('Relu', [i === 0 ? 'x' : `y${i - 1}`], `y${i}`),
    );
    expect((await read({ nodes: nodes.toReversed(), outputs: ['y999'] })).graph.nodes).toHaveLength(
      1000,
    );
  });
});

describe('bytes that are no network', () => {
  const good = onnxFile({
    nodes: [node('MatMul', ['x', 'w'], 'y'), node('Relu', ['y'], 'z')],
    weights: { w: floats([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
  });
  const readable = async (bytes: Uint8Array) => {
    const result = await readOnnx(givenOf('a.onnx', bytes), [], reading).catch(
      (cause: unknown) => cause,
    );
    return !(result instanceof Error) || result instanceof UserError;
  };

  it('are refused wherever the file is cut off', async () => {
    for (let end = 0; end < good.length; end += 1)
      expect(await readable(good.slice(0, end)), `cut at ${end}`).toBe(true);
  });

  it('are refused wherever bytes are changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const bytes = good.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          expect(await readable(bytes)).toBe(true);
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });
});
