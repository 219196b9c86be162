import { sizeOf } from '../../models/net/graph';
import type { Curve } from '../../models/net/general';
import { concatenated, constantOf, reshaped, Unfit, wholes } from '../net/constant';
import type { Constant } from '../net/constant';
import type { Place, Rules } from '../net/convert';
import type { Value } from '../net/flow';
import { castTo, ranged } from '../net/fold';
import { filled } from '../net/shapes';
import {
  choose,
  clip,
  concat,
  curve,
  expand,
  folds,
  gather,
  join,
  matmul,
  rankOf,
  reduce,
  relu,
  repeat,
  reshape,
  shapeOf,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from '../net/values';
import type { Cut } from '../net/values';
import { refuse, shown } from '../refuse';
import { IMAGE_RULES } from './graph-images';
import type { GraphRule } from './graph-images';
import { boolOf, floatOf, intOf, intsOf, typeOf } from './graph-node';
import type { GraphNode } from './graph-node';

type At = Place<GraphNode>;

function axisIn(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(place) || place < 0 || place >= rank)
    throw new Unfit(`works along axis ${axis} of ${rank}`);
  return place;
}

/** The one number of an input. */
const numberAt = (at: At, i: number): number => {
  const { values } = at.constant(i);
  if (values.length !== 1) throw new Unfit(`has ${values.length} numbers as input ${i + 1}`);
  return values[0] as number;
};

const listAt = (at: At, i: number): number[] => [...at.constant(i).values];

const reshapes: GraphRule = (at) => {
  const value = at.value(0);
  const size = sizeOf(shapeOf(at.flows, value));
  return reshape(at.flows, at.name, value, filled(listAt(at, 1), size));
};

const squeezes: GraphRule = (at) => {
  const value = at.value(0);
  const named = intsOf(at.step, 'squeeze_dims');
  const axes = named.length > 0 ? named : intsOf(at.step, 'axis');
  const rank = rankOf(value);
  return squeeze(at.flows, value, axes.length > 0 ? axes.map((axis) => axisIn(axis, rank)) : null);
};

const unsqueezes: GraphRule = (at) => {
  const value = at.value(0);
  return unsqueeze(at.flows, value, [axisIn(numberAt(at, 1), rankOf(value) + 1)]);
};

const pack: GraphRule = (at) => {
  const values = at.values();
  const axis = axisIn(intOf(at.step, 'axis', 0), rankOf(at.value(0)) + 1);
  const wide = values.map((value) => unsqueeze(at.flows, value, [axis]));
  if (wide.every(({ kind }) => kind === 'constant'))
    return concatenated(wide as readonly Constant[], axis);
  return concat(at.flows, at.name, wide, axis);
};

const unpack: GraphRule = (at) => {
  const value = at.value(0);
  const axis = axisIn(intOf(at.step, 'axis', 0), rankOf(value));
  const sizes = at.step.outputs.map(() => 1);
  return split(at.flows, at.name, value, axis, sizes).map((part) =>
    squeeze(at.flows, part, [axis]),
  );
};

const concats: GraphRule = (at) => {
  const values = at.values().slice(0, -1);
  const axis = axisIn(numberAt(at, values.length), rankOf(at.value(0)));
  return concat(at.flows, at.name, values, axis);
};

const splits: GraphRule = (at) => {
  const value = at.value(1);
  const axis = axisIn(numberAt(at, 0), rankOf(value));
  const count = at.step.outputs.length;
  const side = shapeOf(at.flows, value)[axis] as number;
  return split(at.flows, at.name, value, axis, Array<number>(count).fill(side / count));
};

const splitsUneven: GraphRule = (at) => {
  const value = at.value(0);
  const axis = axisIn(numberAt(at, 2), rankOf(value));
  const side = shapeOf(at.flows, value)[axis] as number;
  return split(at.flows, at.name, value, axis, filledSum(listAt(at, 1), side));
};

/** Sizes of parts with a -1 filled in. */
function filledSum(sizes: readonly number[], all: number): number[] {
  const rest = all - sizes.reduce((sum, n) => (n < 0 ? sum : sum + n), 0);
  return sizes.map((n) => (n < 0 ? rest : n));
}

