import { sizeOf } from '../../../models/net/graph';
import { fieldOf } from '../../fields';
import type { Values } from '../../net/builder';
import { affine } from './activation';
import { axisOf, reshaped, valuesOf } from './rule';
import type { LayerUse, Rule, Rules } from './rule';

/** A rule for the last axis, applied to another one: that axis is made the last for the while. */
async function along(
  use: LayerUse,
  axis: number,
  rule: (value: string) => Promise<string>,
): Promise<string> {
  const { builder, name, input } = use;
  const rank = builder.shape(input).length;
  if (axis === rank - 1) return rule(input);
  if (rank === 3 && axis === 0) return use.back(await rule(use.image(true)), true);
  const order = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  const turned = builder.add(`${name}/turn`, input, { op: 'permute', order: [...order, axis] });
  const y = await rule(turned);
  const back = Array.from({ length: rank }, (_, i) => [...order, axis].indexOf(i));
  return builder.add(`${name}/back`, y, { op: 'permute', order: back });
}

/** A layer's gamma and beta, null where its settings leave them out, and its other weights of the same size. */
async function learnt(
  use: LayerUse,
  shape: readonly number[],
  parts: readonly string[] = [],
): Promise<{ gamma: Values | null; beta: Values | null; others: readonly Values[] }> {
  const scale = use.settings.flag('scale', true);
  const centre = use.settings.flag('center', true);
  const names = [...(scale ? ['gamma'] : []), ...(centre ? ['beta'] : []), ...parts];
  const found = [...(await use.weights(names.map((part) => ({ part, shape }))))];
  const gamma = scale ? (found.shift() as Values) : null;
  const beta = centre ? (found.shift() as Values) : null;
  return { gamma, beta, others: found };
}

/** (x - moving mean) / sqrt(moving variance + epsilon) gamma + beta over one axis. */
const batchNorm: Rule = (use) => {
  const { settings, builder } = use;
  const shape = builder.shape(use.input);
  const given = settings.wholes('axis', [-1]);
  const axis = axisOf(given[0] ?? 0, shape.length);
  if (given.length !== 1 || axis < 0) throw settings.odd('axis', given);
  return along(use, axis, async (value) => {
    const size = [shape[axis] as number];
    const { gamma, beta, others } = await learnt(use, size, ['moving_mean', 'moving_variance']);
    const [mean, variance] = others as [Values, Values];
    const epsilon = settings.number('epsilon', 1e-3);
    return builder.norm(use.name, value, { gamma, beta, mean, variance, epsilon });
  });
};

/** Over the last axes together, each place with a gamma and a beta of its own. */
const layerNorm: Rule = async (use) => {
  const { settings, builder, name, input } = use;
  const shape = builder.shape(input);
  const axes = settings
    .wholes('axis', [-1])
    .map((axis) => axisOf(axis, shape.length))
    .toSorted((a, b) => a - b);
  const start = shape.length - axes.length;
  if (axes.length === 0 || axes.some((axis, i) => axis !== start + i))
    throw use.wrong('it normalises over other axes than the last ones, which is not read');
  if (settings.flag('rms_scaling', false))
    throw use.wrong('its rms_scaling is set, which is not read');
  const size = shape.slice(start);
  const found = await learnt(use, size);
  const count = sizeOf(size);
  const gamma = found.gamma ?? valuesOf([count], new Float32Array(count).fill(1));
  const beta = found.beta ?? valuesOf([count], new Float32Array(count));
  const body = { op: 'layerNorm', epsilon: settings.number('epsilon', 1e-3) } as const;
  const weights = { gamma: reshaped(gamma, [count]), beta: reshaped(beta, [count]) };
  if (size.length === 1) return builder.add(name, input, body, weights);
  const flat = [...shape.slice(0, start), count];
  const line = builder.add(`${name}/flat`, input, { op: 'reshape', shape: flat });
  const y = builder.add(name, line, body, weights);
  return builder.add(`${name}/back`, y, { op: 'reshape', shape });
};

/**
 * Over all pixels and the channels of each group together, then a gamma and a beta for each channel. Each group becomes a
 * line of numbers for it.
 */
