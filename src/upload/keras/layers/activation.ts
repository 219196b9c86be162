import type { Curve } from '../../../models/net/general';
import { fieldOf, textOf } from '../../fields';
import type { Values } from '../../net/builder';
import { shown } from '../../refuse';
import { Settings } from '../settings';
import { axisOf, valuesOf } from './rule';
import type { LayerUse, Rule, Rules } from './rule';

const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['relu6', 'relu6'],
  ['sigmoid', 'sigmoid'],
  ['softplus', 'softplus'],
  ['softsign', 'softsign'],
  ['selu', 'selu'],
  ['exponential', 'exp'],
  ['gelu', 'gelu'],
  ['gelu_new', 'geluTanh'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['hard_silu', 'hardSwish'],
  ['hard_swish', 'hardSwish'],
  ['mish', 'mish'],
]);

/** A number below every value, as a bound that bounds nothing. */
const NONE = -3e38;

/** Applies an activation function by its Keras name. */
export function functionOf(use: LayerUse, called: string, input: string): string {
  const { builder } = use;
  const name = `${use.name}/${called}`;
  const curve = CURVES.get(called);
  if (curve) return builder.add(name, input, { op: 'curve', curve });
  switch (called) {
    case 'linear':
      return input;
    case 'relu':
    case 'tanh':
      return builder.add(name, input, { op: called });
    case 'softmax':
      return builder.add(name, input, { op: 'softmax' });
    case 'log_softmax':
      return builder.add(name, input, { op: 'logSoftmax' });
    case 'elu':
    case 'celu':
      return builder.add(name, input, { op: 'elu', alpha: 1 });
    case 'leaky_relu':
      return builder.add(name, input, { op: 'leakyRelu', alpha: 0.2 });
    case 'hard_tanh':
      return builder.add(name, input, { op: 'clip', low: -1, high: 1 });
    case 'hard_sigmoid':
      // Keras 3 took relu6(x + 3) / 6 for clip(0.2 x + 0.5).
      return builder.add(name, input, {
        op: 'hardSigmoid',
        alpha: use.keras3 ? 1 / 6 : 0.2,
        beta: 0.5,
      });
    case 'log_sigmoid': {
      const minus = (at: string, step: string) =>
        builder.add(`${name}/${step}`, at, { op: 'curve', curve: 'negate' });
      const soft = builder.add(`${name}/softplus`, minus(input, 'in'), {
        op: 'curve',
        curve: 'softplus',
      });
      return minus(soft, 'out');
    }
    case 'tanh_shrink': {
      const tanh = builder.add(`${name}/tanh`, input, { op: 'tanh' });
      return builder.add(name, input, { op: 'binary', kind: 'subtract', other: tanh });
    }
    default:
      throw use.wrong(
        `its activation is ${shown(called, 40)}, which is not read`,
        'Use a standard activation, such as relu, elu, gelu, silu, sigmoid, tanh or softmax.',
      );
  }
}

/** The value of a layer after its own `activation`, which may be a name or a layer of its own. */
export function activated(use: LayerUse, input: string): string | Promise<string> {
  const raw = use.settings.get('activation');
  if (raw === null) return input;
  if (typeof raw === 'string') return functionOf(use, raw, input);
  const kind = textOf(fieldOf(raw, 'class_name', 'className')) ?? '';
  const config = fieldOf(raw, 'config');
  // Keras writes a function as {class_name: "function", config: its name}.
  if (typeof config === 'string') return functionOf(use, config, input);
  const rule = ACTIVATIONS.find(([each]) => each === kind && each !== 'PReLU')?.[1];
  if (!rule)
    throw use.wrong(
      `its activation is ${shown(kind || 'of no known form', 40)}, which is not read`,
    );
  const settings = new Settings(config, (why) => use.wrong(why));
  return rule({ ...use, settings, input, inputs: [input], name: `${use.name}/${kind}` });
}

