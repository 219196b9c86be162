import { GENERAL_OPS, generalInputs, generalMacs, generalShape, generalWeights } from './general';
import type { GeneralNode } from './general';

/**
 * A network as data: a list of nodes in order of computation. From it come the weights' names and shapes, the parameter
 * and MAC counts, the forward pass (network.ts) and, later, the exported twin.
 */

export type Node = OwnNode | GeneralNode;

/** What our own architectures are made of. */
export type OwnNode =
  | {
      readonly op: 'conv';
      readonly name: string;
      readonly input: string;
      readonly filters: number;
      readonly kernel: number;
      readonly stride: number;
      /** Zeros on each side: explicit, so that every framework pads alike. */
      readonly pad: number;
      /** A bias of its own, as networks from files have; our own have a batch norm instead. */
      readonly bias?: true;
    }
  | { readonly op: 'norm'; readonly name: string; readonly input: string }
  | { readonly op: 'relu' | 'tanh'; readonly name: string; readonly input: string }
  | { readonly op: 'add'; readonly name: string; readonly input: string; readonly other: string }
  | { readonly op: 'pool'; readonly name: string; readonly input: string }
  | {
      /** The same values, row by row, under another shape. */
      readonly op: 'reshape';
      readonly name: string;
      readonly input: string;
      readonly shape: readonly number[];
    }
  /** Every pixel twice along both sides. */
  | { readonly op: 'upsample'; readonly name: string; readonly input: string }
  | { readonly op: 'dense'; readonly name: string; readonly input: string; readonly units: number };

const general: ReadonlySet<string> = new Set(GENERAL_OPS);

export const isGeneral = (node: Node): node is GeneralNode => general.has(node.op);

/** The names that a node reads. */
export function inputsOf(node: Node): readonly string[] {
  if (isGeneral(node)) return generalInputs(node);
  return node.op === 'add' ? [node.input, node.other] : [node.input];
}

export interface Graph {
  /** Shape of one input: [height, width, channels] or [features]. The first node reads from the name 'input'. */
  readonly input: readonly number[];
  readonly nodes: readonly Node[];
  /** Name of the node whose output are the logits. */
  readonly output: string;
  /** Public names of inner outputs, for methods that match features: {stage1: 'stage1.block1.out'}. */
  readonly taps: Readonly<Record<string, string>>;
}

export type Role = 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance' | 'constant';

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: Role;
  readonly trainable: boolean;
  /** For drawing kernels: inputs and outputs of one unit, kernel size included, and what follows. */
  readonly fanIn: number;
  readonly fanOut: number;
  readonly after: 'relu' | 'tanh' | 'linear';
}

/** The output shape of every node, the input included. Throws if a node reads what is not there or cannot be added. */
export function shapesOf(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([['input', graph.input]]);
  for (const node of graph.nodes) {
    if (shapes.has(node.name)) throw new Error(`two nodes are named ${node.name}`);
    shapes.set(node.name, shapeOf(node, shapes));
  }
  return shapes;
}

function read(shapes: ReadonlyMap<string, readonly number[]>, node: Node, name: string) {
  const shape = shapes.get(name);
  if (!shape) throw new Error(`node ${node.name} reads ${name}, which does not stand before it`);
  return shape;
}

/** The shape that a node makes of those before it. @throws Error where they do not fit it */
export function shapeOf(
  node: Node,
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  const shape = read(shapes, node, node.input);
  if (isGeneral(node))
    return generalShape(
      node,
      generalInputs(node).map((name) => read(shapes, node, name)),
    );
  switch (node.op) {
    case 'conv': {
      const [h, w] = shape as [number, number, number];
      const side = (n: number) => Math.floor((n + 2 * node.pad - node.kernel) / node.stride) + 1;
      return [side(h), side(w), node.filters];
    }
    case 'add': {
      const other = read(shapes, node, node.other);
      if (String(other) !== String(shape))
        throw new Error(`node ${node.name} adds shapes ${shape} and ${other}`);
      return shape;
    }
    case 'pool':
      return [shape.at(-1) as number];
    case 'reshape':
      if (sizeOf(node.shape) !== sizeOf(shape))
        throw new Error(`node ${node.name} cannot turn shape ${shape} into ${node.shape}`);
      return node.shape;
    case 'upsample': {
      const [h, w, channels] = shape as [number, number, number];
      return [2 * h, 2 * w, channels];
    }
    case 'dense':
      return [...shape.slice(0, -1), node.units];
    default:
      return shape;
  }
}

