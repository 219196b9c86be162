/** Made-up messages of a worker, for tests of the page's logic. */
import { presets } from '../../src/recipe/presets';
import type { Catalogue, Recipe } from '../../src/recipe/recipe';
import type {
  DeviceReport,
  Figures,
  FromWorker,
  StageSample,
  TaskReport,
} from '../../src/worker/protocol';

export const images = presetRecipe('shapes-b');
export const spiral = presetRecipe('spiral');

function presetRecipe(id: string): Recipe {
  const found = presets.find((preset) => preset.id === id);
  if (!found) throw new Error(`there is no preset ${id}`);
  return found.recipe;
}

export const gpu: DeviceReport = {
  backend: 'webgpu',
  adapter: 'a test',
  software: false,
  selfTest: { passed: true, worst: 1e-6, milliseconds: 100 },
  refused: [],
};

export const processor: DeviceReport = { ...gpu, backend: 'wasm', refused: ['WebGPU: none'] };

const task = (id: string, kind: 'image' | 'plane', needsFiles: boolean) => ({
  id,
  title: id,
  oneLine: '',
  params: {},
  cite: [],
  kind,
  licence: '',
  source: '',
  needsFiles,
  transfer: { default: 100, min: 10, max: 1000 },
});

export const catalogue: Catalogue = {
  tasks: [
    task('shapes', 'image', false),
    task('spiral', 'plane', false),
    task('cifar10', 'image', true),
  ],
  models: [],
  methods: [],
  samplers: [],
  compressions: [],
  teachers: [],
};

export function figures(accuracy: number): Figures {
  return { accuracy, agreement: accuracy, kl: 1 - accuracy, nll: 1, ece: 0.1 };
}

export const report: TaskReport = {
  classes: ['ship', 'plane'],
  shape: [2, 2, 3],
  counts: { train: 100, transfer: 100, validation: 1000, test: 3000 },
  teacher: { title: 'T', validation: figures(0.98), parameters: 10, macs: 10 },
  students: [],
  examples: [],
};

export function metrics(run: number, step: number): FromWorker {
  return {
    type: 'metrics',
    run,
    progress: {
      step,
      steps: 1000,
      stepsPerSecond: 10,
      secondsLeft: 5,
      teacherCalls: step,
      teacherRows: step * 64,
    },
    train: [{ loss: 1, terms: {} }],
  };
}

export function evaluated(run: number, step: number, accuracies: readonly number[]): FromWorker {
  const students = accuracies.map(figures);
  const point = { step, seconds: step, students, averaged: null };
  return { type: 'evaluated', run, point, verdicts: [] };
}

export function sample(id: number, entropy = 0.5): StageSample {
  return {
    id,
    step: id,
    source: 'cutmix',
    pixels: new Uint8ClampedArray(16),
    parents: [
      { row: 0, label: 0, share: 0.37, pixels: new Uint8ClampedArray(16) },
      { row: 1, label: 1, share: 0.63, pixels: new Uint8ClampedArray(16) },
    ],
    teacher: [0.4, 0.6],
    students: [[0.5, 0.5]],
    entropy,
    kl: [0.02],
  };
}
