import type { Margins } from '../../models/net/general';
import {
  countMacs,
  inputsOf,
  shapeOf,
  sizeOf,
  weightsOf,
  weightsOfNode,
} from '../../models/net/graph';
import type { Graph, Node } from '../../models/net/graph';
import { LIMITS } from '../limits';
import { refuse, shown } from '../refuse';
import type { SideRule } from './windows';

/** Numbers from a file with their shape. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type NodeBody<N> = N extends { readonly name: string; readonly input: string }
  ? Omit<N, 'name' | 'input'>
  : never;

/** Batch norm's epsilon in our graphs (gpu/ops/norm.ts). */
const EPSILON = 1e-5;

type Pair = readonly [number, number];

/**
 * Writes the graph of a network from a file, value by value, with its weights, and checks as it goes: names, shapes,
 * sizes, finite numbers. Every method returns the name of the value it added. Errors name the file and the layer.
 */
export class NetBuilder {
  readonly file: string;
  private readonly input: readonly number[];
  private readonly nodes: Node[] = [];
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly weights = new Map<string, Float32Array>();
  private readonly taps = new Map<string, string>();
  private readonly rules = new Map<string, SideRule>();
  private parameters = 0;

  /**
   * @param file what sentences call the file
   * @param input shape of one row: [height, width, channels] or [features]
   */
  constructor(file: string, input: readonly number[]) {
    this.file = file;
    this.input = input;
    this.room(input, 'The input');
    this.shapes.set('input', input);
  }

  /** The shape of a value for one row. */
  shape(value: string): readonly number[] {
    const shape = this.shapes.get(value);
    if (!shape) throw new Error(`there is no value ${value}`);
    return shape;
  }

  /** A convolution with weight [h, w, channels in / groups, filters], in the simplest node that does it. */
  conv(
    name: string,
    input: string,
    weight: Values,
    bias: Values | null,
    how: {
      readonly stride?: Pair;
      readonly dilation?: Pair;
      readonly groups?: number;
      readonly margins?: Margins;
    } = {},
  ): string {
    const [h, w, , filters] = weight.shape as readonly [number, number, number, number];
    if (weight.shape.length !== 4)
      throw this.wrong(name, `a convolution's weight has shape [${weight.shape}], not 4 axes`);
    const { stride = [1, 1], dilation = [1, 1], groups = 1, margins = [0, 0, 0, 0] } = how;
    const kernel = [h, w] as const;
    const form = { filters, kernel, stride, dilation, groups, margins, bias: bias !== null };
    const body = convBody(form);
    return this.add(name, input, body, { weight, ...(bias && { bias }) });
  }

  /** x @ weight + bias over the last axis; weight [features, units]. */
  dense(name: string, input: string, weight: Values, bias: Values | null): string {
    const units = weight.shape[1] ?? 0;
    const zeros = { shape: [units], values: new Float32Array(units) };
    return this.add(name, input, { op: 'dense', units }, { weight, bias: bias ?? zeros });
  }

  /**
   * Batch norm over the last axis with the file's statistics. Another epsilon than ours goes into the variance, which
   * leaves the function as it was. Absent gamma or beta are ones or zeros.
   */
  norm(
    name: string,
    input: string,
    given: {
      readonly gamma: Values | null;
      readonly beta: Values | null;
      readonly mean: Values;
      readonly variance: Values;
      readonly epsilon: number;
    },
  ): string {
    const { shape } = given.mean;
    const filled = (value: number) => ({
      shape,
      values: new Float32Array(sizeOf(shape)).fill(value),
    });
    const variance = given.variance.values.map((v) => v + given.epsilon - EPSILON);
    return this.add(
      name,
      input,
      { op: 'norm' },
      {
        gamma: given.gamma ?? filled(1),
        beta: given.beta ?? filled(0),
        mean: given.mean,
        variance: { shape: given.variance.shape, values: variance },
      },
    );
  }

  /** A value from the file: the same for every row. */
  literal(name: string, value: Values): string {
    return this.add(name, 'input', { op: 'literal', shape: value.shape }, { value });
  }

  /** Any other node, with its weights by their parts. @throws UserError where shapes or weights do not fit */
  add(
    name: string,
    input: string,
    body: NodeBody<Node>,
    weights: Readonly<Record<string, Values>> = {},
  ): string {
    const own = this.unique(name);
    const node = { ...body, name: own, input } as Node;
    if (this.nodes.length >= LIMITS.layers)
      throw this.wrong(name, `the network has more than ${LIMITS.layers} operations`);
    const before = this.nodes.length;
    this.nodes.push(node);
    try {
      this.shapes.set(own, shapeOf(node, this.shapes));
    } catch (cause) {
      this.nodes.length = before;
      throw this.wrong(name, (cause as Error).message, cause);
    }
    this.room(this.shape(own), `Layer ${shown(name)}`);
    const within = paddedShape(node, this.shape(node.input));
    if (within) this.room(within, `Layer ${shown(name)} with its margins`);
    this.take(name, node, weights);
    return own;
  }

  /** Notes that a node follows from the sides of the image that it reads; a null rule notes nothing. */
  follow(value: string, rule: SideRule | null): string {
    if (rule) this.rules.set(value, rule);
    return value;
  }

  /** Gives a value a name under which a person may pick it for methods that look inside. */
  tap(name: string, value: string): void {
    const clean = shown(name, LIMITS.nameLength);
    if (clean !== '__proto__') this.taps.set(clean, value);
  }

