import { take } from '../bytes';
import type { Given, Reading, ReadNetwork } from '../given';
import { LIMITS } from '../limits';
import { NetBuilder } from '../net/builder';
import { Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import { Conversion } from '../net/convert';
import { ANY_BATCH, Flows } from '../net/flow';
import type { Value } from '../net/flow';
import { isOpenImage, readOpen } from '../net/open';
import { asSentences, convertedNetwork } from '../net/read';
import { rowOf } from '../net/row';
import { refuse, shown } from '../refuse';
import { modelOf } from './model';
import type { GraphProto, ModelProto, NodeProto, ValueInfo } from './model';
import { onnxRules } from './operators';
import { constantFrom, externalBytes, isFloat } from './tensor';

const EXPORT =
  'Export it again with torch.onnx.export (or tf2onnx), with a batch of any size and images of a fixed size.';

/**
 * Reads a network from an ONNX file. Nothing in it is executed: operators become nodes of our own graph one by one.
 *
 * @param beside all files that came with it, among which weights kept outside are looked for
 */
export async function readOnnx(
  file: Given,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  const where = shown(file.path);
  const damaged = 'is not as ONNX files are';
  return asSentences({ where, code: 'E_UPLOAD_ONNX', damaged, hint: EXPORT }, reading, () =>
    read(file, where, beside, reading),
  );
}

async function read(
  file: Given,
  where: string,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadNetwork> {
  if (file.size > LIMITS.fileBytes)
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${where} has ${file.size} bytes; at most ${LIMITS.fileBytes} are allowed.`,
      'Use a smaller network.',
    );
  reading.progress(`Reading ${where}`, 0);
  const model = modelOf(await take(file, 0, file.size));
  const { graph } = model;
  if (!graph || graph.nodes.length === 0)
    throw refuse('E_UPLOAD_ONNX', `${where} holds no network.`, EXPORT);
  const opset = opsetOf(model, where);
  const values = await weightsOf(graph, where, beside, reading);
  const input = inputOf(graph, values, where);
  const last = channelsLast(input, graph.nodes);
  const [rows = null, ...sizes] = input.shape ?? [];
  const at = async (shape: ValueInfo['shape']) =>
    convert(file, where, graph, values, opset, { ...input, shape }, last, reading);
  if (!isOpenImage(sizes)) return at(input.shape);
  return readOpen(where, sizes, last ? 2 : 0, (row) => at([rows, ...row]));
}

/** The network of a graph whose input has this shape. */
function convert(
  file: Given,
  where: string,
  graph: GraphProto,
  values: ReadonlyMap<string, Constant>,
  opset: number,
  input: ValueInfo,
  last: boolean,
  reading: Reading,
): ReadNetwork {
  const { row, places, layout, batch, remarks: understood } = rowOf(input, !last, where);
  const net = new NetBuilder(where, row);
  const flows = new Flows(net, batch);
  const all = new Map<string, Value>(values);
  all.set(input.name, flows.input(places));
  const outputs = graph.outputs.map(({ name }) => name);
  const rules = onnxRules(opset, where);
  const conversion = new Conversion({
    file: where,
    steps: graph.nodes,
    rules,
    flows,
    values: all,
    outputs,
    reading,
  });
  const remarks = [...understood];
  const about = { format: 'onnx', path: file.path, where, layout, repairs: [], remarks } as const;
  const network = convertedNetwork(net, conversion, graph.nodes, outputs, about);
  if (batch !== ANY_BATCH && batch > 1)
    remarks.push(`It was exported for ${batch} rows at a time and is used for any number.`);
  return network;
}

function opsetOf({ opsets, irVersion }: ModelProto, where: string): number {
  const opset = opsets.get('');
  if (opset === undefined)
    throw refuse(
      'E_UPLOAD_ONNX',
      `${where} (ONNX file version ${irVersion}) does not say which set of operators it uses.`,
      EXPORT,
    );
  if (opset < 7)
    throw refuse(
      'E_UPLOAD_ONNX',
      `${where} uses operator set ${opset} of ONNX; sets from 7 on are read.`,
      'Convert it with onnx.version_converter, or export it again.',
    );
  return opset;
}

/** Every weight of the file, from itself and from the files beside it. */
async function weightsOf(
  graph: GraphProto,
  where: string,
  beside: readonly Given[],
  reading: Reading,
): Promise<ReadonlyMap<string, Constant>> {
  if (graph.sparse > 0)
    throw refuse(
      'E_UPLOAD_ONNX',
      `${where} keeps weights in a sparse form, which is not read.`,
      'Save them as plain tensors.',
    );
  const size = ({ dims }: { readonly dims: readonly number[] }) =>
    dims.reduce((a, b) => Math.min(Math.abs(a * b), Number.MAX_SAFE_INTEGER), 1);
  const total = graph.initializers.reduce((sum, tensor) => sum + size(tensor), 0);
  if (!(total <= LIMITS.parameters))
    throw refuse(
      'E_UPLOAD_TOO_LARGE',
      `${where} lists ${total} weights; at most ${LIMITS.parameters} are allowed.`,
      'Use a smaller network.',
    );
  const weights = new Map<string, Constant>();
  for (const [i, tensor] of graph.initializers.entries()) {
    reading.signal?.throwIfAborted();
    reading.progress('Reading weights', i / graph.initializers.length);
    if (weights.has(tensor.name)) throw new Unfit(`holds the weight ${shown(tensor.name)} twice`);
    const bytes = tensor.external ? await externalBytes(tensor, where, beside) : tensor.raw;
    weights.set(tensor.name, constantFrom(tensor, bytes));
  }
  return weights;
}

/** The only input that is read and not a weight. */
function inputOf(
  graph: GraphProto,
  weights: ReadonlyMap<string, Constant>,
  where: string,
): ValueInfo {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name) && read.has(name));
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    const names = inputs.slice(0, 5).map(({ name }) => shown(name, 40));
    const what = input ? `${inputs.length} inputs (${names.join(', ')})` : 'no input';
    throw refuse(
      'E_UPLOAD_INPUT',
      `${where} has ${what}; a network with one input is needed.`,
      'Export the part of the network that takes the image.',
    );
  }
  if (!isFloat(input.type) && input.type !== 2)
    throw refuse(
      'E_UPLOAD_INPUT',
      `The input ${shown(input.name)} of ${where} does not take real numbers.`,
      'Networks for text or other symbols are not supported: use one for images or lists of features.',
    );
  return input;
}

/** Operators that leave the order of axes as it was. */
const KEEPS = new Set(['Identity', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Clip', 'Pad', 'Neg']);

/** Whether an input of three sizes has its channels last: what reads it says so, else the sizes do. */
function channelsLast({ name, shape }: ValueInfo, nodes: readonly NodeProto[]): boolean {
  const [, a = null, , c = null] = shape ?? [];
  let at = name;
  for (const node of nodes) {
    if (!node.inputs.includes(at)) continue;
    const order = node.attributes.get('perm')?.ints;
    if (node.op === 'Transpose' && order?.length === 4) return String(order) === '0,3,1,2';
    if (!KEEPS.has(node.op)) break;
    at = node.outputs[0] ?? '';
  }
  const reader = nodes.find(({ inputs }) => inputs.includes(at));
  if (reader && /Conv|Pool|Normalization|Resize/.test(reader.op)) return false;
  const colours = (n: number | null) => n === 1 || n === 3 || n === 4;
  return colours(c) && !colours(a);
}
