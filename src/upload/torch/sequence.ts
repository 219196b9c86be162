import { follow } from '../../recipe/layers';
import type { Activation, LayerPart, Layers, LayerStep } from '../../recipe/layers';
import type { ActivationStep, Hints, PoolStep } from '../plain/hints';
import { partsOf } from '../plain/parts';
import { List } from './pickled';
import { stateOf } from './modules';
import type { Module } from './modules';

type Pair = readonly [number, number];
/** A module without children, by its whole name. */
type Leaf = readonly [string, Module];

/** What a pickled module says of its layers. */
export interface Said {
  readonly hints: Hints;
  /**
   * The layers over images of every side that fits: of a sequence, or of sequences in the order in which a class defines
   * them; or why they cannot be read so.
   */
  readonly ways: readonly Layers[] | string;
  readonly by: 'sequence' | 'definition';
}

/** Sides of images that are tried, the commonest first. */
const USUAL_SIDES = [32, 28, 64, 224, 96, 48, 128, 16, 24];
const LARGEST = 256;
/** Layers of a sequence that is followed over every side. */
const MOST_LEAVES = 200;

/** What a module says of how its layers are called, without calling any. */
export function saidBy(module: Module): Said {
  const leaves = leavesOf(module, '');
  const sequence = module.type === 'Sequential';
  const hints = hintsOf(leaves);
  const by = sequence ? 'sequence' : 'definition';
  if (!sequence && !definesInOrder(module))
    return { hints, by, ways: 'Its class says in a program of its own how its layers are called.' };
  return { hints, by, ways: waysOf(module, sequence ? leaves : inSequences(module), !sequence) };
}

/** Layers without children, in the order in which they are defined; of a sequence that is the order of computation. */
function leavesOf(module: Module, prefix: string): readonly Leaf[] {
  return module.children.flatMap(([name, child]): readonly Leaf[] =>
    child.children.length === 0 && child.type !== 'Sequential'
      ? [[`${prefix}${name}`, child]]
      : leavesOf(child, `${prefix}${name}.`),
  );
}

const weighted = (module: Module): boolean => stateOf(module).size > 0;

/** Everything within is a sequence, so that only the order of a few of them is not known. */
const isSequence = (module: Module): boolean =>
  module.type === 'Sequential' &&
  module.children.every(([, child]) => child.children.length === 0 || isSequence(child));

/** True of a class whose weights stand in sequences, but for one layer at most. */
function definesInOrder(module: Module): boolean {
  const own = module.children.filter(([, child]) => weighted(child));
  const single = own.filter(([, child]) => child.children.length === 0);
  return (
    own.length > single.length &&
    single.length < 2 &&
    own.every(([, child]) => child.children.length === 0 || isSequence(child))
  );
}

/** Layers of its sequences; what stands beside them without weights is called nobody knows where. */
const inSequences = (module: Module): readonly Leaf[] =>
  module.children.flatMap(([name, child]): readonly Leaf[] => {
    if (child.children.length > 0) return leavesOf(child, `${name}.`);
    return weighted(child) ? [[name, child]] : [];
  });

function waysOf(
  module: Module,
  leaves: readonly Leaf[],
  loose: boolean,
): readonly Layers[] | string {
  const { parts, strange } = partsOf(
    new Map([...stateOf(module)].map(([name, { shape }]) => [name, shape])),
  );
  if (strange.length > 0) return `${strange[0]} belongs to no layer that is read.`;
  if (leaves.length > MOST_LEAVES) return `It has ${leaves.length} layers, too many to be read so.`;
  let reason = 'No size of its input leads through its layers.';
  const ways: Layers[] = [];
  for (const input of inputsOf(leaves)) {
    const steps = stepsFor(leaves, input, parts, loose);
    if (typeof steps === 'string') reason = steps;
    else {
      const problem = follow({ input, steps }, parts).problem;
      if (problem === null) ways.push({ input, steps });
      else reason = problem;
    }
  }
  return ways.length > 0 ? ways : reason;
}

