/**
 * The nodes that networks from files may hold beside our own architectures' (graph.ts): types, shapes and weights. All
 * shapes are those of one row, without the batch; images are [height, width, channels].
 */
import type { Role } from './graph';

type Pair = readonly [number, number];
/** Zeros (or another value) above, below, left and right. */
export type Margins = readonly [number, number, number, number];

/** What is done to every number alone. */
export const CURVE_NAMES = [
  'sigmoid',
  'softplus',
  'softsign',
  'silu',
  // With the Gaussian's cumulative distribution.
  'gelu',
  // With the hyperbolic tangent in its place.
  'geluTanh',
  'selu',
  'relu6',
  'hardSwish',
  'mish',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'abs',
  'negate',
  'square',
  'reciprocal',
  'erf',
] as const;
export type Curve = (typeof CURVE_NAMES)[number];

export type Binary = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum' | 'power';

export type GeneralNode = { readonly name: string; readonly input: string } & (
  | {
      /**
       * A convolution of any form. Weights: weight [kernel height, kernel width, channels in / groups, filters] and, with
       * `bias`, bias [filters]. With as many groups as channels in it is depthwise, filter f reading channel
       * floor(f / (filters / groups)).
       */
      readonly op: 'convolve';
      readonly filters: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly dilation: Pair;
      readonly groups: number;
      readonly margins: Margins;
      readonly bias: boolean;
    }
  | {
      /** A transposed convolution: weight [kernel height, kernel width, filters, channels in]; margins are cut off. */
      readonly op: 'deconvolve';
      readonly filters: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly margins: Margins;
      readonly bias: boolean;
    }
  | {
      readonly op: 'window';
      readonly kind: 'max' | 'mean';
      readonly size: Pair;
      readonly stride: Pair;
      readonly margins: Margins;
      /** Whether a mean counts the margins as zeros. */
      readonly countMargins: boolean;
    }
  | { readonly op: 'curve'; readonly curve: Curve }
  /** alpha x below zero, x above: leaky ReLU. */
  | { readonly op: 'leakyRelu'; readonly alpha: number }
  /** alpha (exp(x) - 1) below zero, x above. */
  | { readonly op: 'elu'; readonly alpha: number }
  /** max(0, min(1, alpha x + beta)). */
  | { readonly op: 'hardSigmoid'; readonly alpha: number; readonly beta: number }
  | { readonly op: 'clip'; readonly low: number; readonly high: number }
  /** Leaky ReLU with a slope of its own, weight alpha of a shape that broadcasts to the input's. */
  | { readonly op: 'prelu'; readonly shape: readonly number[] }
  /** Over the last axis. */
  | { readonly op: 'softmax' | 'logSoftmax' }
  | {
      /** Over some axes of a row, from 0. */
      readonly op: 'reduce';
      readonly kind: 'mean' | 'max' | 'sum' | 'min';
      readonly axes: readonly number[];
      readonly keep: boolean;
    }
  /** x scale + shift, weights scale [channels] and shift [channels], which are not learnt. */
  | { readonly op: 'affine' }
  /** Over the last axis: (x - mean) / sqrt(variance + epsilon) gamma + beta, weights gamma and beta of its size. */
  | { readonly op: 'layerNorm'; readonly epsilon: number }
  /** Two values of shapes that broadcast. */
  | { readonly op: 'binary'; readonly kind: Binary; readonly other: string }
  /** A value from the file, weight value of this shape, the same for every row; reads its input's row count alone. */
  | { readonly op: 'literal'; readonly shape: readonly number[] }
  | { readonly op: 'concat'; readonly others: readonly string[]; readonly axis: number }
  /** Axes of a row in another order: order[i] is the axis that becomes axis i. */
  | { readonly op: 'permute'; readonly order: readonly number[] }
  | {
      /** Values around it; one [before, after] for each axis of a row. */
      readonly op: 'pad';
      readonly pads: readonly Pair[];
      readonly value: number;
    }
  | {
      readonly op: 'slice';
      readonly begin: readonly number[];
      readonly size: readonly number[];
      readonly step: readonly number[];
    }
  | {
      readonly op: 'resize';
      readonly size: Pair;
      readonly kind: 'nearest' | 'bilinear';
      /** Where a pixel of the result lies in the input. */
      readonly grid: 'half-pixel' | 'align-corners' | 'asymmetric';
    }
  /** The last two axes as matrices, batch by batch: input @ other. */
  | {
      readonly op: 'product';
      readonly other: string;
      readonly transposeOther: boolean;
    }
  /** Picks places of the last axis, in this order: a class map. */
  | { readonly op: 'pick'; readonly places: readonly number[] }
);