/** max_value where x is above, x from the threshold on, and negative_slope (x - threshold) below. */
const relu: Rule = (use) => {
  const { settings, builder, name, input } = use;
  const slope = settings.number('negative_slope', 0);
  const most = settings.get('max_value') === null ? null : settings.number('max_value', 0);
  if (settings.number('threshold', 0) !== 0)
    throw use.wrong('its ReLU has a threshold other than 0, which is not read');
  if (most !== null && most < 0) throw use.wrong(`its max_value is ${most}`);
  if (slope === 0) {
    if (most === null) return builder.add(name, input, { op: 'relu' });
    if (most === 6) return builder.add(name, input, { op: 'curve', curve: 'relu6' });
    return builder.add(name, input, { op: 'clip', low: 0, high: most });
  }
  const leaky = builder.add(name, input, { op: 'leakyRelu', alpha: slope });
  if (most === null) return leaky;
  return builder.add(`${name}/max`, leaky, { op: 'clip', low: NONE, high: most });
};

/** Keras 2 calls the slope alpha, Keras 3 negative_slope. */
const leaky: Rule = ({ settings, builder, name, input }) => {
  const alpha = settings.number('negative_slope', settings.number('alpha', 0.3));
  return builder.add(name, input, { op: 'leakyRelu', alpha });
};

const prelu: Rule = async (use) => {
  const shape = [...use.builder.shape(use.input)];
  const shared = use.settings.get('shared_axes') === null ? [] : use.settings.wholes('shared_axes');
  for (const axis of shared) {
    const at = axisOf(axis, shape.length);
    if (at < 0) throw use.settings.odd('shared_axes', shared);
    shape[at] = 1;
  }
  const [alpha] = await use.weights([{ part: 'alpha', shape }]);
  return use.builder.add(use.name, use.input, { op: 'prelu', shape }, { alpha: alpha as Values });
};

/** Over one axis; another than the last is made the last for the while. */
const softmax: Rule = (use) => {
  const { builder, name, input } = use;
  const rank = builder.shape(input).length;
  const given = use.settings.wholes('axis', [-1]);
  const axes = given.map((axis) => axisOf(axis, rank));
  if (axes.length !== 1 || axes[0] === -1) throw use.settings.odd('axis', given);
  const [axis] = axes as [number];
  if (axis === rank - 1) return builder.add(name, input, { op: 'softmax' });
  const order = Array.from({ length: rank }, (_, i) => i);
  [order[axis], order[rank - 1]] = [rank - 1, axis];
  const turned = builder.add(`${name}/turn`, input, { op: 'permute', order });
  const soft = builder.add(`${name}/softmax`, turned, { op: 'softmax' });
  return builder.add(name, soft, { op: 'permute', order });
};

/** x scale + shift with one scale and one shift for everything, or one of each for every channel. */
export function affine(
  use: LayerUse,
  scale: readonly number[],
  shift: readonly number[],
  input = use.input,
): string {
  const channels = use.builder.shape(input).at(-1) ?? 1;
  const wide = (list: readonly number[]) => {
    if (list.length !== 1 && list.length !== channels)
      throw use.wrong(`it has ${list.length} numbers for ${channels} channels`);
    const [first = 0] = list;
    return valuesOf([channels], list.length === 1 ? new Float32Array(channels).fill(first) : list);
  };
  return use.builder.add(
    use.name,
    input,
    { op: 'affine' },
    { scale: wide(scale), shift: wide(shift) },
  );
}

export const ACTIVATIONS: Rules = [
  ['Activation', (use) => activated(use, use.input)],
  ['ReLU', relu],
  ['LeakyReLU', leaky],
  ['PReLU', prelu],
  [
    'ELU',
    ({ settings, builder, name, input }) =>
      builder.add(name, input, { op: 'elu', alpha: settings.number('alpha', 1) }),
  ],
  ['Softmax', softmax],
];
