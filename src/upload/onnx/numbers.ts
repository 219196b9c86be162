import type { Curve } from '../../models/net/general';
import { constantOf, mapped, reshaped, transposed, Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import { scalar, valuesOf } from '../net/flow';
import { channelBias, clip, curve, folds, join, matmul, rankOf, reduce, relu } from '../net/values';
import { axesOf, axisOf, floatOf, intOf, listOf, textOf } from './attributes';
import type { OnnxRule } from './attributes';

const CURVES: readonly (readonly [string, Curve])[] = [
  ['Sigmoid', 'sigmoid'],
  ['Softplus', 'softplus'],
  ['Softsign', 'softsign'],
  ['HardSwish', 'hardSwish'],
  ['Mish', 'mish'],
  ['Exp', 'exp'],
  ['Log', 'log'],
  ['Sqrt', 'sqrt'],
  ['Abs', 'abs'],
  ['Neg', 'negate'],
  ['Reciprocal', 'reciprocal'],
  ['Erf', 'erf'],
];

type Join = Parameters<typeof join>[2];

const JOINS: readonly (readonly [string, Join])[] = [
  ['Add', 'add'],
  ['Sum', 'add'],
  ['Sub', 'subtract'],
  ['Mul', 'multiply'],
  ['Div', 'divide'],
  ['Pow', 'power'],
  ['Max', 'maximum'],
  ['Min', 'minimum'],
  ['Mod', 'modulo'],
  ['Equal', 'equal'],
  ['Less', 'less'],
  ['Greater', 'greater'],
  ['And', 'and'],
  ['Or', 'or'],
];

/** Any number of values, joined one after the other. */
const joins =
  (kind: Join): OnnxRule =>
  (at) =>
    at.values().reduce((out, other) => join(at.flows, at.name, kind, out, other));

const mean: OnnxRule = (at) => {
  const sum = at.values().reduce((out, other) => join(at.flows, at.name, 'add', out, other));
  return join(at.flows, at.name, 'multiply', sum, scalar(1 / at.count));
};

const clips: OnnxRule = (at) => {
  const low = at.step.attributes.get('min')?.float ?? at.optional(1)?.values[0] ?? -Infinity;
  const high = at.step.attributes.get('max')?.float ?? at.optional(2)?.values[0] ?? Infinity;
  return clip(at.flows, at.name, at.value(0), low, high);
};

const selu: OnnxRule = (at) => {
  const usual =
    Math.abs(floatOf(at, 'alpha', 1.673_263_2) - 1.673_263_2) < 1e-5 &&
    Math.abs(floatOf(at, 'gamma', 1.050_701) - 1.050_701) < 1e-5;
  if (!usual) throw new Unfit('has other constants than the usual ones, which is not supported');
  return at.flows.each(at.name, at.flow(0), { op: 'curve', curve: 'selu' });
};

const gelu: OnnxRule = (at) => {
  const kind = textOf(at, 'approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu';
  return at.flows.each(at.name, at.flow(0), { op: 'curve', curve: kind });
};

const softmax =
  (op: 'softmax' | 'logSoftmax', opset: number): OnnxRule =>
  (at) => {
    const flow = at.flow(0);
    const axis = axisOf(intOf(at, 'axis', opset < 13 ? 1 : -1), flow.axes.length);
    // Older operator sets flatten everything from the axis on.
    const axes = flow.axes.map((_, i) => i).filter((i) => (opset < 13 ? i >= axis : i === axis));
    return at.flows.lastly(at.name, flow, axes, false, (value) =>
      at.flows.net.add(at.name, value, { op }),
    );
  };

const reduces =
  (kind: Parameters<typeof reduce>[3]): OnnxRule =>
  (at) => {
    const value = at.value(0);
    const rank = rankOf(value);
    const given = listOf(at, 'axes', 1);
    if (!given?.length && intOf(at, 'noop_with_empty_axes', 0) === 1) return value;
    const all = Array.from({ length: rank }, (_, i) => i);
    const axes = given?.length ? axesOf(given, rank) : all;
    return reduce(at.flows, at.name, value, kind, axes, intOf(at, 'keepdims', 1) === 1);
  };

const gemm: OnnxRule = (at) => {
  if (intOf(at, 'transA', 0) === 1) throw new Unfit('transposes its input, which mixes rows');
  const flow = at.flow(0);
  const stored = at.constant(1);
  const weight = intOf(at, 'transB', 0) === 1 ? transposed(stored, [1, 0]) : stored;
  const [alpha, beta] = [floatOf(at, 'alpha', 1), floatOf(at, 'beta', 1)];
  const bias = at.optional(2);
  const wide = bias && biasOf(bias, weight.shape[1] ?? 0);
  return at.flows.dense(
    at.name,
    flow,
    alpha === 1 ? weight : mapped(weight, (x) => x * alpha),
    wide && valuesOf(beta === 1 ? wide : mapped(wide, (x) => x * beta)),
  );
};

/** A bias for each unit, whatever its shape. */
function biasOf(bias: Constant, units: number): Constant {
  if (bias.values.length === units) return reshaped(bias, [units]);
  if (bias.values.length === 1)
    return constantOf([units], Array<number>(units).fill(bias.values[0] as number), false);
  throw new Unfit(`has a bias of shape [${bias.shape.join(', ')}] for ${units} units`);
}

const matmuls: OnnxRule = (at) => {
  const [a, b] = [at.value(0), at.value(1)];
  const { flows, name } = at;
  if (a.kind === 'constant' || b.kind === 'flow') return matmul(flows, name, a, b);
  const [rows = 0, units = 0] = b.shape.slice(-2);
  if (b.shape.length < 2) {
    const made = flows.dense(name, a, reshaped(b, [b.values.length, 1]), null);
    return flows.squeeze(made, [made.axes.length - 1]);
  }
  if (b.values.length !== rows * units) return matmul(flows, name, a, b);
  const after = at.next(['Add']);
  const bias = after && channelBias(after.other, units, 0);
  const made = flows.dense(name, a, reshaped(b, [rows, units]), bias && valuesOf(bias));
  if (after && bias) at.take(after.step, made);
  return made;
};

export const numberRules = (opset: number): readonly (readonly [string, OnnxRule])[] => [
  ...CURVES.map(([op, kind]): [string, OnnxRule] => [
    op,
    (at) => curve(at.flows, at.name, at.value(0), kind),
  ]),
  ...JOINS.map(([op, kind]): [string, OnnxRule] => [op, joins(kind)]),
  ['Floor', (at) => folds(at.value(0), 'floor')],
  ['Ceil', (at) => folds(at.value(0), 'ceil')],
  ['Not', (at) => folds(at.value(0), 'not')],
  ['Relu', (at) => relu(at.flows, at.name, at.value(0))],
  ['Tanh', (at) => at.flows.each(at.name, at.flow(0), { op: 'tanh' })],
  [
    'LeakyRelu',
    (at) =>
      at.flows.each(at.name, at.flow(0), { op: 'leakyRelu', alpha: floatOf(at, 'alpha', 0.01) }),
  ],
  [
    'Elu',
    (at) => at.flows.each(at.name, at.flow(0), { op: 'elu', alpha: floatOf(at, 'alpha', 1) }),
  ],
  [
    'HardSigmoid',
    (at) =>
      at.flows.each(at.name, at.flow(0), {
        op: 'hardSigmoid',
        alpha: floatOf(at, 'alpha', 0.2),
        beta: floatOf(at, 'beta', 0.5),
      }),
  ],
  ['PRelu', (at) => at.flows.prelu(at.name, at.flow(0), at.constant(1))],
  ['Selu', selu],
  ['Gelu', gelu],
  ['Clip', clips],
  ['Mean', mean],
  ['Softmax', softmax('softmax', opset)],
  ['LogSoftmax', softmax('logSoftmax', opset)],
  ['ReduceMean', reduces('mean')],
  ['ReduceMax', reduces('max')],
  ['ReduceSum', reduces('sum')],
  ['ReduceMin', reduces('min')],
  ['ReduceProd', reduces('prod')],
  ['ReduceL2', reduces('norm')],
  ['Gemm', gemm],
  ['MatMul', matmuls],
];
