import { expect, it } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { readGraphModel } from '../../src/upload/tfjs/graph';
import { givenOf, reading } from '../support/given';
import { graphFiles } from '../support/graph-file';
import type { GraphSpec } from '../support/graph-file';

const relu = { name: 'y', op: 'Relu', input: ['x'] };
const weights = { w: { shape: [1], values: [1] } };
const read = (spec: Partial<GraphSpec>) => {
  const files = graphFiles({ nodes: [relu], input: [4], weights, ...spec });
  return readGraphModel(files[0], files, reading);
};

it.each<readonly [string, Partial<GraphSpec>, string]>([
  [
    'a loop',
    { nodes: [{ name: 'y', op: 'StatelessWhile', input: ['x'] }] },
    'so this graph holds loops or branches',
  ],
  [
    'a circle',
    {
      nodes: [
        { name: 'a', op: 'AddV2', input: ['x', 'b'] },
        { name: 'b', op: 'Relu', input: ['a:0'] },
      ],
      outputs: ['b'],
    },
    'stands in a circle',
  ],
  [
    'a variable',
    {
      nodes: [
        { name: 'y', op: 'VarHandleOp' },
        { ...relu, name: 'z' },
      ],
      outputs: ['y'],
    },
    'reads a variable instead of a stored weight',
  ],
  [
    'an image repeated at its edges',
    { nodes: [{ name: 'y', op: 'MirrorPad', input: ['x'] }] },
    'which repeats the image at its edges',
  ],
  [
    'an operator that is not known',
    { nodes: [{ name: 'y', op: '__proto__', input: ['x'] }] },
    'model.json uses the operator __proto__ (y), which is not among those that are read',
  ],
  [
    'a value that nothing makes',
    {
      nodes: [
        { ...relu, input: ['lost'] },
        { ...relu, name: 'z' },
      ],
      outputs: ['y'],
    },
    'reads the value lost',
  ],
  ['a sequence of open length', { input: [-1, 3] }, 'has the shape [?, ?, 3]'],
])('%s is refused, and it is said what it is', async (_name, spec, sentence) => {
  const refused = await read(spec).catch((cause: unknown) => cause);
  expect(refused).toBeInstanceOf(UserError);
  expect((refused as UserError).message).toContain(sentence);
});

it('control inputs are no values, and a signature names the outputs', async () => {
  const nodes = [
    { ...relu, input: ['x:0', '^other'] },
    { name: 'other', op: 'NoOp' },
    { name: 'z', op: 'Exp', input: ['y'] },
  ];
  const { graph, outputs } = await read({ nodes, outputs: ['y', 'z'] });
  expect(outputs).toEqual(['y', 'z']);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['relu', 'curve']);
});

it('a constant whose weight is missing is asked for by its name', async () => {
  const [file, bin] = graphFiles({
    nodes: [relu],
    input: [4],
    weights,
  });
  const text = new TextDecoder().decode(await file.read(0, file.size));
  const broken = givenOf(
    'model.json',
    text.replace('"name":"w","op":"Const"', '"name":"v","op":"Const"'),
  );
  await expect(readGraphModel(broken, [broken, bin], reading)).rejects.toThrow(
    'uses the constant v, but lists no weight of that name',
  );
});
