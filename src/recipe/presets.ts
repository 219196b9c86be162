import type { Choice, Optimizer, Recipe, Student } from './recipe';
import { curve, eyes } from './value-presets';

export interface Preset {
  readonly id: string;
  readonly title: string;
  /** What a person learns from it. */
  readonly oneLine: string;
  readonly recipe: Recipe;
}

const VIEW = { augment: 'none', pad: 4 } as const;
const DATA: Choice = { id: 'none', params: VIEW };
const SYNTHETIC = { select: 'all', ...VIEW, alpha: 1, pairs: 'any' } as const;

const sgd: Optimizer = {
  kind: 'sgd',
  rate: 0.05,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 1e-4,
  schedule: 'cosine',
  warmup: 20,
};
const adam = (rate: number, schedule: Optimizer['schedule'], weightDecay: number): Optimizer => ({
  kind: 'adam',
  rate,
  momentum: 0.9,
  nesterov: false,
  weightDecay,
  schedule,
  warmup: 0,
});

/** ERM, KD and XCL on one model: the three that every preset compares. */
function three(model: Choice, kd: Choice['params'], xcl: Choice): readonly Student[] {
  return [
    { name: 'ERM', model, method: { id: 'erm', params: {} }, sampler: DATA },
    { name: 'KD', model, method: { id: 'kd', params: kd }, sampler: DATA },
    {
      name: 'Extracurricular',
      model,
      method: { id: 'xcl', params: { temperature: kd.temperature as number, labelWeight: 0 } },
      sampler: xcl,
    },
  ];
}

const half: Choice = { id: 'resnet8half', params: { stemStride: 2, widths: [8, 8, 16, 32] } };
const cutmix: Choice = { id: 'cutmix', params: { share: 1, ...SYNTHETIC } };

function images(
  id: string,
  task: Choice,
  teacher: string,
  transfer: number,
  steps: number,
): Recipe {
  return {
    version: 1,
    preset: id,
    task,
    transfer,
    redraw: false,
    teacher: { source: 'bundled', id: teacher },
    companions: [],
    students: three(half, { temperature: 4, alpha: 0.9 }, cutmix),
    optimizer: sgd,
    steps,
    batch: 64,
    evaluation: { every: 50, images: 1000, testImages: 10000 },
    averageDecay: 0,
    halfPrecision: false,
    subgroups: false,
    seed: 1,
  };
}

const spiral: Recipe = {
  version: 1,
  preset: 'spiral',
  task: { id: 'spiral', params: { points: 90, noise: 0.16 } },
  transfer: 90,
  redraw: false,
  teacher: { source: 'bundled', id: 'spiral' },
  companions: [],
  students: three(
    { id: 'mlp', params: { hidden: [6, 6] } },
    { temperature: 1, alpha: 1 },
    { id: 'interpolation', params: { share: 0.5, ...SYNTHETIC, largerFirst: false } },
  ),
  optimizer: adam(0.008, 'cosine', 0),
  steps: 2500,
  batch: 90,
  evaluation: { every: 50, images: 1000, testImages: 10000 },
  averageDecay: 0,
  halfPrecision: false,
  subgroups: false,
  seed: 1,
};

/** A teacher for images that none comes with: a wider network than the students, by Adam, whose rate suits many kinds. */
function trained(steps: number): Recipe['teacher'] {
  return {
    source: 'train',
    model: { id: 'resnet8half', params: { stemStride: 2, widths: [16, 16, 32, 64] } },
    augment: 'none',
    pad: 0,
    batch: 64,
    steps,
    optimizer: { ...adam(0.003, 'cosine', 1e-4), warmup: 20 },
  };
}

const CIFAR100: Choice = { id: 'cifar100', params: { labels: 'fine' } };

/**
 * A person's own images, of which nothing is known before: a wider network learns from all training images first, then
 * small ones from the first of them. The teacher learns with Adam, whose rate suits many kinds of data, and from images as
 * they are: whether mirrored ones keep their class is for the person to say.
 */
