import type { AnomalyRecipe } from '../recipe/anomaly';
import { UserError } from '../recipe/errors';
import { Random } from '../recipe/random';
import type { Split, TaskData } from '../tasks/contract';
import { NORMALISATION, SIDE } from '../tasks/shapes/draw';
import { tasks } from '../tasks/registry';
import { loadTask } from '../train/prepare';
import type { Surroundings } from '../train/prepare';
import { DEFECTS, withDefect } from './defects';
import type { Defect } from './defects';
import { wovenImage } from './texture';

/** Images to judge: the first half normal, the second half with a fault, kinds in turn. */
export interface Judged {
  readonly images: readonly Uint8Array[];
  readonly masks: readonly Uint8Array[];
  readonly kinds: readonly (Defect | null)[];
}

export interface NormalData {
  readonly side: number;
  readonly normalisation: TaskData['normalisation'];
  /** What is learned from, RGB bytes each. */
  readonly train: readonly Uint8Array[];
  readonly validation: Judged;
  readonly test: Judged;
}

/** Task rows that are read for each normal image that is wanted: classes are about equally frequent. */
const SPARE = 1.4;

/** The recipe's images. The texture follows from the run's seed; a class is read by its task. */
export async function loadNormal(recipe: AnomalyRecipe, around: Surroundings): Promise<NormalData> {
  const { images, testImages } = recipe.evaluation;
  const parts = await sources(recipe, around);
  return {
    side: SIDE,
    normalisation: parts.normalisation,
    train: parts.train,
    validation: judged(parts.validation, images, Random.from(recipe.seed, 'anomaly/validation')),
    test: judged(parts.test, testImages, Random.from(recipe.seed, 'anomaly/test')),
  };
}

interface Parts {
  readonly normalisation: TaskData['normalisation'];
  readonly train: readonly Uint8Array[];
  readonly validation: readonly Uint8Array[];
  readonly test: readonly Uint8Array[];
}

async function sources(recipe: AnomalyRecipe, around: Surroundings): Promise<Parts> {
  const { normal, images, evaluation, seed } = recipe;
  if (normal.source === 'texture') {
    const drawn = (part: string, count: number) =>
      Array.from({ length: count }, (_, i) =>
        wovenImage(SIDE, Random.from(seed, `texture/${part}/${i}`)),
      );
    return {
      normalisation: NORMALISATION,
      train: drawn('train', images),
      validation: drawn('validation', 2 * evaluation.images),
      test: drawn('test', 2 * evaluation.testImages),
    };
  }
  const task = tasks.get(normal.task.id);
  const transfer = Math.min(task.transfer.max, Math.ceil(images * 10 * SPARE));
  const data = await loadTask({ task: normal.task, transfer, redraw: false, seed }, around);
  const name = data.classes[normal.class];
  if (name === undefined)
    throw new UserError(
      'E_RECIPE',
      `normal.class is ${normal.class}, and ${task.title} has ${data.classes.length} classes.`,
      'Give a whole number below that.',
    );
  return {
    normalisation: data.normalisation,
    train: ofClass(data.train, normal.class, images, name),
    validation: ofClass(data.validation, normal.class, 2 * evaluation.images, name),
    test: ofClass(data.test, normal.class, 2 * evaluation.testImages, name),
  };
}

/** The first images of a class in a split; at most `count`. @throws UserError where there are next to none */
function ofClass(split: Split, label: number, count: number, name: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  const size = split.x.length / split.count;
  for (let row = 0; row < split.count && found.length < count; row += 1)
    if (split.y[row] === label)
      found.push(Uint8Array.from(split.x.subarray(row * size, (row + 1) * size)));
  if (found.length >= 4) return found;
  throw new UserError(
    'E_DATA_TOO_FEW',
    `There are ${found.length} images of the class "${name}"; at least 4 are needed.`,
    'Choose another class, or give more files.',
  );
}

/** Half of the images as they are, half with a fault. */
function judged(images: readonly Uint8Array[], count: number, random: Random): Judged {
  const normal = images.slice(0, Math.min(count, Math.floor(images.length / 2)));
  const other = images.slice(normal.length, 2 * normal.length);
  const kinds = other.map((_, i) => DEFECTS[i % DEFECTS.length] as Defect);
  const faulty = other.map((image, i) =>
    withDefect(kinds[i] as Defect, image, random.fork(`${i}`)),
  );
  return {
    images: [...normal, ...faulty.map(({ image }) => image)],
    masks: [...normal.map(() => new Uint8Array(SIDE * SIDE)), ...faulty.map(({ mask }) => mask)],
    kinds: [...normal.map(() => null), ...kinds],
  };
}
