import { take } from '../bytes';
import { fieldOf, isObject } from '../fields';
import type { Given, ReadNetwork, Reading } from '../given';
import { parseJson } from '../json';
import { NetBuilder } from '../net/builder';
import { Conversion } from '../net/convert';
import { Flows } from '../net/flow';
import type { Value } from '../net/flow';
import { isOpenImage, readOpen } from '../net/open';
import { asSentences, convertedNetwork } from '../net/read';
import { rowOf } from '../net/row';
import { refuse, shown } from '../refuse';
import { nodesOf, placeholderShape, shapeIn, stringOf, typeOf, valueName } from './graph-node';
import type { GraphNode } from './graph-node';
import { graphRules } from './graph-rules';
import { readManifest } from './weights';
import type { Notes } from './weights';

const CONVERT =
  'Convert the network anew with tensorflowjs_converter, and give model.json with its .bin files.';

/**
 * Reads a GraphModel of TensorFlow.js: model.json and the weight files beside it. Nothing in it is executed: operators
 * become nodes of our own graph one by one.
 */
export async function readGraphModel(
  file: Given,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const where = shown(file.path);
  const damaged = 'is not as graphs of TensorFlow.js are';
  return asSentences({ where, code: 'E_UPLOAD_GRAPH', damaged, hint: CONVERT }, reading, () =>
    read(file, where, beside, reading),
  );
}

async function read(
  file: Given,
  where: string,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const json = parseJson(await take(file, 0, file.size), file.path);
  const nodes = nodesOf(fieldOf(json, 'modelTopology'), where);
  const notes: Notes = { repairs: [], remarks: [] };
  const signature =
    fieldOf(json, 'signature') ?? fieldOf(fieldOf(json, 'userDefinedMetadata'), 'signature');
  const input = inputOf(nodes, signature, where);
  const first = channelsFirst(nodes);
  const values = await constantsOf(json, nodes, file, beside, reading, notes);
  const outputs = outputsOf(nodes, signature);
  const steps = nodes.filter(({ op }) => op !== 'Const' && op !== 'Placeholder' && op !== 'NoOp');
  const convert = async (shape: typeof input.shape): Promise<ReadNetwork> => {
    const { row, places, layout, batch, remarks } = rowOf({ ...input, shape }, first, where);
    const net = new NetBuilder(where, row);
    const flows = new Flows(net, batch);
    const conversion = new Conversion({
      file: where,
      steps,
      rules: graphRules(where),
      flows,
      values: new Map([...values, [input.name, flows.input(places)]]),
      outputs,
      reading,
    });
    return convertedNetwork(net, conversion, steps, outputs, {
      format: 'tfjs-graph',
      path: file.path,
      where,
      layout,
      repairs: notes.repairs,
      remarks: [...notes.remarks, ...remarks],
    });
  };
  const [rows = null, ...sizes] = input.shape ?? [];
  if (!isOpenImage(sizes)) return convert(input.shape);
  return readOpen(where, sizes, first ? 0 : 2, (row) => convert([rows, ...row]));
}

/** The only placeholder that is read, with the shape that the signature or it itself says. */
function inputOf(nodes: readonly GraphNode[], signature: unknown, where: string) {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const found = nodes.filter(({ op, name }) => op.startsWith('Placeholder') && used.has(name));
  const [input] = found;
  if (!input || found.length > 1) {
    const names = found.slice(0, 5).map(({ name }) => shown(name, 40));
    throw refuse(
      'E_UPLOAD_INPUT',
      `${where} has ${input ? `${found.length} inputs (${names.join(', ')})` : 'no input'}; a network with one input is needed.`,
      'Convert the part of the network that takes the image.',
    );
  }
  if (!/^(DT_FLOAT|DT_HALF|DT_UINT8|)$/.test(typeOf(input, 'dtype')))
    throw refuse(
      'E_UPLOAD_INPUT',
      `The input ${shown(input.name)} of ${where} does not take real numbers.`,
      'Networks for text or other symbols are not supported: use one for images or lists of features.',
    );
  const said = entriesOf(fieldOf(signature, 'inputs')).find(
    (entry) => valueName(String(fieldOf(entry, 'name'))) === input.name,
  );
  const shape = shapeIn(fieldOf(said, 'tensorShape')) ?? placeholderShape(input);
  return { name: input.name, shape };
}

const entriesOf = (value: unknown): readonly unknown[] =>
  isObject(value) ? Object.values(value) : [];

const channelsFirst = (nodes: readonly GraphNode[]): boolean =>
  nodes.some(
    (node) => /Conv2D|Pool/i.test(node.op) && stringOf(node, 'data_format', 'NHWC') === 'NCHW',
  );

/** What the signature calls outputs, or else the nodes that nobody reads. */
function outputsOf(nodes: readonly GraphNode[], signature: unknown): readonly string[] {
  const named = entriesOf(fieldOf(signature, 'outputs'))
    .map((entry) => fieldOf(entry, 'name'))
    .filter((name) => typeof name === 'string')
    .map(valueName);
  if (named.length > 0) return [...new Set(named)];
  // "node:1" is read of "node" too.
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map((name) => name.split(':')[0])));
  const silent = new Set(['Const', 'Placeholder', 'NoOp']);
  return nodes.filter(({ op, name }) => !silent.has(op) && !used.has(name)).map(({ name }) => name);
}

/** Every constant of the graph, from the weight files. */
async function constantsOf(
  json: unknown,
  nodes: readonly GraphNode[],
  file: Given,
  beside: readonly Given[],
  reading: Reading,
  notes: Notes,
): Promise<Map<string, Value>> {
  const weights = await readManifest(
    fieldOf(json, 'weightsManifest'),
    file,
    beside,
    reading,
    notes,
  );
  const values = new Map<string, Value>();
  for (const node of nodes) {
    if (node.op !== 'Const') continue;
    const weight = weights.get(node.name);
    if (!weight)
      throw refuse(
        'E_UPLOAD_WEIGHTS',
        `${shown(file.path)} uses the constant ${shown(node.name)}, but lists no weight of that name.`,
        CONVERT,
      );
    const whole = /^DT_(U?INT|BOOL)/.test(typeOf(node, 'dtype'));
    values.set(node.name, { kind: 'constant', ...weight, whole });
  }
  return values;
}
