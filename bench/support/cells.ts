import { defaultsOf } from '../../src/recipe/fields';
import { Random } from '../../src/recipe/random';
import { presets } from '../../src/recipe/presets';
import type { Choice, Recipe, Student } from '../../src/recipe/recipe';
import { models } from '../../src/models/registry';
import type { Split, TaskData } from '../../src/tasks/contract';

export const MODELS = ['resnet8', 'resnet8half', 'resnet20', 'tinyconv', 'mlp'] as const;
export const ARMS = ['erm', 'kd', 'xcl'] as const;
/** What is counted (--counts); what is timed is listed in timing/peers.ts. */
export const IMPLEMENTATIONS = ['plain-tfjs', 'extracurricular'] as const;

/** A training step to measure. */
export interface Setup {
  readonly model: (typeof MODELS)[number];
  readonly arm: (typeof ARMS)[number];
  readonly batch: number;
}

/** A step as one implementation takes it. */
export interface Cell extends Setup {
  readonly implementation: (typeof IMPLEMENTATIONS)[number];
}

/** Where an implementation computes; 'mock' counts and computes nothing. */
export type Place = 'mock' | 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** Values by name, with their shapes. */
export type Tensors = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: Float32Array }
>;

/** A training run (or a lone kernel) that can be stepped. */
export interface Run {
  /** Gets ready, outside of any measured time, what the next steps read. */
  prepare(steps: number): void;
  /** One step as far as JavaScript takes it; waits for no device. */
  step(): Promise<void>;
  /** Hands what was recorded to the device, and may wait until few steps are queued there. */
  submit(): Promise<void>;
  /** Waits until the device has done everything. */
  finish(): Promise<void>;
  /** The trainable weights as they stand, or a kernel's outputs. */
  results(): Promise<Tensors>;
}

export const setupName = ({ model, arm, batch }: Setup): string =>
  `${model}, ${arm}, batch ${batch}`;
export const nameOf = (cell: Cell): string => `${setupName(cell)}, ${cell.implementation}`;

/** An architecture by its defaults; residual nets at full resolution, as in the plain CIFAR nets. */
function choose(model: Setup['model']): Choice {
  const params = defaultsOf(models.get(model).params);
  return { id: model, params: 'stemStride' in params ? { ...params, stemStride: 1 } : params };
}

/** The preset that a setup is a variation of: the spiral for points on the plane, the shapes for images. */
export function presetOf(cell: Setup): Recipe {
  const id = cell.model === 'mlp' ? 'spiral' : 'shapes-b';
  const found = presets.find((preset) => preset.id === id);
  if (!found) throw new Error(`there is no preset ${id}`);
  return found.recipe;
}

/** The preset's student of the setup's arm (its method and sampler as they are) on the setup's model. */
export function studentOf(cell: Setup): Student {
  const found = presetOf(cell).students.find(({ method }) => method.id === cell.arm);
  if (!found) throw new Error(`the preset has no arm ${cell.arm}`);
  return { ...found, model: choose(cell.model) };
}

/** The teacher's architecture: a ResNet-20 at full resolution, on the plane the spiral's MLP. */
export function teacherOf(cell: Setup): Choice {
  return cell.model === 'mlp' ? { id: 'mlp', params: { hidden: [64, 64] } } : choose('resnet20');
}

function split(count: number, shape: readonly number[], classes: number): Split {
  const size = count * shape.reduce((a, b) => a * b, 1);
  const x =
    shape.length === 3 ? noise(size) : Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  return { x, y: Uint8Array.from({ length: count }, (_, i) => i % classes), count };
}

/** Pixels without a pattern: of pictures that are all alike, batch norm would leave rounding errors alone. */
function noise(size: number): Uint8Array {
  const random = Random.from(1, 'pixels');
  return Uint8Array.from({ length: size }, () => random.integer(256));
}

/** The smallest transfer set that every task allows. */
const FEWEST = 50;

/** How many examples a setup trains on: one batch's, or as many as a task has to have. */
export const countOf = ({ batch }: Setup): number => Math.max(FEWEST, batch);

/** Made-up examples in the form of the setup's task: 32 x 32 pictures of ten classes, or points of three. */
export function dataOf(cell: Setup, count: number): TaskData {
  const plane = cell.model === 'mlp';
  const shape = plane ? [2] : [32, 32, 3];
  const classes = plane ? 3 : 10;
  const part = split(count, shape, classes);
  return {
    shape,
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    train: part,
    validation: part,
    test: part,
    normalisation: plane
      ? { scale: 1, mean: [0, 0], std: [1, 1] }
      : { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  };
}
