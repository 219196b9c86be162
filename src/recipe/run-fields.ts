import type { Field, Fields } from './fields';

/** The recipe's own numbers; everything chosen from a catalogue brings its own. */
export const optimizerFields = {
  kind: {
    kind: 'choice',
    label: 'Optimizer',
    help: 'SGD with momentum, or Adam.',
    default: 'sgd',
    options: [
      { value: 'sgd', label: 'SGD with momentum' },
      { value: 'adam', label: 'Adam' },
    ],
    advanced: true,
  },
  rate: {
    kind: 'number',
    label: 'Learning rate',
    help: 'Size of the steps; too large and training comes apart.',
    default: 0.05,
    min: 1e-6,
    max: 1000,
    scale: 'log',
    advanced: true,
  },
  momentum: {
    kind: 'number',
    label: 'Momentum',
    help: 'How much of the last step carries on (SGD), or of the mean gradient (Adam).',
    default: 0.9,
    min: 0,
    max: 0.999,
    advanced: true,
  },
  nesterov: {
    kind: 'boolean',
    label: 'Nesterov',
    help: 'Look one step ahead (SGD only).',
    default: true,
    advanced: true,
  },
  weightDecay: {
    kind: 'number',
    label: 'Weight decay',
    help: 'Pull of the kernels towards zero, added to their gradient. Biases and batch norm are left alone; public CIFAR code pulls on them too.',
    default: 1e-4,
    min: 0,
    max: 0.1,
    scale: 'log',
    advanced: true,
  },
  schedule: {
    kind: 'choice',
    label: 'Schedule',
    help: 'Cosine brings the rate to zero at the last step.',
    default: 'cosine',
    options: [
      { value: 'cosine', label: 'cosine' },
      { value: 'constant', label: 'constant' },
    ],
    advanced: true,
  },
  warmup: {
    kind: 'integer',
    label: 'Warm-up',
    help: 'Steps in which the rate rises from zero.',
    default: 20,
    min: 0,
    max: 10000,
    unit: 'steps',
    advanced: true,
  },
} as const satisfies Fields;

export const runFields = {
  transfer: {
    kind: 'integer',
    label: 'Training examples',
    help: 'How many training examples the students get.',
    default: 1000,
    min: 2,
    max: 50000,
    scale: 'log',
  },
  redraw: {
    kind: 'boolean',
    label: 'Redraw the data',
    help: 'Each seed also draws new data and trains a new teacher (generated tasks only).',
    default: false,
    advanced: true,
  },
  steps: {
    kind: 'integer',
    label: 'Steps',
    help: 'Training steps of every student.',
    default: 1000,
    min: 1,
    max: 1000000,
    scale: 'log',
    advanced: true,
  },
  batch: {
    kind: 'integer',
    label: 'Batch',
    help: 'Rows in each step.',
    default: 64,
    min: 1,
    max: 1024,
    advanced: true,
  },
  averageDecay: {
    kind: 'number',
    label: 'Weight average',
    help: 'Keeps a moving average of the weights, drawn as a line of its own; 0 is off.',
    default: 0,
    min: 0,
    max: 0.9999,
    advanced: true,
  },
  halfPrecision: {
    kind: 'boolean',
    label: 'Half precision',
    help: 'Convolutions multiply in 16 bits where the graphics adapter can; off until a real adapter is shown to learn as well by it.',
    default: false,
    advanced: true,
  },
  subgroups: {
    kind: 'boolean',
    label: 'Subgroups',
    help: 'Sums over a loss use the adapter’s subgroups where it has them.',
    default: false,
    advanced: true,
  },
  seed: {
    kind: 'integer',
    label: 'Seed',
    help: 'Initial weights, order and draws follow from it.',
    default: 1,
    min: 0,
    max: 2 ** 31 - 1,
    advanced: true,
  },
} as const satisfies Fields;

export const evaluationFields = {
  every: {
    kind: 'integer',
    label: 'Evaluate every',
    help: 'Steps between two looks at the validation examples.',
    default: 50,
    min: 1,
    max: 100000,
    unit: 'steps',
    advanced: true,
  },
  images: {
    kind: 'integer',
    label: 'Validation examples',
    help: 'At most so many are looked at during the run.',
    default: 1000,
    min: 1,
    max: 10000,
    advanced: true,
  },
  testImages: {
    kind: 'integer',
    label: 'Test examples',
    help: 'At most so many are looked at when the run is done.',
    default: 10000,
    min: 1,
    max: 10000,
    advanced: true,
  },
} as const satisfies Fields;

/** Numbers that a recipe may leave out. */
export const generationsField = {
  kind: 'integer',
  label: 'Generations',
  help: 'The first student is trained so often, each time taught by the one before; 1 is a plain run.',
  default: 1,
  min: 1,
  max: 5,
  advanced: true,
} as const;
export const warmStartField = {
  kind: 'number',
  label: 'Warm start',
  help: 'Share of the steps in which it learns by labels alone, before its method begins.',
  default: 0,
  min: 0,
  max: 0.9,
  step: 0.05,
  advanced: true,
} as const;

/** Most teachers beside the first. */
export const MOST_COMPANIONS = 4;

/** The crop's margin, of a teacher that is trained and of samplers. */
export const cropField = {
  kind: 'integer',
  label: 'Crop margin',
  help: 'How many pixels the crop may shift.',
  default: 4,
  min: 0,
  max: 8,
  unit: 'px',
} as const;

/** How a teacher with Gaussian heads is trained; absent keys stay absent. */
export const gaussianTeacherFields = {
  members: {
    kind: 'integer',
    label: 'Networks',
    help: 'How many networks the teacher is made of; their Gaussians are merged by mean and variance.',
    default: 1,
    min: 1,
    max: 5,
  },
  meanWarmup: {
    kind: 'number',
    label: 'Mean first',
    help: 'Share of the steps in which the mean alone is learnt, before the variance joins it.',
    default: 0.25,
    min: 0,
    max: 1,
  },
} as const satisfies Fields;

/** Part of the teacher's loss where it learns classes; absent stays absent. */
export const nonTargetEntropyField = {
  kind: 'number',
  label: 'Spread answers',
  help: 'Weight of a term that keeps the teacher’s answers spread over the wrong classes; 0 trains it on labels alone.',
  default: 0,
  min: 0,
  max: 10,
} as const satisfies Field;