const slices: GraphRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at.flows, value);
  const [begin, size] = [listAt(at, 1), listAt(at, 2)];
  const cuts = own.map((side, axis): Cut => {
    const start = begin[axis] ?? 0;
    const count = size[axis] ?? -1;
    return { axis, start, end: count < 0 ? side : start + count, step: 1 };
  });
  return slice(
    at.flows,
    at.name,
    value,
    cuts.filter(({ axis, start, end }) => start !== 0 || end !== own[axis]),
  );
};

/** What x[a:b:c, ..., None, 3] becomes: masks say which parts of it were left out. */
const stridedSlice: GraphRule = (at) => {
  const value = at.value(0);
  const own = shapeOf(at.flows, value);
  const [begin, end, step] = [listAt(at, 1), listAt(at, 2), listAt(at, 3)];
  const mask = (name: string) => intOf(at.step, name, 0);
  const has = (bits: number, i: number) => ((bits >> i) & 1) === 1;
  const [begins, ends, shrinks] = [mask('begin_mask'), mask('end_mask'), mask('shrink_axis_mask')];
  const [news, ellipsis] = [mask('new_axis_mask'), mask('ellipsis_mask')];
  const used = begin.filter((_, i) => !has(news, i) && !has(ellipsis, i)).length;
  const cuts: Cut[] = [];
  const gone: number[] = [];
  const made: number[] = [];
  let axis = 0;
  // Places in the result are counted apart: new axes stand there, dropped ones do not.
  let place = 0;
  for (const [i, start] of begin.entries()) {
    if (has(ellipsis, i)) {
      const skipped = own.length - used;
      axis += skipped;
      place += skipped;
    } else if (has(news, i)) {
      made.push(place);
      place += 1;
    } else {
      const side = own[axis] ?? 0;
      const by = step[i] ?? 1;
      if (has(shrinks, i)) {
        const first = start < 0 ? start + side : start;
        cuts.push({ axis, start: first, end: first + 1, step: 1 });
        gone.push(axis);
      } else {
        const from = has(begins, i) ? (by > 0 ? 0 : side - 1) : start;
        const to = has(ends, i) ? (by > 0 ? side : -side - 1) : (end[i] ?? side);
        if (from !== 0 || to !== side || by !== 1)
          cuts.push({ axis, start: from, end: to, step: by });
        place += 1;
      }
      axis += 1;
    }
  }
  const cut = slice(at.flows, at.name, value, cuts);
  const left = gone.length > 0 ? squeeze(at.flows, cut, gone) : cut;
  return made.length > 0 ? unsqueeze(at.flows, left, made) : left;
};

const pads: GraphRule = (at) => {
  const value = at.flow(0);
  const list = listAt(at, 1);
  const around = value.axes.map((_, i): readonly [number, number] => [
    list[2 * i] ?? 0,
    list[2 * i + 1] ?? 0,
  ]);
  if (around.flat().some((n) => !Number.isInteger(n) || n < 0))
    throw new Unfit('pads by less than nothing');
  return at.flows.pad(at.name, value, around, at.count > 2 ? numberAt(at, 2) : 0);
};

const reduces =
  (kind: Parameters<typeof reduce>[3]): GraphRule =>
  (at) => {
    const value = at.value(0);
    const rank = rankOf(value);
    const axes = listAt(at, 1).map((axis) => axisIn(axis, rank));
    return reduce(at.flows, at.name, value, kind, axes, boolOf(at.step, 'keep_dims'));
  };

const softmax =
  (op: 'softmax' | 'logSoftmax'): GraphRule =>
  (at) => {
    const flow = at.flow(0);
    return at.flows.lastly(at.name, flow, [flow.axes.length - 1], false, (value) =>
      at.flows.net.add(at.name, value, { op }),
    );
  };

const cast: GraphRule = (at) => {
  const value = at.value(0);
  const whole = /^DT_(U?INT|BOOL)/.test(typeOf(at.step, 'DstT'));
  if (value.kind === 'constant') return castTo(value, whole);
  if (whole) throw new Unfit('rounds to whole numbers, which is not supported');
  return value;
};

