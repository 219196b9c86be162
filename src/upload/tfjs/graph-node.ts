import { fieldOf, listOf, numberOf, textOf } from '../fields';
import { LIMITS } from '../limits';
import type { Step } from '../net/convert';
import { refuse, shown } from '../refuse';

/** A node of a GraphModel. Values are called by their node; further outputs as "node:1", "node:2". */
export interface GraphNode extends Step {
  /** Attributes as the JSON has them; read them through the functions below. */
  readonly attributes: unknown;
}

/** How many outputs an operator has that has more than one. */
function outputsOf(op: string, attributes: unknown, name: string): string[] {
  const counts: Readonly<Record<string, string>> = {
    Split: 'num_split',
    Unpack: 'num',
    SplitV: 'num_split',
  };
  const attribute = Object.hasOwn(counts, op) ? counts[op] : undefined;
  const count = attribute ? wholeOf(fieldOf(fieldOf(attributes, attribute), 'i')) : 1;
  if (!(count >= 1 && count <= LIMITS.layers)) return [name];
  return Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
}

/** A node from JSON; null where it does not look like one. */
function nodeOf(json: unknown): GraphNode | null {
  const name = textOf(fieldOf(json, 'name'));
  const op = textOf(fieldOf(json, 'op'));
  if (!name || !op) return null;
  const attributes = fieldOf(json, 'attr');
  const inputs = listOf(fieldOf(json, 'input')).map((input) => textOf(input) ?? '');
  return {
    name,
    op,
    // Names with a caret say only that something runs before.
    inputs: inputs.filter((input) => !input.startsWith('^')).map(valueName),
    outputs: outputsOf(op, attributes, name),
    attributes,
  };
}

/** "node:0" and "node" are the same value. */
export const valueName = (name: string): string => name.replace(/:0$/, '');

/** A whole number, which the JSON may hold as text. */
function wholeOf(value: unknown): number {
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  return numberOf(value) ?? NaN;
}

const decoder = new TextDecoder();

/** Text, which the JSON holds in base64 or as codes of characters. */
function decoded(value: unknown): string {
  if (Array.isArray(value))
    return decoder.decode(Uint8Array.from(value.slice(0, 256), (code) => Number(code)));
  const text = textOf(value);
  if (text === null || text.length > 1024) return '';
  try {
    return atob(text);
  } catch {
    return '';
  }
}

const attributeOf = (node: GraphNode, name: string, kind: string): unknown =>
  fieldOf(fieldOf(node.attributes, name), kind);

export function intOf(node: GraphNode, name: string, usual: number): number {
  const value = wholeOf(attributeOf(node, name, 'i'));
  return Number.isNaN(value) ? usual : value;
}

export const floatOf = (node: GraphNode, name: string, usual: number): number =>
  numberOf(attributeOf(node, name, 'f')) ?? usual;

export const boolOf = (node: GraphNode, name: string): boolean =>
  attributeOf(node, name, 'b') === true;

export function stringOf(node: GraphNode, name: string, usual: string): string {
  const value = attributeOf(node, name, 's');
  return value === undefined ? usual : decoded(value);
}

/** A kind of numbers: "DT_FLOAT". */
export const typeOf = (node: GraphNode, name: string): string =>
  textOf(attributeOf(node, name, 'type')) ?? '';

export const intsOf = (node: GraphNode, name: string): readonly number[] =>
  listOf(fieldOf(attributeOf(node, name, 'list'), 'i')).map(wholeOf);

export const stringsOf = (node: GraphNode, name: string): readonly string[] =>
  listOf(fieldOf(attributeOf(node, name, 'list'), 's')).map(decoded);

/** Sizes of a shape in the JSON; null for one that is open, and as a whole where nothing is said. */
export function shapeIn(json: unknown): readonly (number | null)[] | null {
  const dims = fieldOf(json, 'dim');
  if (fieldOf(json, 'unknownRank') === true || !Array.isArray(dims)) return null;
  return dims.map((dim) => {
    const size = wholeOf(fieldOf(dim, 'size'));
    return size > 0 ? size : null;
  });
}

export const placeholderShape = (node: GraphNode) => shapeIn(attributeOf(node, 'shape', 'shape'));

/** The nodes of a graph. @throws UserError where there are none, or too many */
export function nodesOf(topology: unknown, where: string): readonly GraphNode[] {
  const list = listOf(fieldOf(topology, 'node'));
  if (list.length === 0 || list.length > 8 * LIMITS.layers)
    throw refuse(
      'E_UPLOAD_GRAPH',
      `${where} holds ${list.length} nodes; from 1 to ${8 * LIMITS.layers} are read.`,
      'Convert the network anew with tensorflowjs_converter.',
    );
  return list.map((json, i) => {
    const node = nodeOf(json);
    if (!node)
      throw refuse(
        'E_UPLOAD_GRAPH',
        `Node ${i + 1} of ${where} has no name or no operator${shown(textOf(fieldOf(json, 'name')) ?? '')}.`,
        'Convert the network anew with tensorflowjs_converter.',
      );
    return node;
  });
}