function inputsOf(leaves: readonly Leaf[]): readonly (readonly number[])[] {
  const first = leaves.find(([, { type }]) => type === 'Conv2d' || type === 'Linear')?.[1];
  if (!first) return [];
  const every = [
    ...USUAL_SIDES,
    ...Array.from({ length: LARGEST }, (_, i) => i + 1).filter((n) => !USUAL_SIDES.includes(n)),
  ];
  if (first.type === 'Conv2d') {
    const channels = numberAt(first, 'in_channels') ?? 3;
    return every.map((side) => [side, side, channels]);
  }
  const features = numberAt(first, 'in_features') ?? 1;
  const images = leaves.some(([, { type }]) => type === 'Flatten')
    ? [3].flatMap((channels) => {
        const side = Math.sqrt(features / channels);
        return Number.isInteger(side) && side >= 8 ? [[side, side, channels]] : [];
      })
    : [];
  return [...images, [features]];
}

/** The steps of all layers over an input of this shape, or why there are none. */
function stepsFor(
  leaves: readonly Leaf[],
  input: readonly number[],
  parts: readonly LayerPart[],
  loose: boolean,
): readonly LayerStep[] | string {
  const steps: LayerStep[] = [];
  for (const [name, module] of leaves) {
    const shape = follow({ input, steps }, parts).shapes.at(-1) ?? input;
    const image = shape.length === 3;
    if (loose && image && module.type === 'Linear') steps.push({ op: 'flatten' });
    const own = stepsOf(name, module, shape);
    if (typeof own === 'string') return `${name} (${module.type}) ${own}`;
    steps.push(...own);
  }
  return steps;
}

const NOTHING: ReadonlySet<string> = new Set([
  'Identity',
  'Dropout',
  'Dropout1d',
  'Dropout2d',
  'Dropout3d',
  'AlphaDropout',
  'FeatureAlphaDropout',
]);

const CURVES: Readonly<Record<string, Activation>> = {
  ReLU: 'relu',
  ReLU6: 'relu6',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  SELU: 'selu',
  SiLU: 'silu',
  Mish: 'mish',
  Hardswish: 'hardSwish',
  Softsign: 'softsign',
};

const activation = (kind: Activation, alpha = 0.01): ActivationStep => ({
  op: 'activation',
  kind,
  alpha,
});

/** What one of PyTorch's layers does to a value of this shape; a reason where that is not read. */
function stepsOf(
  name: string,
  module: Module,
  shape: readonly number[],
): readonly LayerStep[] | string {
  const { type } = module;
  if (NOTHING.has(type)) return [];
  const act = activationOf(module);
  if (act) return [act];
  switch (type) {
    case 'Conv2d': {
      const conv = convOf(module);
      return conv ? [{ op: 'conv', name, ...conv }] : 'has a padding that is not read.';
    }
    case 'Linear':
      return [{ op: 'dense', name }];
    case 'BatchNorm1d':
    case 'BatchNorm2d':
      return [{ op: 'norm', name, epsilon: numberAt(module, 'eps') ?? 1e-5 }];
    case 'PReLU':
      return [{ op: 'slope', name }];
    case 'Flatten': {
      const whole =
        numberAt(module, 'start_dim') === 1 && [-1, 3].includes(numberAt(module, 'end_dim') ?? 0);
      return whole || shape.length === 1 ? [{ op: 'flatten' }] : 'flattens some axes alone.';
    }
    case 'MaxPool2d':
    case 'AvgPool2d': {
      const pool = poolOf(module);
      return pool ? [pool] : 'is a pool of a kind that is not read.';
    }
    case 'AdaptiveAvgPool2d':
    case 'AdaptiveMaxPool2d':
      return adaptive(module, shape);
    default:
      return 'is not read.';
  }
}

function adaptive(module: Module, shape: readonly number[]): readonly LayerStep[] | string {
  const kind = module.type === 'AdaptiveAvgPool2d' ? 'mean' : 'max';
  const wanted = pairAt(module, 'output_size');
  const [h = 1, w = 1] = shape;
  if (!wanted || shape.length !== 3) return 'is not read here.';
  if (wanted[0] === 1 && wanted[1] === 1) return [{ op: 'global', kind }];
  if (wanted[0] === h && wanted[1] === w) return [];
  const size: Pair = [h / wanted[0], w / wanted[1]];
  if (!size.every((n) => Number.isInteger(n))) return `does not divide ${h} x ${w} evenly.`;
  return [{ op: 'pool', kind, size, stride: size, padding: [0, 0], ceil: false }];
}

