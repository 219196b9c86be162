import type { Binary } from '../../../models/net/general';
import { shown } from '../../refuse';
import { functionOf } from './activation';
import { axisOf, valuesOf } from './rule';
import type { LayerUse, Rule, Rules } from './rule';

/** All inputs together, two at a time. */
function chained(use: LayerUse, kind: Binary): string {
  const { builder, name } = use;
  const [first, ...rest] = use.inputs as [string, ...string[]];
  if (rest.length === 0) throw use.wrong('it joins one value with nothing');
  return rest.reduce((sum, other, i) => {
    const called = i === rest.length - 1 ? name : `${name}/${i + 1}`;
    const alike = String(builder.shape(sum)) === String(builder.shape(other));
    if (kind === 'add' && alike) return builder.add(called, sum, { op: 'add', other });
    return builder.add(called, sum, { op: 'binary', kind, other });
  }, first);
}

const merged =
  (kind: Binary): Rule =>
  (use) =>
    chained(use, kind);

const average: Rule = (use) => {
  const { builder, name } = use;
  const sum = chained({ ...use, name: `${name}/sum` }, 'add');
  const count = builder.literal(`${name}/count`, valuesOf([1], [use.inputs.length]));
  return builder.add(name, sum, { op: 'binary', kind: 'divide', other: count });
};

const concatenate: Rule = (use) => {
  const [first, ...others] = use.inputs as [string, ...string[]];
  const given = use.settings.wholes('axis', [-1]);
  const axis = axisOf(given[0] ?? 0, use.builder.shape(first).length);
  if (given.length !== 1 || axis < 0) throw use.settings.odd('axis', given);
  if (others.length === 0) return first;
  return use.builder.add(use.name, first, { op: 'concat', others, axis });
};

const OPERATIONS: ReadonlyMap<string, Binary> = new Map([
  ['math.add', 'add'],
  ['__operators__.add', 'add'],
  ['math.subtract', 'subtract'],
  ['math.multiply', 'multiply'],
  ['math.truediv', 'divide'],
  ['math.divide', 'divide'],
  ['math.maximum', 'maximum'],
  ['math.minimum', 'minimum'],
]);

/** An operation of TensorFlow's between layers, as Keras 2 wraps it. */
const operation: Rule = (use) => {
  const called = use.settings.text('function', '');
  const kind = OPERATIONS.get(called);
  if (kind && use.inputs.length === 2) return chained(use, kind);
  const curve = called.startsWith('nn.') ? called.slice(3) : '';
  if (curve !== '' && use.inputs.length === 1) return functionOf(use, curve, use.input);
  throw use.wrong(
    `the operation ${shown(called || 'without a name', 40)} of TensorFlow's is not read`,
    'Use Keras layers in its place (Rescaling, Add, Multiply, ...), or export the network to ONNX.',
  );
};

export const MERGES: Rules = [
  ['Add', merged('add')],
  ['Subtract', merged('subtract')],
  ['Multiply', merged('multiply')],
  ['Maximum', merged('maximum')],
  ['Minimum', merged('minimum')],
  ['Average', average],
  ['Concatenate', concatenate],
  ['TFOpLambda', operation],
  ['ops.Add', merged('add')],
  ['ops.Subtract', merged('subtract')],
  ['ops.Multiply', merged('multiply')],
  ['ops.Divide', merged('divide')],
  ['ops.TrueDivide', merged('divide')],
  ['ops.Maximum', merged('maximum')],
  ['ops.Minimum', merged('minimum')],
  ...['Relu', 'Relu6', 'Sigmoid', 'Tanh', 'Silu', 'Softplus'].map(
    (called) =>
      [
        `ops.${called}`,
        (use: LayerUse) => functionOf(use, called.toLowerCase(), use.input),
      ] as const,
  ),
];