/** The shape of each tap's value for one row. */
export function tapShapesOf(graph: Graph): Readonly<Record<string, readonly number[]>> {
  const shapes = shapesOf(graph);
  return Object.fromEntries(
    Object.entries(graph.taps).map(([tap, name]) => {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`tap ${tap} names ${name}, which is not a node`);
      return [tap, shape];
    }),
  );
}

/** Every weight of the network in order, moving statistics included. */
export function weightsOf(graph: Graph): readonly WeightSpec[] {
  const shapes = shapesOf(graph);
  return graph.nodes.flatMap((node) => {
    const specs = weightsOfNode(node, read(shapes, node, node.input));
    if (node.op !== 'dense') return specs;
    const next = graph.nodes.find((other) => other.input === node.name);
    const after = next?.op === 'tanh' ? 'tanh' : next?.op === 'relu' ? 'relu' : 'linear';
    return specs.map((spec) => (spec.role === 'kernel' ? { ...spec, after } : spec));
  });
}

/** The weights of one node by its input's shape; a dense layer's as if nothing followed it. */
export function weightsOfNode(node: Node, input: readonly number[]): readonly WeightSpec[] {
  const channels = input.at(-1) as number;
  const base = { fanIn: 0, fanOut: 0, after: 'linear' as const };
  const spec = (role: Role, part: string, shape: readonly number[]): WeightSpec => ({
    name: `${node.name}.${part}`,
    shape,
    role,
    trainable: role !== 'mean' && role !== 'variance' && role !== 'constant',
    ...base,
  });
  if (isGeneral(node))
    return generalWeights(node, input).map(({ part, role, shape, fanIn, fanOut }) => ({
      ...spec(role, part, shape),
      fanIn,
      fanOut,
      after: 'relu',
    }));
  switch (node.op) {
    case 'conv': {
      const area = node.kernel * node.kernel;
      const kernel: WeightSpec = {
        ...spec('kernel', 'weight', [node.kernel, node.kernel, channels, node.filters]),
        fanIn: area * channels,
        fanOut: area * node.filters,
        after: 'relu',
      };
      return node.bias ? [kernel, spec('bias', 'bias', [node.filters])] : [kernel];
    }
    case 'norm':
      return (['gamma', 'beta', 'mean', 'variance'] as const).map((role) =>
        spec(role, role, [channels]),
      );
    case 'dense': {
      const kernel = spec('kernel', 'weight', [channels, node.units]);
      const fan = { fanIn: channels, fanOut: node.units };
      return [{ ...kernel, ...fan }, spec('bias', 'bias', [node.units])];
    }
    default:
      return [];
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Trainable parameters; moving statistics do not count. */
export function countParameters(graph: Graph): number {
  return weightsOf(graph)
    .filter((spec) => spec.trainable)
    .reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
}

/** Multiply-adds of one input through convolutions and dense layers. */
export function countMacs(graph: Graph): number {
  const shapes = shapesOf(graph);
  let macs = 0;
  for (const node of graph.nodes) {
    const channels = read(shapes, node, node.input).at(-1) as number;
    const out = shapes.get(node.name) as readonly number[];
    if (node.op === 'conv') macs += sizeOf(out) * node.kernel * node.kernel * channels;
    if (node.op === 'dense') macs += channels * sizeOf(out);
    if (isGeneral(node))
      macs += generalMacs(
        node,
        generalInputs(node).map((name) => read(shapes, node, name)),
        out,
      );
  }
  return macs;
}

/** Writes a graph node by node; each call returns the name of the node it added. */
export class GraphBuilder {
  readonly nodes: Node[] = [];

  conv(name: string, input: string, filters: number, kernel: number, stride: number): string {
    return this.push({
      op: 'conv',
      name,
      input,
      filters,
      kernel,
      stride,
      pad: (kernel - 1) / 2,
    });
  }

  norm(name: string, input: string): string {
    return this.push({ op: 'norm', name, input });
  }

  activate(op: 'relu' | 'tanh', name: string, input: string): string {
    return this.push({ op, name, input });
  }

  add(name: string, input: string, other: string): string {
    return this.push({ op: 'add', name, input, other });
  }

  pool(name: string, input: string): string {
    return this.push({ op: 'pool', name, input });
  }

  reshape(name: string, input: string, shape: readonly number[]): string {
    return this.push({ op: 'reshape', name, input, shape });
  }

  upsample(name: string, input: string): string {
    return this.push({ op: 'upsample', name, input });
  }

  dense(name: string, input: string, units: number): string {
    return this.push({ op: 'dense', name, input, units });
  }

  private push(node: Node): string {
    this.nodes.push(node);
    return node.name;
  }
}