function activationOf(module: Module): ActivationStep | null {
  const plain = Object.hasOwn(CURVES, module.type) ? CURVES[module.type] : undefined;
  if (plain) return activation(plain);
  const is = (key: string, value: number) => (numberAt(module, key) ?? value) === value;
  switch (module.type) {
    case 'LeakyReLU':
      return activation('leakyRelu', numberAt(module, 'negative_slope') ?? 0.01);
    case 'ELU':
      return activation('elu', numberAt(module, 'alpha') ?? 1);
    case 'GELU':
      return activation(
        module.attributes.entries.get('approximate') === 'tanh' ? 'geluTanh' : 'gelu',
      );
    case 'Softplus':
      return is('beta', 1) ? activation('softplus') : null;
    case 'Softmax':
    case 'LogSoftmax': {
      const dim = numberAt(module, 'dim') ?? 1;
      const kind = module.type === 'Softmax' ? 'softmax' : 'logSoftmax';
      return dim === 1 || dim === -1 ? activation(kind) : null;
    }
    default:
      return null;
  }
}

function poolOf(module: Module): PoolStep | null {
  const size = pairAt(module, 'kernel_size');
  const padding = pairAt(module, 'padding') ?? [0, 0];
  const { entries } = module.attributes;
  const ceil = entries.get('ceil_mode') === true;
  const padded = padding.some((n) => n !== 0);
  const mean = module.type === 'AvgPool2d';
  const dilated = (pairAt(module, 'dilation') ?? [1, 1]).some((n) => n !== 1);
  // Means over windows that reach over the end, or that leave margins out, divide by other counts.
  const odd = mean && (ceil || (padded && entries.get('count_include_pad') === false));
  const divided = (entries.get('divisor_override') ?? null) !== null;
  if (!size || dilated || odd || divided) return null;
  const stride = pairAt(module, 'stride') ?? size;
  return { op: 'pool', kind: mean ? 'mean' : 'max', size, stride, padding, ceil };
}

function convOf(
  module: Module,
): Pick<Extract<LayerStep, { op: 'conv' }>, 'stride' | 'padding' | 'dilation'> | null {
  const { entries } = module.attributes;
  const kernel = pairAt(module, 'kernel_size');
  const stride = pairAt(module, 'stride') ?? [1, 1];
  const dilation = pairAt(module, 'dilation') ?? [1, 1];
  const mode = entries.get('padding_mode') ?? 'zeros';
  const said = entries.get('padding');
  if (!kernel || mode !== 'zeros') return null;
  const around: Pair = [(dilation[0] * (kernel[0] - 1)) / 2, (dilation[1] * (kernel[1] - 1)) / 2];
  const padding =
    said === 'same' ? around : said === 'valid' ? ([0, 0] as const) : pairAt(module, 'padding');
  return padding?.every((n) => Number.isInteger(n)) ? { stride, padding, dilation } : null;
}

function numberAt(module: Module, key: string): number | null {
  const value = module.attributes.entries.get(key);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** One number for both sides, or a tuple of two. */
function pairAt(module: Module, key: string): Pair | null {
  const value = module.attributes.entries.get(key);
  const [a, b] = value instanceof List ? value.items : [value, value];
  const fits = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  return fits(a) && fits(b) ? [a, b] : null;
}

/** What layers say each for itself, whatever calls them. */
function hintsOf(leaves: readonly Leaf[]): Hints {
  const convs = new Map<string, NonNullable<ReturnType<typeof convOf>>>();
  const epsilons = new Map<string, number>();
  const activations: ActivationStep[] = [];
  const pools: PoolStep[] = [];
  const ends: Hints['ends'][number][] = [];
  for (const [name, module] of leaves) {
    const conv = module.type === 'Conv2d' ? convOf(module) : null;
    if (conv) convs.set(name, conv);
    if (module.type.startsWith('BatchNorm')) epsilons.set(name, numberAt(module, 'eps') ?? 1e-5);
    const act = activationOf(module);
    if (
      act &&
      !act.kind.toLowerCase().endsWith('softmax') &&
      !activations.some((one) => one.kind === act.kind && one.alpha === act.alpha)
    )
      activations.push(act);
    const pool =
      module.type.endsWith('Pool2d') && !module.type.startsWith('Adaptive') ? poolOf(module) : null;
    if (pool) pools.push(pool);
    if (module.type === 'AdaptiveAvgPool2d') ends.push('mean');
    if (module.type === 'AdaptiveMaxPool2d') ends.push('max');
    if (module.type === 'Flatten' && ends.length === 0) ends.push('flatten');
  }
  return { convs, epsilons, activations, pools, ends };
}
