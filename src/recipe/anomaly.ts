import type { Fields } from './fields';
import type { Choice, Optimizer } from './recipe';

/** The version of this recipe's form. */
export const ANOMALY_VERSION = 1;

/** Images without a fault: a texture drawn from a seed, or one class of a task's images. */
export type Normal =
  | { readonly source: 'texture' }
  | { readonly source: 'class'; readonly task: Choice; readonly class: number };

/** One way to score images. Arms that agree on `denoising` share one student. */
export interface AnomalyArm {
  readonly name: string;
  /** True: the student sees the corrupted image and has to give the teacher's features of the clean one. */
  readonly denoising: boolean;
  /** What the score is read from: the segmentation network, or the product of the student's distance maps. */
  readonly score: 'segmentation' | 'student';
}

/** A run of anomaly detection: two steps of training, one after the other, and images with faults to find. */
export interface AnomalyRecipe {
  readonly version: typeof ANOMALY_VERSION;
  readonly kind: 'anomaly';
  readonly preset: string;
  readonly normal: Normal;
  /** How many normal images there are to learn from. */
  readonly images: number;
  /** Id of the bundled teacher whose features are matched. */
  readonly teacher: string;
  readonly arms: readonly AnomalyArm[];
  readonly synthesis: {
    /** The noise has 2^u cells along each axis, u a whole number up to this. */
    readonly finest: number;
    /** Noise above this is the mask. */
    readonly threshold: number;
    /** How much of the image shows through at most. */
    readonly opacity: number;
  };
  readonly batch: number;
  /** Step 1: the student. */
  readonly student: { readonly steps: number; readonly optimizer: Optimizer };
  /** Step 2: the segmentation network, the student held fixed. */
  readonly segmentation: {
    readonly steps: number;
    readonly optimizer: Optimizer;
    readonly gamma: number;
  };
  readonly evaluation: {
    readonly every: number;
    /** So many normal images and as many with a fault, during the run. */
    readonly images: number;
    readonly testImages: number;
    /** An image's score is the mean of so many pixels, the highest ones. */
    readonly topPixels: number;
  };
  readonly seed: number;
}

/** A recipe of this kind says so. */
export function isAnomalyRecipe(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'kind' in input && input.kind === 'anomaly';
}

export const anomalyFields = {
  images: {
    kind: 'integer',
    label: 'Normal images',
    help: 'How many images without a fault there are to learn from.',
    default: 400,
    min: 8,
    max: 5000,
    scale: 'log',
  },
  batch: {
    kind: 'integer',
    label: 'Batch',
    help: 'Images in each step.',
    default: 16,
    min: 1,
    max: 128,
    advanced: true,
  },
  seed: {
    kind: 'integer',
    label: 'Seed',
    help: 'Images, initial weights, order and corruption follow from it.',
    default: 1,
    min: 0,
    max: 2 ** 31 - 1,
    advanced: true,
  },
} as const satisfies Fields;

export const synthesisFields = {
  finest: {
    kind: 'integer',
    label: 'Finest noise',
    help: 'The mask’s noise has 2 to this power cells along an axis at most.',
    default: 3,
    min: 0,
    max: 4,
    advanced: true,
  },
  threshold: {
    kind: 'number',
    label: 'Threshold',
    help: 'Noise above this becomes the mask; higher means smaller and more often empty masks.',
    default: 0.5,
    min: 0,
    max: 1,
    advanced: true,
  },
  opacity: {
    kind: 'number',
    label: 'Shine-through',
    help: 'How much of the image shows through a corruption at most.',
    default: 0.8,
    min: 0,
    max: 1,
    advanced: true,
  },
} as const satisfies Fields;

export const stepsField = {
  kind: 'integer',
  label: 'Steps',
  help: 'Training steps of this part.',
  default: 200,
  min: 1,
  max: 100000,
  scale: 'log',
} as const;

export const gammaField = {
  kind: 'number',
  label: 'Focus',
  help: 'Exponent of the focal loss: higher gives pixels that are already right less weight.',
  default: 4,
  min: 0,
  max: 10,
  advanced: true,
} as const;

export const anomalyEvaluationFields = {
  every: {
    kind: 'integer',
    label: 'Evaluate every',
    help: 'Steps between two looks at the validation images.',
    default: 50,
    min: 1,
    max: 100000,
    unit: 'steps',
    advanced: true,
  },
  images: {
    kind: 'integer',
    label: 'Validation images',
    help: 'So many normal images and as many with a fault are looked at during the run.',
    default: 40,
    min: 2,
    max: 1000,
    advanced: true,
  },
  testImages: {
    kind: 'integer',
    label: 'Test images',
    help: 'So many normal images and as many with a fault are looked at when the run is done.',
    default: 100,
    min: 2,
    max: 1000,
    advanced: true,
  },
  topPixels: {
    kind: 'integer',
    label: 'Top pixels',
    help: 'An image’s score is the mean of so many of its highest pixels.',
    default: 20,
    min: 1,
    max: 1024,
    advanced: true,
  },
} as const satisfies Fields;

const sgd = (rate: number): Optimizer => ({
  kind: 'sgd',
  rate,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 1e-4,
  schedule: 'cosine',
  warmup: 20,
});

/** DeSTSeg at 32 by 32 pixels, with two of its parts taken away in turn. */
export const destseg: AnomalyRecipe = {
  version: 1,
  kind: 'anomaly',
  preset: 'destseg',
  normal: { source: 'texture' },
  images: 400,
  teacher: 'shapes-b',
  arms: [
    { name: 'DeSTSeg', denoising: true, score: 'segmentation' },
    { name: 'Student only', denoising: true, score: 'student' },
    { name: 'No denoising', denoising: false, score: 'segmentation' },
    { name: 'No denoising, student only', denoising: false, score: 'student' },
  ],
  synthesis: { finest: 3, threshold: 0.5, opacity: 0.8 },
  batch: 16,
  student: { steps: 200, optimizer: sgd(0.4) },
  segmentation: { steps: 200, optimizer: sgd(0.1), gamma: 4 },
  evaluation: { every: 40, images: 40, testImages: 100, topPixels: 20 },
  seed: 1,
};
