import type { Binary, Curve } from '../../models/net/general';
import { constantOf, mapped, reshaped, transposed, Unfit } from '../net/constant';
import type { Constant } from '../net/constant';
import { BINARY, REDUCE, reduced, UNARY } from '../net/fold';
import { scalar, valuesOf } from '../net/flow';
import type { Flow, Value } from '../net/flow';
import { axesOf, axisOf, floatOf, intOf, listOf, textOf } from './attributes';
import type { At, OnnxRule } from './attributes';
import { channelBias } from './images';

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

/** Functions of a single number that constants may go through alone. */
const FOLDS: readonly (readonly [string, string])[] = [
  ['Floor', 'floor'],
  ['Ceil', 'ceil'],
  ['Not', 'not'],
];

const unary =
  (kind: string, write: (at: At, flow: Flow) => Flow): OnnxRule =>
  (at) => {
    const value = at.value(0);
    if (value.kind === 'flow') return write(at, value);
    const of = UNARY.get(kind);
    if (!of) throw new Unfit('works on a constant, which is not supported');
    return mapped(value, of);
  };

const curve = (kind: Curve): OnnxRule =>
  unary(kind, (at, flow) => at.flows.each(at.name, flow, { op: 'curve', curve: kind }));

const fold = (kind: string): OnnxRule =>
  unary(kind, () => {
    throw new Unfit('rounds values that depend on the input, which is not supported');
  });

/** Several values joined two by two, as far as they are constant before the graph runs. */
const joins =
  (kind: Binary | 'modulo' | 'equal' | 'less' | 'greater' | 'and' | 'or'): OnnxRule =>
  (at) => {
    const [first, ...others] = at.values() as [Value, ...Value[]];
    let out = first;
    for (const [i, other] of others.entries()) {
      const name = i === others.length - 1 ? at.name : `${at.name}.${i}`;
      if (out.kind === 'constant' && other.kind === 'constant')
        out = (BINARY.get(kind) as (a: Constant, b: Constant) => Constant)(out, other);
      else if (isBinary(kind)) out = at.flows.binary(name, kind, out, other);
      else throw new Unfit('compares values that depend on the input, which is not supported');
    }
    return out;
  };

const BINARIES: ReadonlySet<string> = new Set<Binary>([
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'power',
]);
const isBinary = (kind: string): kind is Binary => BINARIES.has(kind);

const clip: OnnxRule = (at) => {
  const value = at.value(0);
  const low = at.step.attributes.get('min')?.float ?? at.optional(1)?.values[0] ?? -Infinity;
  const high = at.step.attributes.get('max')?.float ?? at.optional(2)?.values[0] ?? Infinity;
  if (value.kind === 'constant') return mapped(value, (x) => Math.max(low, Math.min(high, x)));
  return clipped(at, value, low, high);
};

/** The largest float32: infinity is no number for JSON. */
const MOST = 3.402_823_466_385_288_6e38;

function clipped(at: At, flow: Flow, low: number, high: number): Flow {
  if (low === 0 && high === 6) return at.flows.each(at.name, flow, { op: 'curve', curve: 'relu6' });
  if (low === 0 && high >= MOST) return at.flows.each(at.name, flow, { op: 'relu' });
  const [least, most] = [Math.max(-MOST, low), Math.min(MOST, high)];
  return at.flows.each(at.name, flow, { op: 'clip', low: least, high: most });
}

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
    const rank = flow.axes.length;
    const axis = axisOf(intOf(at, 'axis', opset < 13 ? 1 : -1), rank);
    // Older operator sets flatten everything from the axis on.
    const axes = flow.axes.map((_, i) => i).filter((i) => (opset < 13 ? i >= axis : i === axis));
    return at.flows.lastly(at.name, flow, axes, false, (value) =>
      at.flows.net.add(at.name, value, { op }),
    );
  };

