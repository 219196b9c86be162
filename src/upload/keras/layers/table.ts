import { ACTIVATIONS } from './activation';
import { CONVOLUTIONS } from './convolution';
import { MERGES } from './merge';
import { NORMS } from './norm';
import { POOLINGS, SIZES } from './pooling';
import type { Rule, Rules } from './rule';
import { SHAPES } from './shape';

/** Layers that do nothing once a network is trained. */
const QUIET = [
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
  'Identity',
];

/**
 * Classes of well-known packages that do something in training alone, by their names: the dropout of the EfficientNets
 * of Keras before they were its own, the dropped paths of Inception-ResNets, ConvNeXts and transformers, of keras_cv and
 * keras_hub. Their programs are not run; what a class of that name does is known.
 */
const TRAINING_ONLY = [
  'FixedDropout',
  'FixedSpatialDropout2D',
  'DropConnect',
  'DropPath',
  'DropBlock',
  'DropBlock2D',
  'DropBlockNoise',
  'StochasticDepth',
];

/** Layers that change images at random in training, and leave them as they are afterwards. */
const RANDOM = [
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'RandomContrast',
  'RandomBrightness',
  'RandomHeight',
  'RandomWidth',
  'RandomShear',
  'RandomSaturation',
  'RandomHue',
  'RandomColorJitter',
  'RandomColorDegeneration',
  'RandomSharpness',
  'RandomPosterization',
  'RandomGrayscale',
  'RandomInvert',
  'RandomErasing',
  'RandomGaussianBlur',
  'RandomPerspective',
  'RandomElasticTransform',
];

const same: Rule = ({ input }) => input;

const random: Rule = (use) => {
  use.remark(
    `The layer ${use.name} (${use.kind}) changes images at random in training only; here it passes them on.`,
  );
  return use.input;
};

/** What follows the class of a layer that says that it is none of Keras (keras/model.ts). */
const AUTHORED = ' (a class of its author)';

const trainingOnly: Rule = (use) => {
  const kind = use.kind.replace(AUTHORED, '');
  // Some packages let the same layer add its two inputs, in shares that are settings of theirs.
  if (use.inputs.length > 1)
    throw use.wrong(`it joins ${use.inputs.length} values in a way that its package decides`);
  use.remark(
    `The layer ${use.name} is a ${kind}, a class from outside of Keras; layers of that name work in training only, so here it passes its input on.`,
  );
  return use.input;
};

const all: Rules = [
  ...CONVOLUTIONS,
  ...NORMS,
  ...ACTIVATIONS,
  ...POOLINGS,
  ...SIZES,
  ...SHAPES,
  ...MERGES,
  ...QUIET.map((kind) => [kind, same] as const),
  ...RANDOM.map((kind) => [kind, random] as const),
  ...TRAINING_ONLY.flatMap((kind) =>
    [kind, `${kind}${AUTHORED}`].map((name) => [name, trainingOnly] as const),
  ),
];

/** What each Keras layer is in our graphs, by its class. */
export const RULES: ReadonlyMap<string, Rule> = new Map(all);

const AUTHORS = 'a Lambda or a class of its author holds code, and code from a file is never run';
const SEQUENCES = 'layers for sequences and text are not read';

/** Why a class is not read, and what to do about it. */
export function whyNot(kind: string): { readonly why: string; readonly hint: string } {
  if (kind === 'Lambda' || kind.endsWith(AUTHORED))
    return {
      why: AUTHORS,
      hint: 'Build the network anew with standard layers in its place, load its weights into that, and save it.',
    };
  if (/^(SlicingOpLambda|TensorFlowOpLayer)$/.test(kind) || kind.startsWith('ops.'))
    return {
      why: 'of operations between layers, sums, differences, products, quotients and a few activations are read',
      hint: 'Use Keras layers in their place (Rescaling, Add, Multiply, ...), or export the network to ONNX.',
    };
  if (
    /(LSTM|GRU|RNN|Cell|Embedding|Attention|Conv1D|Conv1DTranspose|Pooling1D|Masking|TimeDistributed|Bidirectional|RepeatVector|TextVectorization|StringLookup)/.test(
      kind,
    )
  )
    return {
      why: SEQUENCES,
      hint: 'Use a network that takes one image or one list of numbers.',
    };
  if (kind.includes('3D'))
    return { why: 'layers for volumes are not read', hint: 'Use a network that takes one image.' };
  return {
    why: 'this layer is not in the list of those that are read',
    hint: 'See docs/upload.md for the list; the same network as ONNX may be read.',
  };
}
