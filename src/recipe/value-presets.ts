import type { Choice, Optimizer, Recipe, Student } from './recipe';

/** Runs whose targets are real values: networks answer with Gaussians. */

const VIEW = { augment: 'none', pad: 4 } as const;
const DATA: Choice = { id: 'none', params: VIEW };

const adam = (rate: number, warmup: number, weightDecay: number): Optimizer => ({
  kind: 'adam',
  rate,
  momentum: 0.9,
  nesterov: false,
  weightDecay,
  schedule: 'cosine',
  warmup,
});

/** Likelihood of the labels, the teacher's mean alone, and its whole Gaussian on inputs outside the data too. */
function three(model: Choice, sampler: Choice): readonly Student[] {
  return [
    {
      name: 'ERM',
      model,
      method: { id: 'gaussian-nll', params: { meanWarmup: 0.25 } },
      sampler: DATA,
    },
    { name: 'KD, mean only', model, method: { id: 'kd-mean', params: {} }, sampler: DATA },
    {
      name: 'Extracurricular',
      model,
      method: { id: 'xcl-gaussian', params: { direction: 'forward', labelWeight: 0 } },
      sampler,
    },
  ];
}

export const curve: Recipe = {
  version: 1,
  preset: 'curve',
  task: { id: 'curve', params: { points: 1000, noise: 0.4 } },
  transfer: 15,
  redraw: false,
  teacher: {
    source: 'train',
    model: { id: 'mlp', params: { hidden: [64, 64] } },
    augment: 'none',
    pad: 0,
    batch: 100,
    steps: 800,
    optimizer: adam(0.01, 0, 1e-5),
    members: 1,
    meanWarmup: 0.25,
  },
  companions: [],
  students: three(
    { id: 'mlp', params: { hidden: [16, 16] } },
    { id: 'noise', params: { share: 0.5, select: 'all', ...VIEW, sigma: 0.5 } },
  ),
  optimizer: adam(0.008, 0, 0),
  steps: 1500,
  batch: 30,
  evaluation: { every: 50, images: 1000, testImages: 10000 },
  averageDecay: 0,
  halfPrecision: false,
  subgroups: false,
  seed: 1,
};

export const eyes: Recipe = {
  ...curve,
  preset: 'eyes',
  task: { id: 'eyes', params: { images: 3000 } },
  transfer: 500,
  teacher: {
    source: 'train',
    model: { id: 'resnet8half', params: { stemStride: 2, widths: [8, 8, 16, 32] } },
    augment: 'none',
    pad: 0,
    batch: 64,
    steps: 500,
    optimizer: adam(0.005, 20, 1e-4),
    members: 1,
    meanWarmup: 0.25,
  },
  students: three(
    { id: 'tinyconv', params: { widths: [8, 16, 32] } },
    {
      id: 'cutmix',
      params: { share: 0.5, select: 'all', ...VIEW, alpha: 1, pairs: 'any' },
    },
  ),
  optimizer: adam(0.003, 20, 0),
  steps: 600,
  batch: 64,
};