const own: Recipe = {
  version: 1,
  preset: 'own-images',
  task: {
    id: 'images',
    params: { size: 32, fit: 'cover', channels: 'auto', split: 1, validation: 0.1, test: 0.1 },
  },
  transfer: 1000,
  redraw: false,
  teacher: trained(600),
  companions: [],
  students: three(half, { temperature: 4, alpha: 0.9 }, cutmix),
  optimizer: sgd,
  steps: 800,
  batch: 64,
  evaluation: { every: 50, images: 1000, testImages: 10000 },
  averageDecay: 0,
  halfPrecision: false,
  subgroups: false,
  seed: 1,
};

/** Each seed draws its own points and trains its own teacher: a study of the method, not of one data set. */
export const spiralStudy: Recipe = {
  ...spiral,
  redraw: true,
  teacher: {
    source: 'train',
    model: { id: 'mlp', params: { hidden: [64, 64] } },
    augment: 'none',
    pad: 0,
    batch: 90,
    steps: 1500,
    optimizer: adam(0.003, 'constant', 1e-4),
  },
};

const small: Choice = { id: 'mlp', params: { hidden: [6, 6] } };
const blends = (share: number, select: string): Choice => ({
  id: 'interpolation',
  params: { share, ...SYNTHETIC, select, largerFirst: false },
});
const plain: Choice['params'] = { temperature: 1, labelWeight: 0 };

/**
 * What each part of the method does, one arm without it at a time: labels or teacher, on the data or between its points,
 * the teacher asked there or its answers mixed, with its uncertain answers or without.
 */
const grid: Recipe = {
  ...spiral,
  preset: 'grid',
  students: [
    { name: 'ERM', model: small, method: { id: 'erm', params: {} }, sampler: DATA },
    {
      name: 'Mixup',
      model: small,
      method: { id: 'mixup-erm', params: {} },
      sampler: blends(1, 'all'),
    },
    {
      name: 'KD',
      model: small,
      method: { id: 'kd', params: { temperature: 4, alpha: 0.9 } },
      sampler: DATA,
    },
    {
      name: 'KD, no labels',
      model: small,
      method: { id: 'kd', params: { temperature: 1, alpha: 1 } },
      sampler: DATA,
    },
    {
      name: 'Mixed answers',
      model: small,
      method: { id: 'mixed-teacher', params: { temperature: 1 } },
      sampler: blends(1, 'all'),
    },
    {
      name: 'Extracurricular',
      model: small,
      method: { id: 'xcl', params: plain },
      sampler: blends(0.5, 'all'),
    },
    {
      name: 'Confident only',
      model: small,
      method: { id: 'xcl', params: plain },
      sampler: blends(0.5, 'confident'),
    },
    {
      name: 'Uncertain only',
      model: small,
      method: { id: 'xcl', params: plain },
      sampler: blends(0.5, 'uncertain'),
    },
  ],
};

const wide: Choice = { id: 'mlp', params: { hidden: [32, 32] } };
const made = (name: string, compression?: Choice): Recipe['students'][number] => ({
  name,
  model: wide,
  method: { id: 'kd', params: { temperature: 1, alpha: 1 } },
  sampler: blends(0.5, 'all'),
  ...(compression && { compression }),
});

/** The same student made smaller in several ways, while it learns and afterwards. */
const smaller: Recipe = {
  ...spiral,
  preset: 'smaller',
  students: [
    made('As it is'),
    made('2 bits', {
      id: 'dkm',
      params: {
        start: 0.5,
        bits: 2,
        dim: 1,
        iterations: 3,
        softness: 1,
        lastSoftness: 0.05,
        keepEnds: false,
      },
    }),
    made('2 bits, after', { id: 'kmeans', params: { bits: 2, dim: 1, keepEnds: false } }),
    made('Pruned', {
      id: 'magnitude',
      params: { start: 0.4, sparsity: 0.8, rounds: 3, keepEnds: false },
    }),
    made('Half wide', {
      id: 'filters',
      params: { start: 0.4, share: 0.5, by: 'weights' },
    }),
    made('Low rank', {
      id: 'low-rank',
      params: { start: 0.4, rank: 0.25, keepEnds: false },
    }),
  ],
  steps: 1000,
};

