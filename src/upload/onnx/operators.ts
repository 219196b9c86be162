import type { Rules } from '../net/convert';
import { refuse, shown } from '../refuse';
import type { OnnxRule } from './attributes';
import { imageRules } from './images';
import type { NodeProto } from './model';
import { numberRules } from './numbers';
import { SHAPE_RULES } from './shaping';

const CONTROL: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** Why an operator is not among those that are read, and what to do. */
function reason(node: NodeProto): readonly [string, string] {
  const { op, domain } = node;
  const holdsGraph = [...node.attributes.values()].some((attribute) => attribute.holdsGraph);
  if (CONTROL.has(op) || holdsGraph)
    return [
      'which chooses or repeats parts of the network while it runs',
      'Export it with torch.onnx.export from a model without branches or loops that depend on data.',
    ];
  if (/^(QLinear|Quantize|Dequantize|DynamicQuantize|MatMulInteger|ConvInteger)/.test(op))
    return [
      'which computes with quantised numbers',
      'Give the network as it was before quantisation, in 32 or 16 bits.',
    ];
  if (op.startsWith('Sequence') || op.startsWith('Optional') || op === 'ZipMap')
    return [
      'which makes lists instead of tensors',
      'Export the network so that its output is one tensor of scores.',
    ];
  if (['LSTM', 'GRU', 'RNN'].includes(op))
    return ['which is for sequences', 'Use a network that takes images or lists of features.'];
  if (['ArgMax', 'TopK', 'NonMaxSuppression', 'OneHot'].includes(op))
    return [
      'which makes a decision of scores',
      'Export the network with its scores, the logits, as output.',
    ];
  if (domain !== '')
    return [
      `of the operator set ${shown(domain)}`,
      'Only the standard operators of ONNX are read: export the network without custom operators.',
    ];
  return [
    'which is not among those that are read',
    'See docs/upload.md for the list; rewrite that layer with others, or use another network.',
  ];
}

/** The rules of an operator set version. */
export function onnxRules(opset: number, file: string): Rules<NodeProto> {
  const rules = new Map<string, OnnxRule>([
    ...SHAPE_RULES,
    ...numberRules(opset),
    ...imageRules(opset),
  ]);
  return (node) => {
    const rule = node.domain === '' ? rules.get(node.op) : undefined;
    if (rule) return rule;
    const [why, hint] = reason(node);
    const name = node.name || node.outputs[0] || '';
    throw refuse(
      'E_UPLOAD_OPERATOR',
      `${file} uses the operator ${shown(node.op) || 'without a name'}${name ? ` (${shown(name)})` : ''}, ${why}.`,
      hint,
    );
  };
}