const reduce =
  (kind: 'mean' | 'max' | 'sum' | 'min' | 'prod' | 'norm'): OnnxRule =>
  (at) => {
    const value = at.value(0);
    const rank = value.kind === 'flow' ? value.axes.length : value.shape.length;
    const given = listOf(at, 'axes', 1);
    if (!given?.length && intOf(at, 'noop_with_empty_axes', 0) === 1) return value;
    const all = Array.from({ length: rank }, (_, i) => i);
    const axes = given?.length ? axesOf(given, rank) : all;
    const keep = intOf(at, 'keepdims', 1) === 1;
    if (value.kind === 'constant') {
      if (!REDUCE.has(kind)) throw new Unfit('works on a constant, which is not supported');
      return reduced(kind, value, axes, keep);
    }
    if (kind === 'prod') throw new Unfit('multiplies along an axis, which is not supported');
    if (kind !== 'norm') return at.flows.reduce(at.name, value, kind, axes, keep);
    const square = at.flows.each(`${at.name}.squares`, value, { op: 'curve', curve: 'square' });
    const sum = at.flows.reduce(`${at.name}.sum`, square, 'sum', axes, keep);
    return at.flows.each(at.name, sum, { op: 'curve', curve: 'sqrt' });
  };

const gemm: OnnxRule = (at) => {
  if (intOf(at, 'transA', 0) === 1) throw new Unfit('transposes its input, which mixes rows');
  const flow = at.flow(0);
  const turned = intOf(at, 'transB', 0) === 1;
  const stored = at.constant(1);
  const weight = turned ? transposed(stored, [1, 0]) : stored;
  const [alpha, beta] = [floatOf(at, 'alpha', 1), floatOf(at, 'beta', 1)];
  const units = weight.shape[1] ?? 0;
  const bias = at.optional(2);
  const wide = bias && biasOf(bias, units);
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

const matmul: OnnxRule = (at) => {
  const [a, b] = [at.value(0), at.value(1)];
  const { flows, name } = at;
  if (a.kind === 'constant' && b.kind === 'constant')
    throw new Unfit('multiplies two constants, which is not supported');
  if (a.kind === 'constant') {
    const flow = b as Flow;
    return flows.matmul(name, flows.lift(name, a, flow.axes.length, flows.batchAxis(flow)), flow);
  }
  if (b.kind === 'flow') return flows.matmul(name, a, b);
  const [rows = 0, units = 0] = b.shape.slice(-2);
  if (b.shape.length > 2 && b.values.length !== rows * units)
    return flows.matmul(name, a, flows.lift(name, b, a.axes.length, flows.batchAxis(a)));
  if (b.shape.length < 2) {
    const made = flows.dense(name, a, reshaped(b, [b.values.length, 1]), null);
    return flows.squeeze(made, [made.axes.length - 1]);
  }
  const after = at.next(['Add']);
  const bias = after && channelBias(after.other, units, 0);
  const made = flows.dense(name, a, reshaped(b, [rows, units]), bias && valuesOf(bias));
  if (after && bias) at.take(after.step, made);
  return made;
};

const mean: OnnxRule = (at) => {
  const sum = joins('add')(at) as Flow;
  return at.flows.binary(`${at.name}.mean`, 'multiply', sum, scalar(1 / at.count));
};

export const numberRules = (opset: number): readonly (readonly [string, OnnxRule])[] => [
  ...CURVES.map(([op, kind]) => [op, curve(kind)] as const),
  ...FOLDS.map(([op, kind]) => [op, fold(kind)] as const),
  ['Relu', unary('relu', (at, flow) => at.flows.each(at.name, flow, { op: 'relu' }))],
  ['Tanh', unary('tanh', (at, flow) => at.flows.each(at.name, flow, { op: 'tanh' }))],
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
  ['Clip', clip],
  ['Add', joins('add')],
  ['Sum', joins('add')],
  ['Mean', mean],
  ['Sub', joins('subtract')],
  ['Mul', joins('multiply')],
  ['Div', joins('divide')],
  ['Pow', joins('power')],
  ['Max', joins('maximum')],
  ['Min', joins('minimum')],
  ['Mod', joins('modulo')],
  ['Equal', joins('equal')],
  ['Less', joins('less')],
  ['Greater', joins('greater')],
  ['And', joins('and')],
  ['Or', joins('or')],
  ['Softmax', softmax('softmax', opset)],
  ['LogSoftmax', softmax('logSoftmax', opset)],
  ['ReduceMean', reduce('mean')],
  ['ReduceMax', reduce('max')],
  ['ReduceSum', reduce('sum')],
  ['ReduceMin', reduce('min')],
  ['ReduceProd', reduce('prod')],
  ['ReduceL2', reduce('norm')],
  ['Gemm', gemm],
  ['MatMul', matmul],
];