const tile: GraphRule = (at) => {
  const value = at.value(0);
  const counts = listAt(at, 1);
  const own = shapeOf(at.flows, value);
  if (counts.every((n) => n === 1)) return value;
  if (counts.some((n, i) => n !== 1 && own[i] !== 1))
    throw new Unfit('repeats more than single places, which is not supported');
  return expand(
    at.flows,
    at.name,
    value,
    own.map((side, i) => side * (counts[i] ?? 1)),
  );
};

const matmuls: GraphRule = (at) => {
  const [a, b] = [at.value(0), at.value(1)];
  const turned = (value: Value, name: string) => {
    if (!boolOf(at.step, name)) return value;
    const rank = rankOf(value);
    const order = Array.from({ length: rank }, (_, i) => i);
    return transpose(at.flows, value, [...order.slice(0, -2), rank - 1, rank - 2]);
  };
  return matmul(at.flows, at.name, turned(a, 'adj_x'), turned(b, 'adj_y'));
};

const squaredDifference: GraphRule = (at) => {
  const difference = join(at.flows, `${at.name}.difference`, 'subtract', at.value(0), at.value(1));
  return curve(at.flows, at.name, difference, 'square');
};

const CURVES: readonly (readonly [string, Curve])[] = [
  ['Sigmoid', 'sigmoid'],
  ['Softplus', 'softplus'],
  ['Softsign', 'softsign'],
  ['Exp', 'exp'],
  ['Log', 'log'],
  ['Sqrt', 'sqrt'],
  ['Rsqrt', 'rsqrt'],
  ['Abs', 'abs'],
  ['Neg', 'negate'],
  ['Square', 'square'],
  ['Reciprocal', 'reciprocal'],
  ['Erf', 'erf'],
  ['Selu', 'selu'],
];

const JOINS: readonly (readonly [string, Parameters<typeof join>[2]])[] = [
  ['Add', 'add'],
  ['AddV2', 'add'],
  ['Sub', 'subtract'],
  ['Mul', 'multiply'],
  ['RealDiv', 'divide'],
  ['Div', 'divide'],
  ['FloorDiv', 'floorDivide'],
  ['FloorMod', 'modulo'],
  ['Maximum', 'maximum'],
  ['Minimum', 'minimum'],
  ['Pow', 'power'],
  ['Equal', 'equal'],
  ['Less', 'less'],
  ['Greater', 'greater'],
  ['LogicalAnd', 'and'],
];

const same: GraphRule = (at) => at.value(0);

