import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReadNetwork } from '../../src/upload/given';
import { readOnnx } from '../../src/upload/onnx/read';
import { readGraphModel } from '../../src/upload/tfjs/graph';
import { useCpu } from '../support/cpu';
import { givenOf, reading } from '../support/given';
import type { Wave } from '../support/golden';
import { graphFiles } from '../support/graph-file';
import { expectClose, wave } from '../support/numbers';
import { floats, longs, onnxFile } from '../support/onnx-file';
import type { AttributeSpec } from '../support/onnx-file';
import { answersOf } from '../support/real';

/** Operators with what PyTorch makes of them (scripts/torch/golden_operators.py). */

interface Constant {
  readonly shape?: readonly number[];
  readonly wave?: Wave;
  readonly ints?: readonly number[];
  readonly floats?: readonly number[];
}

interface Case {
  readonly name: string;
  readonly input: readonly number[];
  readonly x: Wave;
  /** Operator, inputs (null is the node before), attributes, and outputs where they have names. */
  readonly nodes: readonly (readonly [
    string,
    readonly (string | null)[],
    Readonly<Record<string, AttributeSpec>>,
    (readonly string[])?,
  ])[];
  readonly constants: Readonly<Record<string, Constant>>;
  /** For two rows, flattened in the file's order of axes. */
  readonly y: readonly number[];
  readonly opset?: number;
  /** Rows that the file takes at once, where that is fixed. */
  readonly batch?: number;
  /** What the graph consists of, where that is said. */
  readonly ops?: string;
}

const cases = JSON.parse(
  readFileSync(new URL('operators.json', import.meta.url), 'utf8'),
) as Readonly<Record<'onnx' | 'graph', readonly Case[]>>;

/** Steps whose inputs and outputs all have names, with a last one that flattens. */
function steps({ nodes }: Case, flatten: string) {
  const named = nodes.map(([op, inputs, attributes, outputs], i) => ({
    op,
    inputs: inputs.map((name) => name ?? `y${i - 1}`),
    attributes,
    outputs: outputs ?? [`y${i}`],
  }));
  return [
    ...named,
    { op: flatten, inputs: [`y${nodes.length - 1}`], attributes: {}, outputs: ['flat'] },
  ];
}

const numbersOf = ({
  wave: waved,
  ints,
  floats: given,
  shape = [(ints ?? given ?? []).length],
}: Constant) => ({
  shape,
  values: waved ? wave(shape, waved) : (ints ?? given ?? []),
  whole: ints !== undefined,
});

function onnxOf(entry: Case): Promise<ReadNetwork> {
  const weights = Object.entries(entry.constants).map(([name, constant]) => {
    const { shape, values, whole } = numbersOf(constant);
    return [name, whole ? longs(shape, values as number[]) : floats(shape, values)] as const;
  });
  const bytes = onnxFile({
    nodes: steps(entry, 'Flatten'),
    input: [entry.batch ?? null, ...entry.input.slice(1)],
    weights: Object.fromEntries(weights),
    opset: entry.opset ?? 13,
  });
  return readOnnx(givenOf('a.onnx', bytes), [], reading);
}

function graphOf(entry: Case): Promise<ReadNetwork> {
  const size = entry.y.length / 2;
  const weights = Object.entries({ ...entry.constants, 'flat/s': { ints: [-1, size] } });
  const nodes = steps(entry, 'Reshape').map(({ op, inputs, attributes, outputs }) => ({
    name: outputs[0]!,
    op,
    input: outputs[0] === 'flat' ? [...inputs, 'flat/s'] : inputs,
    attributes,
  }));
  const [file, bin] = graphFiles({
    nodes,
    input: entry.input.slice(1),
    weights: Object.fromEntries(weights.map(([name, constant]) => [name, numbersOf(constant)])),
  });
  return readGraphModel(file, [file, bin], reading);
}

/** Rows as the graph has them: images with their channels last. */
function rowsOf({ input, x }: Case, { layout, graph }: ReadNetwork): tf.Tensor {
  const given = tf.tensor(wave(input, x), [...input]);
  const last = layout === 'NCHW' ? tf.transpose(given, [0, 2, 3, 1]) : given;
  return tf.reshape(last, [2, ...graph.input]);
}

beforeAll(useCpu);

describe.each(['onnx', 'graph'] as const)('%s', (kind) => {
  it.each(cases[kind].map((entry) => [entry.name, entry] as const))('%s', async (_name, entry) => {
    const read = await (kind === 'onnx' ? onnxOf(entry) : graphOf(entry));
    expectClose(answersOf(read, rowsOf(entry, read)).flat(), entry.y, 1e-5);
    const ops = read.graph.nodes.map(({ op }) => op).join(' ');
    expect(ops).toBe(entry.ops ?? ops);
  });
});