export const GENERAL_OPS = [
  'convolve',
  'deconvolve',
  'window',
  'curve',
  'leakyRelu',
  'elu',
  'hardSigmoid',
  'clip',
  'prelu',
  'softmax',
  'logSoftmax',
  'reduce',
  'affine',
  'layerNorm',
  'binary',
  'literal',
  'concat',
  'permute',
  'pad',
  'slice',
  'resize',
  'product',
  'pick',
] as const satisfies readonly GeneralNode['op'][];

type Shape = readonly number[];

/** A weight of a general node. `constant` weights are neither drawn nor learnt. */
export interface GeneralWeight {
  readonly part: string;
  readonly shape: Shape;
  readonly role: Role;
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Everything that a node reads. */
export function generalInputs(node: GeneralNode): readonly string[] {
  if (node.op === 'binary' || node.op === 'product') return [node.input, node.other];
  if (node.op === 'concat') return [node.input, ...node.others];
  return [node.input];
}

/** @throws Error where the shapes do not fit the node */
export function generalShape(node: GeneralNode, inputs: readonly Shape[]): Shape {
  const shape = inputs[0] as Shape;
  const wrong = (what: string) => new Error(`node ${node.name} (${node.op}): ${what}`);
  const image = (): readonly [number, number, number] => {
    const [h, w, c] = shape;
    if (shape.length !== 3 || h === undefined || w === undefined || c === undefined)
      throw wrong(`an image is needed, not shape [${shape}]`);
    return [h, w, c];
  };
  switch (node.op) {
    case 'convolve': {
      const [h, w, c] = image();
      if (c % node.groups !== 0 || node.filters % node.groups !== 0)
        throw wrong(`${c} channels and ${node.filters} filters do not part into ${node.groups}`);
      const { kernel, stride, dilation, margins } = node;
      return [...slide([h, w], kernel, stride, dilation, margins, wrong), node.filters];
    }
    case 'deconvolve': {
      const [h, w] = image();
      const { kernel, stride, margins } = node;
      const out = [
        (h - 1) * stride[0] + kernel[0] - margins[0] - margins[1],
        (w - 1) * stride[1] + kernel[1] - margins[2] - margins[3],
      ];
      if (out.some((n) => n < 1)) throw wrong(`nothing is left of shape [${shape}]`);
      return [...out, node.filters];
    }
    case 'window': {
      const [h, w, c] = image();
      return [...slide([h, w], node.size, node.stride, [1, 1], node.margins, wrong), c];
    }
    case 'reduce': {
      if (node.axes.some((axis) => axis >= shape.length))
        throw wrong(`axes [${node.axes}] of shape [${shape}]`);
      const kept = shape.map((n, axis) => (node.axes.includes(axis) ? 1 : n));
      return node.keep ? kept : kept.filter((_, axis) => !node.axes.includes(axis));
    }
    case 'binary': {
      const both = broadcast(shape, inputs[1] as Shape);
      if (!both) throw wrong(`shapes [${shape}] and [${inputs[1]}] do not go together`);
      return both;
    }
    case 'prelu': {
      if (String(broadcast(shape, node.shape)) !== String(shape))
        throw wrong(`slopes [${node.shape}] for shape [${shape}]`);
      return shape;
    }
    case 'literal':
      return node.shape;
    case 'concat': {
      const { axis } = node;
      const fits = inputs.every(
        (other) =>
          other.length === shape.length && other.every((n, i) => i === axis || n === shape[i]),
      );
      if (axis >= shape.length || !fits)
        throw wrong(
          `shapes [${inputs.map((other) => other.join(' x ')).join('], [')}] at axis ${axis}`,
        );
      return shape.map((n, i) =>
        i === axis ? inputs.reduce((sum, other) => sum + (other[i] as number), 0) : n,
      );
    }
    case 'permute': {
      if (node.order.toSorted((a, b) => a - b).some((axis, i) => axis !== i))
        throw wrong(`order [${node.order}]`);
      if (node.order.length !== shape.length) throw wrong(`order [${node.order}] of [${shape}]`);
      return node.order.map((axis) => shape[axis] as number);
    }
    case 'pad': {
      if (node.pads.length !== shape.length) throw wrong(`${node.pads.length} pads of [${shape}]`);
      return shape.map((n, i) => n + (node.pads[i]?.[0] ?? 0) + (node.pads[i]?.[1] ?? 0));
    }
    case 'slice': {
      const { begin, size, step } = node;
      const fits = shape.every((n, i) => {
        const last = (begin[i] ?? 0) + ((size[i] ?? 0) - 1) * (step[i] ?? 1);
        return (begin[i] ?? -1) >= 0 && (size[i] ?? 0) >= 1 && last >= 0 && last < n;
      });
      if (begin.length !== shape.length || !fits)
        throw wrong(`[${begin}] + [${size}] of [${shape}]`);
      return size;
    }
    case 'resize': {
      const [, , c] = image();
      return [...node.size, c];
    }
    case 'product': {
      const other = inputs[1] as Shape;
      const rank = shape.length;
      const [rows, inner] = [shape.at(-2), shape.at(-1)];
      const [a, b] = [other.at(-2), other.at(-1)];
      const [within, columns] = node.transposeOther ? [b, a] : [a, b];
      const batches = String(shape.slice(0, -2)) === String(other.slice(0, -2));
      if (rank < 2 || other.length !== rank || !batches || inner !== within)
        throw wrong(`shapes [${shape}] and [${other}] cannot be multiplied`);
      return [...shape.slice(0, -2), rows as number, columns as number];
    }
    case 'pick': {
      const size = shape.at(-1) ?? 0;
      if (node.places.some((place) => place >= size)) throw wrong(`places beyond ${size}`);
      return [...shape.slice(0, -1), node.places.length];
    }
    default:
      return shape;
  }
}

/** Height and width that a sliding kernel leaves. */
function slide(
  sides: Pair,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
  margins: Margins,
  wrong: (what: string) => Error,
): number[] {
  return [0, 1].map((i) => {
    const around = (margins[2 * i] as number) + (margins[2 * i + 1] as number);
    const reach = ((kernel[i] as number) - 1) * (dilation[i] as number) + 1;
    const out = Math.floor(((sides[i] as number) + around - reach) / (stride[i] as number)) + 1;
    if (out < 1) throw wrong(`a kernel of ${reach} does not fit into ${sides[i]} pixels`);
    return out;
  });
}

/** The shape of two values together, or null where they do not go together. Both without the batch. */
function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (m !== n && m !== 1 && n !== 1) return null;
    out.unshift(Math.max(m, n));
  }
  return out;
}