const RULES: ReadonlyMap<string, GraphRule> = new Map<string, GraphRule>([
  ...IMAGE_RULES,
  ...CURVES.map(([op, kind]): [string, GraphRule] => [
    op,
    (at) => curve(at.flows, at.name, at.value(0), kind),
  ]),
  ...JOINS.map(([op, kind]): [string, GraphRule] => [
    op,
    (at) => join(at.flows, at.name, kind, at.value(0), at.value(1)),
  ]),
  ['AddN', (at) => at.values().reduce((a, b) => join(at.flows, at.name, 'add', a, b))],
  ['SquaredDifference', squaredDifference],
  ['Relu', (at) => relu(at.flows, at.name, at.value(0))],
  ['Relu6', (at) => clip(at.flows, at.name, at.value(0), 0, 6)],
  ['ClipByValue', (at) => clip(at.flows, at.name, at.value(0), numberAt(at, 1), numberAt(at, 2))],
  ['Tanh', (at) => at.flows.each(at.name, at.flow(0), { op: 'tanh' })],
  ['Elu', (at) => at.flows.each(at.name, at.flow(0), { op: 'elu', alpha: 1 })],
  [
    'LeakyRelu',
    (at) =>
      at.flows.each(at.name, at.flow(0), {
        op: 'leakyRelu',
        alpha: floatOf(at.step, 'alpha', 0.2),
      }),
  ],
  ['Prelu', (at) => at.flows.prelu(at.name, at.flow(0), at.constant(1))],
  ['Floor', (at) => folds(at.value(0), 'floor')],
  ['Ceil', (at) => folds(at.value(0), 'ceil')],
  ['Softmax', softmax('softmax')],
  ['LogSoftmax', softmax('logSoftmax')],
  ['Mean', reduces('mean')],
  ['Max', reduces('max')],
  ['Sum', reduces('sum')],
  ['Min', reduces('min')],
  ['Prod', reduces('prod')],
  ['BatchMatMul', matmuls],
  ['BatchMatMulV2', matmuls],
  ['BatchMatMulV3', matmuls],
  ['Reshape', reshapes],
  ['Squeeze', squeezes],
  ['ExpandDims', unsqueezes],
  ['Shape', (at) => wholes(shapeOf(at.flows, at.value(0)))],
  ['Pack', pack],
  ['Unpack', unpack],
  ['ConcatV2', concats],
  ['Split', splits],
  ['SplitV', splitsUneven],
  ['Slice', slices],
  ['StridedSlice', stridedSlice],
  ['Pad', pads],
  ['PadV2', pads],
  ['Transpose', (at) => transpose(at.flows, at.value(0), listAt(at, 1))],
  [
    'GatherV2',
    (at) =>
      gather(
        at.flows,
        at.name,
        at.value(0),
        axisIn(numberAt(at, 2), rankOf(at.value(0))),
        at.value(1),
      ),
  ],
  ['Tile', tile],
  ['BroadcastTo', (at) => expand(at.flows, at.name, at.value(0), listAt(at, 1))],
  ['Fill', (at) => repeat(at.flows, at.name, reshaped(at.constant(1), []), listAt(at, 0))],
  [
    'Range',
    (at) => ranged(numberAt(at, 0), numberAt(at, 1), numberAt(at, 2), at.constant(0).whole),
  ],
  [
    'ZerosLike',
    (at) =>
      constantOf(
        at.constant(0).shape,
        new Float64Array(at.constant(0).values.length),
        at.constant(0).whole,
      ),
  ],
  ['Select', (at) => choose(at.value(0), at.value(1), at.value(2))],
  ['SelectV2', (at) => choose(at.value(0), at.value(1), at.value(2))],
  ['Cast', cast],
  ['Identity', same],
  ['StopGradient', same],
  ['PreventGradient', same],
  ['CheckNumerics', same],
  ['Snapshot', same],
]);

const CONTROL =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|While|StatelessWhile|If|StatelessIf|Case|StatelessCase|TensorList.*|TensorArray.*)$/;

function reason(op: string): readonly [string, string] {
  if (CONTROL.test(op))
    return [
      'so this graph holds loops or branches, which are not supported',
      'Convert the network in its form for inference, without loops or branches that depend on data.',
    ];
  if (/(PartitionedCall|SymbolicGradient)$/.test(op))
    return [
      'which calls a function that stands elsewhere',
      'Convert the SavedModel anew with tensorflowjs_converter, which puts functions in place.',
    ];
  if (/Variable|VarHandle|Assign/.test(op))
    return [
      'which reads a variable instead of a stored weight',
      'Freeze the network: convert its SavedModel with tensorflowjs_converter.',
    ];
  if (/^(ArgMax|ArgMin|TopK|TopKV2|NonMaxSuppression.*|OneHot)$/.test(op))
    return [
      'which makes a decision of scores',
      'Export the network with its scores, the logits, as output.',
    ];
  if (/MirrorPad/.test(op))
    return ['which repeats the image at its edges', 'Use a network that pads with zeros.'];
  return [
    'which is not among those that are read',
    'See docs/upload.md for the list; rewrite that layer with others, or use another network.',
  ];
}

/** The rules of TensorFlow's operators. */
export function graphRules(file: string): Rules<GraphNode> {
  return ({ op, name }) => {
    const rule = RULES.get(op);
    if (rule) return rule;
    const [why, hint] = reason(op);
    throw refuse(
      'E_UPLOAD_OPERATOR',
      `${file} uses the operator ${shown(op)} (${shown(name)}), ${why}.`,
      hint,
    );
  };
}