/** The first is what a visitor with a GPU sees first. */
export const presets: readonly [Preset, ...Preset[]] = [
  {
    id: 'shapes-b',
    title: 'Shapes, 1,000 images',
    oneLine: 'Ten shapes on busy backgrounds; three wide, well-ordered gaps.',
    recipe: images('shapes-b', { id: 'shapes', params: { preset: 'B' } }, 'shapes-b', 1000, 1000),
  },
  {
    id: 'spiral',
    title: 'Spiral, 90 points',
    oneLine:
      'Three arms on a plane: the decision regions can be seen moving. Runs on any processor.',
    recipe: spiral,
  },
  {
    id: 'grid',
    title: 'Spiral, eight arms',
    oneLine:
      'Which part of the method does it? Labels, mixing, asking the teacher, and its uncertain answers, one at a time.',
    recipe: grid,
  },
  {
    id: 'smaller',
    title: 'Spiral, made smaller',
    oneLine:
      'One student made smaller in five ways while it is distilled: fewer bits, weights, neurons or ranks.',
    recipe: smaller,
  },
  {
    id: 'shapes-c',
    title: 'Shapes, 500 images',
    oneLine: 'Easier shapes, fewer of them: the safest of the comparisons.',
    recipe: images('shapes-c', { id: 'shapes', params: { preset: 'C' } }, 'shapes-c', 500, 1000),
  },
  {
    id: 'cifar10',
    title: 'CIFAR-10, 2,000 images',
    oneLine: 'Real photographs, which you bring yourself: drop the archive on the page.',
    recipe: images('cifar10', { id: 'cifar10', params: {} }, 'cifar10', 2000, 2000),
  },
  {
    id: 'cifar100',
    title: 'CIFAR-100, 5,000 images',
    oneLine:
      'A hundred kinds of photographs, which you bring yourself. No teacher comes with it: one is trained first.',
    recipe: { ...images('cifar100', CIFAR100, 'cifar10', 5000, 2000), teacher: trained(2000) },
  },
  {
    id: 'own-images',
    title: 'Your own images',
    oneLine:
      'Any labelled images: a folder for each class, a zip, an .npz, IDX files, a CSV. The teacher is trained on them first.',
    recipe: own,
  },
  {
    id: 'curve',
    title: 'Curve, 15 points',
    oneLine:
      'Real values instead of classes: mean and band of teacher and students over the points. Runs on any processor.',
    recipe: curve,
  },
  {
    id: 'eyes',
    title: 'Eyes, 500 images',
    oneLine:
      'Where does an eye look? Two angles, and a lid that hides them: the networks say how sure they are.',
    recipe: eyes,
  },
];

/** What a visitor sees first: images where a GPU trains, the plane where only the processor does. */
export function defaultPreset(device: 'gpu' | 'cpu'): Preset {
  return (
    presets.find((entry) => entry.id === (device === 'gpu' ? 'shapes-b' : 'spiral')) ?? presets[0]
  );
}

/** The preset that finds faults; its recipes are of another kind (anomaly.ts). */
export const FAULTS = { id: 'destseg', title: 'DeSTSeg: finding faults' } as const;

const ORDER = ['spiral', 'grid', 'smaller', 'shapes-b', 'shapes-c'];

/** What the page's menu offers, in its order: the plane first, which every device trains. */
export const menu: readonly { readonly id: string; readonly title: string }[] = [
  ...ORDER.flatMap((id) => presets.find((preset) => preset.id === id) ?? []),
  ...presets.filter(({ id }) => !ORDER.includes(id)),
  FAULTS,
];