  /**
   * The graph and its weights.
   *
   * @param output name of the value that is the network's answer
   * @param also names of other values that stay in it: further outputs
   */
  finish(
    output: string,
    also: readonly string[] = [],
  ): {
    readonly graph: Graph;
    readonly weights: ReadonlyMap<string, Float32Array>;
    readonly sideRules: ReadonlyMap<string, SideRule>;
  } {
    const kept = this.reached([output, ...also]);
    const graph: Graph = {
      input: this.input,
      nodes: this.nodes.filter(({ name }) => kept.has(name)),
      output,
      taps: Object.fromEntries([...this.taps].filter(([, value]) => kept.has(value))),
    };
    const macs = countMacs(graph);
    if (macs > LIMITS.macs)
      throw refuse(
        'E_UPLOAD_TOO_LARGE',
        `${this.file} needs ${(macs / 1e9).toFixed(0)} billion multiply-adds for one input; at most ${LIMITS.macs / 1e9} billion are allowed.`,
        'Use a smaller network.',
      );
    const names = new Set(weightsOf(graph).map(({ name }) => name));
    return {
      graph,
      weights: new Map([...this.weights].filter(([name]) => names.has(name))),
      sideRules: new Map([...this.rules].filter(([name]) => kept.has(name))),
    };
  }

  /** Everything that outputs depend on. */
  private reached(outputs: readonly string[]): ReadonlySet<string> {
    const kept = new Set(outputs);
    for (const node of this.nodes.toReversed())
      if (kept.has(node.name)) for (const name of inputsOf(node)) kept.add(name);
    return kept;
  }

  private take(name: string, node: Node, weights: Readonly<Record<string, Values>>): void {
    const wanted = weightsOfNode(node, this.shape(node.input));
    for (const { name: full, shape } of wanted) {
      const part = full.slice(node.name.length + 1);
      const given = Object.hasOwn(weights, part) ? weights[part] : undefined;
      if (!given) throw this.wrong(name, `its ${part} is missing`);
      if (String(given.shape) !== String(shape) || given.values.length !== sizeOf(shape))
        throw this.wrong(name, `its ${part} has shape [${given.shape}] where [${shape}] is needed`);
      this.parameters += given.values.length;
      if (this.parameters > LIMITS.parameters)
        throw this.wrong(name, `the network has more than ${LIMITS.parameters} weights`);
      const bad = firstNotFinite(given.values);
      if (bad >= 0)
        throw this.wrong(name, `its ${part} holds ${given.values[bad]} at place ${bad}`);
      this.weights.set(full, given.values);
    }
  }

  /** @throws UserError where a value would be too large */
  private room(shape: readonly number[], what: string): void {
    const fits =
      shape.length <= LIMITS.rank &&
      shape.every((n) => Number.isInteger(n) && n >= 1 && n <= LIMITS.side) &&
      sizeOf(shape) <= LIMITS.activation;
    if (!fits)
      throw refuse(
        'E_UPLOAD_TOO_LARGE',
        `${what} of ${this.file} would have the shape [${shape.join(', ')}], which is more than is allowed.`,
        'Check that the file is whole and that it is the network you meant.',
      );
  }

  private wrong(layer: string, why: string, cause?: unknown): Error {
    return refuse(
      'E_UPLOAD_LAYER',
      `${this.file} cannot be used: in layer ${shown(layer)}, ${why}.`,
      'Export the network anew from where it was trained.',
      cause,
    );
  }

  private unique(name: string): string {
    const clean = shown(name, LIMITS.nameLength) || 'layer';
    if (!this.shapes.has(clean)) return clean;
    for (let i = 2; ; i++) if (!this.shapes.has(`${clean}#${i}`)) return `${clean}#${i}`;
  }
}

/** A convolution in the simplest node that does it. */
export function convBody(
  form: Omit<Extract<Node, { op: 'convolve' }>, 'name' | 'input' | 'op'>,
): NodeBody<Extract<Node, { op: 'conv' | 'convolve' }>> {
  const { filters, kernel, stride, dilation, groups, margins, bias } = form;
  const even = margins.every((n) => n === margins[0]);
  const square =
    kernel[0] === kernel[1] && stride[0] === stride[1] && dilation[0] === 1 && dilation[1] === 1;
  if (groups !== 1 || !even || !square)
    return { op: 'convolve', filters, kernel, stride, dilation, groups, margins, bias };
  return {
    op: 'conv',
    filters,
    kernel: kernel[0],
    stride: stride[0],
    pad: margins[0],
    ...(bias && { bias: true as const }),
  };
}

/** The place of the first value that is no finite number, or -1: a loop, as there may be a hundred million. */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** What a node makes on its way to its value: its input with margins, or its value before they are cut off. */
function paddedShape(node: Node, input: readonly number[]): readonly number[] | null {
  const [h = 1, w = 1, channels = 1] = input;
  if (node.op === 'conv') return [h + 2 * node.pad, w + 2 * node.pad, channels];
  if (node.op === 'convolve' || node.op === 'window') {
    const [top, bottom, left, right] = node.margins;
    return [h + top + bottom, w + left + right, channels];
  }
  if (node.op === 'deconvolve') {
    const { kernel, stride, filters } = node;
    return [(h - 1) * stride[0] + kernel[0], (w - 1) * stride[1] + kernel[1], filters];
  }
  return null;
}