/** The weights of a node by its input's shape. */
export function generalWeights(node: GeneralNode, shape: Shape): readonly GeneralWeight[] {
  const channels = shape.at(-1) as number;
  const constant = (part: string, size: Shape): GeneralWeight => ({
    part,
    shape: size,
    role: 'constant',
    fanIn: 0,
    fanOut: 0,
  });
  const bias = (filters: number): GeneralWeight => ({
    ...constant('bias', [filters]),
    role: 'bias',
  });
  switch (node.op) {
    case 'convolve': {
      const { kernel, filters, groups } = node;
      const area = kernel[0] * kernel[1];
      const weight: GeneralWeight = {
        part: 'weight',
        shape: [...kernel, channels / groups, filters],
        role: 'kernel',
        fanIn: (area * channels) / groups,
        fanOut: (area * filters) / groups,
      };
      return node.bias ? [weight, bias(filters)] : [weight];
    }
    case 'deconvolve': {
      const { kernel, filters } = node;
      const area = kernel[0] * kernel[1];
      const weight: GeneralWeight = {
        part: 'weight',
        shape: [...kernel, filters, channels],
        role: 'kernel',
        fanIn: area * channels,
        fanOut: area * filters,
      };
      return node.bias ? [weight, bias(filters)] : [weight];
    }
    case 'affine':
      return [constant('scale', [channels]), constant('shift', [channels])];
    case 'layerNorm':
      return [
        { ...constant('gamma', [channels]), role: 'gamma' },
        { ...constant('beta', [channels]), role: 'beta' },
      ];
    case 'prelu':
      return [constant('alpha', node.shape)];
    case 'literal':
      return [constant('value', node.shape)];
    default:
      return [];
  }
}

/** Multiply-adds for one row. */
export function generalMacs(node: GeneralNode, inputs: readonly Shape[], out: Shape): number {
  const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
  const shape = inputs[0] as Shape;
  switch (node.op) {
    case 'convolve':
      return (size(out) * node.kernel[0] * node.kernel[1] * (shape[2] as number)) / node.groups;
    case 'deconvolve':
      return size(shape) * node.kernel[0] * node.kernel[1] * node.filters;
    case 'product':
      return size(out) * (shape.at(-1) as number);
    default:
      return 0;
  }
}
