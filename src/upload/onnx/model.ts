import { LIMITS } from '../limits';
import { Unfit } from '../net/constant';
import type { Step } from '../net/convert';
import { fieldsOf, floatsOf, numberOf, textOf, wholesOf } from './wire';
import type { Field } from './wire';

/** An ONNX file's messages, as onnx.proto numbers their fields. Only what reading a network needs. */

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  /** Little-endian numbers, where they are stored so. */
  readonly raw: Uint8Array | null;
  /** Numbers in fields of their own, where they are stored so. */
  readonly numbers: readonly number[];
  /** Where the numbers lie in another file: location, offset, length. */
  readonly external: ReadonlyMap<string, string> | null;
}

export interface AttributeProto {
  readonly float: number;
  readonly int: number;
  readonly text: string;
  readonly tensor: TensorProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  /** A graph within the operator: a branch or a loop's body. */
  readonly holdsGraph: boolean;
}

export interface NodeProto extends Step {
  readonly domain: string;
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface ValueInfo {
  readonly name: string;
  /** Of a tensor's numbers; 0 where it is no tensor. */
  readonly type: number;
  /** Sizes of its axes; null where one is not fixed. null as a whole where nothing is said. */
  readonly shape: readonly (number | null)[] | null;
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Names of weights that are stored as sparse tensors. */
  readonly sparse: number;
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: GraphProto | null;
  readonly metadata: ReadonlyMap<string, string>;
  readonly functions: number;
}

export function modelOf(bytes: Uint8Array): ModelProto {
  let [irVersion, producer, functions] = [0, '', 0];
  let graph: GraphProto | null = null;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) irVersion = numberOf(field);
    if (field.number === 2) producer = textOf(field);
    if (field.number === 7) graph = graphOf(field.bytes);
    if (field.number === 8) opsets.set(...opsetOf(field.bytes));
    if (field.number === 14) metadata.set(...entryOf(field.bytes));
    if (field.number === 25) functions += 1;
  }
  return { irVersion, producer, opsets, graph, metadata, functions };
}

function opsetOf(bytes: Uint8Array): [string, number] {
  let [domain, version] = ['', 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) domain = textOf(field);
    if (field.number === 2) version = numberOf(field);
  }
  return [domain === 'ai.onnx' ? '' : domain, version];
}

function entryOf(bytes: Uint8Array): [string, string] {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = textOf(field);
    if (field.number === 2) value = textOf(field);
  }
  return [key, value];
}

function graphOf(bytes: Uint8Array): GraphProto {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []];
  let sparse = 0;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) nodes.push(nodeOf(field.bytes));
    if (field.number === 5) initializers.push(tensorOf(field.bytes));
    if (field.number === 11) inputs.push(infoOf(field.bytes));
    if (field.number === 12) outputs.push(infoOf(field.bytes));
    if (field.number === 15) sparse += 1;
    if (nodes.length > 4 * LIMITS.layers || initializers.length > 4 * LIMITS.layers)
      throw new Unfit(`has more than ${4 * LIMITS.layers} operators or weights`);
  }
  return { nodes, initializers, inputs, outputs, sparse };
}

function nodeOf(bytes: Uint8Array): NodeProto {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  let [name, op, domain] = ['', '', ''];
  const attributes = new Map<string, AttributeProto>();
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) inputs.push(textOf(field));
    if (field.number === 2) outputs.push(textOf(field));
    if (field.number === 3) name = textOf(field);
    if (field.number === 4) op = textOf(field);
    if (field.number === 5) attributes.set(...attributeOf(field.bytes));
    if (field.number === 7) domain = textOf(field);
  }
  return { name, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function attributeOf(bytes: Uint8Array): [string, AttributeProto] {
  let [name, text, float, int] = ['', '', 0, 0];
  let tensor: TensorProto | null = null;
  let holdsGraph = false;
  const [floats, ints]: [number[], number[]] = [[], []];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field);
    if (field.number === 2) float = floatsOf(field, 4)[0] ?? 0;
    if (field.number === 3) int = numberOf(field);
    if (field.number === 4) text = textOf(field);
    if (field.number === 5) tensor = tensorOf(field.bytes);
    if (field.number === 6 || field.number === 11) holdsGraph = true;
    if (field.number === 7) push(floats, floatsOf(field, 4));
    if (field.number === 8) push(ints, wholesOf(field));
  }
  return [name, { float, int, text, tensor, floats, ints, holdsGraph }];
}

function tensorOf(bytes: Uint8Array): TensorProto {
  const dims: number[] = [];
  const numbers: number[] = [];
  let [type, name, elsewhere] = [0, '', false];
  let raw: Uint8Array | null = null;
  const external = new Map<string, string>();
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) push(dims, wholesOf(field));
    if (field.number === 2) type = numberOf(field);
    if (field.number === 4) push(numbers, floatsOf(field, 4));
    if (field.number === 5 || field.number === 7 || field.number === 11)
      push(numbers, wholesOf(field));
    if (field.number === 8) name = textOf(field);
    if (field.number === 9) raw = field.bytes;
    if (field.number === 10) push(numbers, floatsOf(field, 8));
    if (field.number === 13) external.set(...entryOf(field.bytes));
    if (field.number === 14) elsewhere = numberOf(field) === 1;
  }
  return { name, dims, type, raw, numbers, external: elsewhere ? external : null };
}

/** push(...values) would overflow the stack on long lists. */
function push(list: number[], values: readonly number[]): void {
  for (const value of values) list.push(value);
}

function infoOf(bytes: Uint8Array): ValueInfo {
  let name = '';
  let type = 0;
  let shape: (number | null)[] | null = null;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field);
    if (field.number !== 2) continue;
    for (const kind of fieldsOf(field.bytes)) {
      if (kind.number !== 1) continue;
      for (const part of fieldsOf(kind.bytes)) {
        if (part.number === 1) type = numberOf(part);
        if (part.number === 2) shape = dimsOf(part);
      }
    }
  }
  return { name, type, shape };
}

function dimsOf(field: Field): (number | null)[] {
  const out: (number | null)[] = [];
  for (const dim of fieldsOf(field.bytes)) {
    if (dim.number !== 1) continue;
    let size: number | null = null;
    for (const part of fieldsOf(dim.bytes)) if (part.number === 1) size = numberOf(part);
    // Some programs write an open size as nought or -1.
    out.push(size === 0 || size === -1 ? null : size);
  }
  return out;
}
