import { UserError } from '../../recipe/errors';
import { refuse, shown } from '../refuse';
import type { Conversion, Step } from './convert';

/**
 * Names of the graph's values that are the file's outputs, in the file's order. Outputs that cannot be read are left out
 * with a remark as long as one can.
 *
 * @throws UserError where none can, with the reason for the first
 */
export function answersOf<S extends Step>(
  conversion: Conversion<S>,
  file: string,
  names: readonly string[],
  remarks: string[],
): readonly string[] {
  const answers: string[] = [];
  const failures: (readonly [string, UserError])[] = [];
  for (const name of names)
    try {
      answers.push(answerOf(conversion, file, name));
    } catch (cause) {
      if (!(cause instanceof UserError)) throw cause;
      failures.push([name, cause]);
    }
  const [first] = failures;
  if (answers.length === 0)
    throw (
      first?.[1] ?? refuse('E_UPLOAD_GRAPH', `${file} names no output.`, 'Export the network anew.')
    );
  for (const [name, { message }] of failures)
    remarks.push(`Its output ${shown(name)} was left out: ${message}`);
  return answers;
}

function answerOf<S extends Step>(conversion: Conversion<S>, file: string, name: string): string {
  const value = conversion.value(name);
  const { flows } = conversion;
  const answer = value.kind === 'flow' && !value.single ? flows.answer(name, value) : 'input';
  if (answer === 'input')
    throw refuse(
      'E_UPLOAD_GRAPH',
      `The output ${shown(name)} of ${file} does not depend on its input.`,
      'Export the network anew.',
    );
  return answer;
}

/** Operators after which a person may want to look: each is the end of a layer. */
const ENDS: ReadonlySet<string> = new Set(
  [
    'Relu Relu6 LeakyRelu PRelu Elu Selu Gelu HardSwish HardSigmoid Mish Tanh Clip Softplus Sigmoid',
    'MaxPool AveragePool AvgPool GlobalAveragePool GlobalMaxPool ReduceMean Mean',
    'Gemm MatMul _FusedMatMul Conv Conv2D _FusedConv2D DepthwiseConv2dNative FusedDepthwiseConv2dNative',
    'Add AddV2 Concat ConcatV2 BatchNormalization FusedBatchNormV3 LayerNormalization',
  ]
    .join(' ')
    .split(' '),
);

/** Operators that finish what stands before them, so that it is no end of its own. */
const FINISH: ReadonlySet<string> = new Set(
  [...ENDS, 'BiasAdd', 'Mul'].filter((op) => !/Pool|Conv|Gemm|MatMul|Mean|Concat/.test(op)),
);

/** Names the ends of layers under which methods that look inside may pick them: images and lists of features. */
export function tapEnds<S extends Step>(
  conversion: Conversion<S>,
  steps: readonly S[],
  answers: readonly string[],
): void {
  const seen = new Set(answers);
  const { net } = conversion.flows;
  for (const { op, outputs } of steps) {
    const [output = ''] = outputs;
    const value = conversion.known(output);
    if (!ENDS.has(op) || value?.kind !== 'flow' || value.single || seen.has(value.name)) continue;
    const [reader, more] = conversion.readers(output);
    if (reader && !more && FINISH.has(reader.op)) continue;
    const axes = net.shape(value.name).length;
    if (axes !== 1 && (axes !== 3 || value.axes.length !== 4)) continue;
    seen.add(value.name);
    net.tap(output, value.name);
  }
}