const groupNorm: Rule = async (use) => {
  const { settings, builder, name } = use;
  const given = settings.wholes('axis', [-1]);
  const image = use.image(false);
  const [h, w, c] = builder.shape(image) as [number, number, number];
  if (given.length !== 1 || axisOf(given[0] ?? 0, 3) !== 2) throw settings.odd('axis', given);
  const asked = settings.wholes('groups', [32])[0] ?? 32;
  const groups = asked === -1 ? c : asked;
  if (groups < 1 || c % groups !== 0)
    throw use.wrong(`${c} channels do not part into ${groups} groups`);
  const size = [c];
  const found = await learnt(use, size);
  const gamma = found.gamma ?? valuesOf(size, new Float32Array(c).fill(1));
  const beta = found.beta ?? valuesOf(size, new Float32Array(c));
  const line = (h * w * c) / groups;
  const step = (called: string, input: string, shape: readonly number[]) =>
    builder.add(`${name}/${called}`, input, { op: 'reshape', shape });
  const parted = step('groups', image, [h * w, groups, c / groups]);
  const order = [1, 0, 2];
  const turned = builder.add(`${name}/turn`, parted, { op: 'permute', order });
  const even = builder.add(
    `${name}/norm`,
    step('lines', turned, [groups, line]),
    { op: 'layerNorm', epsilon: settings.number('epsilon', 1e-3) },
    {
      gamma: valuesOf([line], new Float32Array(line).fill(1)),
      beta: valuesOf([line], new Float32Array(line)),
    },
  );
  const back = builder.add(`${name}/back`, step('parted', even, [groups, h * w, c / groups]), {
    op: 'permute',
    order,
  });
  const weights = { scale: gamma, shift: beta };
  return builder.add(name, step('image', back, [h, w, c]), { op: 'affine' }, weights);
};

/** x times a learnt number for each channel, as in ConvNeXt. */
const layerScale: Rule = async (use) => {
  const size = [use.builder.shape(use.input).at(-1) ?? 1];
  const [scale] = await use.weights([{ part: 'gamma', also: 'variable', shape: size }]);
  const weights = { scale: scale as Values, shift: valuesOf(size, new Float32Array(size[0] ?? 1)) };
  return use.builder.add(use.name, use.input, { op: 'affine' }, weights);
};

/** x scale + offset. */
const rescaling: Rule = (use) =>
  affine(use, numbersOf(use, 'scale', [1]), numbersOf(use, 'offset', [0]));

/** (x - mean) / max(sqrt(variance), 1e-7), with the mean and variance of the configuration or, learnt, of the weights. */
const normalization: Rule = async (use) => {
  const { settings, builder } = use;
  const shape = builder.shape(use.input);
  const inConfig = settings.get('mean') !== null && settings.get('variance') !== null;
  const raw = settings.get('axis');
  const one = Array.isArray(raw) && raw.length === 0;
  const axes =
    raw === null || one ? [] : settings.wholes('axis').map((axis) => axisOf(axis, shape.length));
  if (axes.length > 1 || axes.some((axis) => axis !== shape.length - 1))
    throw use.wrong('it normalises over other axes than the last one, which is not read');
  const size = axes.length === 0 ? [] : [shape.at(-1) as number];
  const [mean, variance] = inConfig
    ? [numbersOf(use, 'mean', []), numbersOf(use, 'variance', [])]
    : (
        await use.weights([
          { part: 'mean', shape: size },
          { part: 'variance', shape: size },
        ])
      ).map(({ values }) => [...values]);
  const deviation = (variance as number[]).map((v) => Math.max(Math.sqrt(v), 1e-7));
  const means = mean as readonly number[];
  if (deviation.length !== means.length) throw use.wrong('its mean and variance differ in size');
  if (settings.flag('invert', false)) return affine(use, deviation, means);
  return affine(
    use,
    deviation.map((d) => 1 / d),
    means.map((m, i) => -m / (deviation[i] as number)),
  );
};

/** A number, or a list of them however deep it is nested. */
function numbersOf(use: LayerUse, name: string, otherwise: readonly number[]): readonly number[] {
  const raw = use.settings.get(name);
  const value = fieldOf(fieldOf(raw, 'config'), 'value') ?? raw;
  if (value === null) return otherwise;
  const list = (Array.isArray(value) ? value.flat(4) : [value]) as unknown[];
  const plain = list.every((n) => typeof n === 'number' && Number.isFinite(n));
  if (!plain || list.length === 0) throw use.settings.odd(name, raw);
  return list as number[];
}

export const NORMS: Rules = [
  ['BatchNormalization', batchNorm],
  ['BatchNormalizationV1', batchNorm],
  ['BatchNormalizationV2', batchNorm],
  ['SyncBatchNormalization', batchNorm],
  ['LayerNormalization', layerNorm],
  ['GroupNormalization', groupNorm],
  ['LayerScale', layerScale],
  ['Rescaling', rescaling],
  ['Normalization', normalization],
];
