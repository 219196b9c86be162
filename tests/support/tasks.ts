import { Random } from '../../src/recipe/random';
import type { Split, TaskData } from '../../src/tasks/contract';

const CLASSES = ['one', 'two', 'three', 'four', 'five'];

/** Noise on which each class brightens its own rows and columns: small, and learnable. */
function imageSplit(name: string, count: number, side: number, classes: number): Split {
  const random = Random.from(1, `test/${name}`);
  const y = Uint8Array.from({ length: count }, (_, i) => i % classes);
  const x = new Uint8Array(count * side * side * 3);
  for (let i = 0; i < x.length; i += 1) {
    const row = Math.floor(i / (side * 3)) % side;
    const column = Math.floor(i / 3) % side;
    const label = y[Math.floor(i / (side * side * 3))] ?? 0;
    const lit = row % classes === label || column % classes === label;
    x[i] = random.integer(120) + (lit ? 120 : 0);
  }
  return { x, y, count };
}

/** A small task of images, [side, side, 3]; equal for equal sizes. */
export function imageTask({ count = 40, side = 8, classes = 5, held = 20 } = {}): TaskData {
  return {
    shape: [side, side, 3],
    classes: CLASSES.slice(0, classes),
    train: imageSplit('train', count, side, classes),
    validation: imageSplit('validation', held, side, classes),
    test: imageSplit('test', held, side, classes),
    normalisation: { scale: 1 / 255, mean: [0.4, 0.45, 0.5], std: [0.25, 0.2, 0.3] },
  };
}

/** Three noisy clusters on the plane. */
function planeSplit(name: string, count: number): Split {
  const random = Random.from(1, `test/${name}`);
  const y = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const x = Float32Array.from({ length: count * 2 }, (_, i) => {
    const angle = (2 * Math.PI * (y[i >> 1] ?? 0)) / 3;
    return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.3 * random.normal();
  });
  return { x, y, count };
}

/** A small task on the plane with three classes. */
export function planeTask({ count = 30, held = 30 } = {}): TaskData {
  return {
    shape: [2],
    classes: CLASSES.slice(0, 3),
    train: planeSplit('train', count),
    validation: planeSplit('validation', held),
    test: planeSplit('test', held),
    normalisation: { scale: 1, mean: [0, 0], std: [1, 1] },
  };
}
