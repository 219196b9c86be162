/**
 * How weights that follow one another make a network: what a file of weights alone does not say. Plain data that stands
 * in a recipe as part of what a network from a file means; a person may write it too.
 */

/** [height, width] */
type Pair = readonly [number, number];

/** What is done to every number between two layers. */
export const ACTIVATIONS = [
  'relu',
  'tanh',
  'sigmoid',
  'leakyRelu',
  'elu',
  'gelu',
  'silu',
  'selu',
  'relu6',
  'hardSwish',
  'mish',
  'softplus',
  'softsign',
  'geluTanh',
  'softmax',
  'logSoftmax',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** One thing that is done, in the order of computation. Images are [height, width, channels]. */
export type LayerStep =
  /** nn.Conv2d with zeros around the image; `name` is what the file's tensors are called before ".weight". */
  | {
      readonly op: 'conv';
      readonly name: string;
      readonly stride: Pair;
      readonly padding: Pair;
      readonly dilation: Pair;
    }
  /** nn.Linear over a list of numbers. */
  | { readonly op: 'dense'; readonly name: string }
  /** Batch norm with the file's statistics, over the channels of an image or over a list. */
  | { readonly op: 'norm'; readonly name: string; readonly epsilon: number }
  /** A leaky ReLU with slopes from the file, nn.PReLU. */
  | { readonly op: 'slope'; readonly name: string }
  /** `alpha`: the slope below zero of a leaky ReLU, or the scale of an ELU; it counts for no other. */
  | { readonly op: 'activation'; readonly kind: Activation; readonly alpha: number }
  | {
      readonly op: 'pool';
      readonly kind: 'max' | 'mean';
      readonly size: Pair;
      readonly stride: Pair;
      readonly padding: Pair;
      /** Whether a last window may reach over the end. */
      readonly ceil: boolean;
    }
  /** The image as a list, one channel after the other, as PyTorch has it. */
  | { readonly op: 'flatten' }
  /** Each channel's mean, or its largest number. */
  | { readonly op: 'global'; readonly kind: 'mean' | 'max' };

export interface Layers {
  /** Shape of one input: [height, width, channels] or [numbers]. */
  readonly input: readonly number[];
  readonly steps: readonly LayerStep[];
}

/** Tensors of a file that belong to one layer. */
export type LayerPart =
  | {
      readonly op: 'conv';
      readonly name: string;
      readonly filters: number;
      /** Channels that each filter sees: all of them, or those of its group. */
      readonly within: number;
      readonly kernel: Pair;
    }
  | {
      readonly op: 'dense';
      readonly name: string;
      readonly units: number;
      readonly features: number;
    }
  | { readonly op: 'norm' | 'slope'; readonly name: string; readonly size: number };

/** The shapes after each step, as far as the steps fit. */
export interface Followed {
  readonly shapes: readonly (readonly number[])[];
  /** Why it does not go on or is not whole, a sentence; null where all fits. */
  readonly problem: string | null;
}

/** Follows an input through the steps. Every part of the file has to be used once. */
export function follow({ input, steps }: Layers, parts: readonly LayerPart[]): Followed {
  const left = new Map(parts.map((part) => [part.name, part]));
  const shapes: (readonly number[])[] = [];
  let shape = input;
  for (const step of steps) {
    const after = afterStep(step, shape, left);
    if (typeof after === 'string') return { shapes, problem: after };
    if ('name' in step) left.delete(step.name);
    shape = after;
    shapes.push(shape);
  }
  const [first] = left.keys();
  if (first !== undefined) return { shapes, problem: `${first} is not used.` };
  return {
    shapes,
    problem: shape.length === 1 ? null : 'It ends in an image; a mean over the image is missing.',
  };
}

const sizes = (shape: readonly number[]): string => shape.join(' x ');

/** The shape after a step, or why it does not fit. */
function afterStep(
  step: LayerStep,
  shape: readonly number[],
  parts: ReadonlyMap<string, LayerPart>,
): readonly number[] | string {
  const [h = 1, w = 1, c = 1] = shape;
  const image = shape.length === 3;
  switch (step.op) {
    case 'conv': {
      const part = parts.get(step.name);
      if (part?.op !== 'conv')
        return `${step.name} is no convolution of this file, or stands twice.`;
      if (!image) return `${step.name} needs an image, and a list of ${shape[0]} comes to it.`;
      if (c % part.within !== 0 || part.filters % (c / part.within) !== 0)
        return `${step.name} takes ${part.within} channels, and ${c} come to it.`;
      const [kh, kw] = part.kernel;
      const out = [
        slid(h, kh, step.stride[0], step.padding[0], step.dilation[0], false),
        slid(w, kw, step.stride[1], step.padding[1], step.dilation[1], false),
        part.filters,
      ];
      return out.every((n) => n >= 1) ? out : tooSmall(step.name, shape);
    }
    case 'dense': {
      const part = parts.get(step.name);
      if (part?.op !== 'dense')
        return `${step.name} is no dense layer of this file, or stands twice.`;
      if (image)
        return `${step.name} needs a list, and an image of ${sizes(shape)} comes to it: flatten it, or take the mean over it.`;
      if (part.features !== shape[0])
        return `${step.name} takes ${part.features} numbers, and ${shape[0]} come to it.`;
      return [part.units];
    }
    case 'norm':
    case 'slope': {
      const part = parts.get(step.name);
      if (part?.op !== step.op) return `${step.name} is not of this file, or stands twice.`;
      const one = step.op === 'slope' && part.size === 1;
      return one || part.size === shape.at(-1)
        ? shape
        : `${step.name} takes ${part.size} channels, and ${shape.at(-1)} come to it.`;
    }
    case 'activation':
      return shape;
    case 'pool': {
      if (!image) return 'A pool needs an image, and a list comes to it.';
      if (step.padding.some((n, i) => 2 * n > (step.size[i] as number)))
        return 'A pool has a margin of more than half its size.';
      const out = [
        slid(h, step.size[0], step.stride[0], step.padding[0], 1, step.ceil),
        slid(w, step.size[1], step.stride[1], step.padding[1], 1, step.ceil),
        c,
      ];
      return out.every((n) => n >= 1) ? out : tooSmall('A pool', shape);
    }
    case 'flatten':
      return [h * w * c].map((n) => (image ? n : (shape[0] ?? 1)));
    case 'global':
      return image ? [c] : 'A mean over the image needs an image, and a list comes to it.';
  }
}

const tooSmall = (name: string, shape: readonly number[]): string =>
  `${name} does not fit into ${sizes(shape)}.`;

/** How many places a window has along one side. */
function slid(
  side: number,
  size: number,
  stride: number,
  pad: number,
  dilation: number,
  ceil: boolean,
): number {
  const free = side + 2 * pad - dilation * (size - 1) - 1;
  if (free < 0) return 0;
  const count = (ceil ? Math.ceil(free / stride) : Math.floor(free / stride)) + 1;
  // A window that would begin beyond the image and its leading margin is left out.
  return ceil && (count - 1) * stride >= side + pad ? count - 1 : count;
}

const NAMES: Readonly<Record<Activation, string>> = {
  relu: 'ReLU',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  leakyRelu: 'leaky ReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU',
  selu: 'SELU',
  relu6: 'ReLU6',
  hardSwish: 'hard swish',
  mish: 'Mish',
  softplus: 'softplus',
  softsign: 'softsign',
  geluTanh: 'GELU (tanh)',
  softmax: 'softmax',
  logSoftmax: 'log-softmax',
};

/** Activations with a number of their own, which PyTorch sets to this where nobody says another. */
export const ALPHAS: Partial<Readonly<Record<Activation, number>>> = { leakyRelu: 0.01, elu: 1 };

/** What a person calls an activation. */
export const activationName = (kind: Activation, alpha?: number): string =>
  alpha === undefined || (ALPHAS[kind] ?? alpha) === alpha
    ? NAMES[kind]
    : `${NAMES[kind]} ${alpha}`;

/** What a layer is called: in nn.Sequential names are mere numbers. */
export const layerName = (name: string): string => (/^\d+$/.test(name) ? `layer ${name}` : name);

const pair = ([a, b]: Pair): string => (a === b ? `${a}` : `${a} x ${b}`);

/** A step in words: "conv1, stride 2, padding 1". */
export function stepWords(step: LayerStep): string {
  switch (step.op) {
    case 'conv': {
      const stride = step.stride.some((n) => n !== 1) ? `, stride ${pair(step.stride)}` : '';
      const padding = step.padding.some((n) => n !== 0) ? `, padding ${pair(step.padding)}` : '';
      const dilation = step.dilation.some((n) => n !== 1)
        ? `, dilation ${pair(step.dilation)}`
        : '';
      return `${layerName(step.name)}${stride}${padding}${dilation}`;
    }
    case 'dense':
    case 'norm':
    case 'slope':
      return layerName(step.name);
    case 'activation':
      return activationName(step.kind, step.alpha);
    case 'pool': {
      const [h, w] = step.size;
      const odd = step.stride.some((n, i) => n !== step.size[i])
        ? `, stride ${pair(step.stride)}`
        : '';
      const padding = step.padding.some((n) => n !== 0) ? `, padding ${pair(step.padding)}` : '';
      return `${step.kind} pool ${h}x${w}${odd}${padding}`;
    }
    case 'flatten':
      return 'flatten';
    case 'global':
      return step.kind === 'mean' ? 'mean over the image' : 'largest of the image';
  }
}

/** All steps in words, one behind the other. */
export const layersWords = ({ input, steps }: Layers): string =>
  [sizes(input), ...steps.map(stepWords)].join(' → ');
