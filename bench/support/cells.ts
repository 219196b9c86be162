import { defaultsOf } from '../../src/recipe/fields';
import { presets } from '../../src/recipe/presets';
import type { Choice, Recipe, Student } from '../../src/recipe/recipe';
import { models } from '../../src/models/registry';
import type { Split, TaskData } from '../../src/tasks/contract';

export const MODELS = ['resnet8', 'resnet8half', 'resnet20', 'tinyconv', 'mlp'] as const;
export const ARMS = ['erm', 'kd', 'xcl'] as const;
export const IMPLEMENTATIONS = ['plain-tfjs', 'extracurricular'] as const;

/** One thing to measure. */
export interface Cell {
  readonly model: (typeof MODELS)[number];
  readonly arm: (typeof ARMS)[number];
  readonly batch: number;
  readonly implementation: (typeof IMPLEMENTATIONS)[number];
}

/** A training run that can be stepped. A step ends with everything submitted to the GPU. */
export interface Run {
  step(): Promise<void>;
}

export const nameOf = ({ model, arm, batch, implementation }: Cell): string =>
  `${model}, ${arm}, batch ${batch}, ${implementation}`;

/** An architecture by its defaults; residual nets at full resolution, as in the plain CIFAR nets. */
function choose(model: Cell['model']): Choice {
  const params = defaultsOf(models.get(model).params);
  return { id: model, params: 'stemStride' in params ? { ...params, stemStride: 1 } : params };
}

/** The preset that a cell is a variation of: the spiral for points on the plane, the shapes for images. */
export function presetOf(cell: Cell): Recipe {
  const id = cell.model === 'mlp' ? 'spiral' : 'shapes-b';
  const found = presets.find((preset) => preset.id === id);
  if (!found) throw new Error(`there is no preset ${id}`);
  return found.recipe;
}

/** The preset's student of the cell's arm (its method and sampler as they are) on the cell's model. */
export function studentOf(cell: Cell): Student {
  const found = presetOf(cell).students.find(({ method }) => method.id === cell.arm);
  if (!found) throw new Error(`the preset has no arm ${cell.arm}`);
  return { ...found, model: choose(cell.model) };
}

/** The teacher's architecture: a ResNet-20 at full resolution, on the plane the spiral's MLP. */
export function teacherOf(cell: Cell): Choice {
  return cell.model === 'mlp' ? { id: 'mlp', params: { hidden: [64, 64] } } : choose('resnet20');
}

function split(count: number, shape: readonly number[], classes: number): Split {
  const size = count * shape.reduce((a, b) => a * b, 1);
  const x =
    shape.length === 3
      ? Uint8Array.from({ length: size }, (_, i) => (i * 37) % 251)
      : Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  return { x, y: Uint8Array.from({ length: count }, (_, i) => i % classes), count };
}

/** Made-up examples in the form of the cell's task: 32 x 32 pictures of ten classes, or points of three. */
export function dataOf(cell: Cell, count: number): TaskData {
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
