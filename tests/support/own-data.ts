import type { OwnData } from '../../src/recipe/own-data';
import { Random } from '../../src/recipe/random';

const NAMES = ['ant', 'bee', 'cat', 'dog', 'eel'];

/** Images of noise in which each class has a stripe of its own; all of one side, grey. */
export function ownData(labels: readonly number[], more: Partial<OwnData> = {}, side = 8): OwnData {
  const random = Random.from(1, 'test/own');
  const size = side * side;
  const pixels = Uint8Array.from({ length: labels.length * size }, (_, i) => {
    const row = Math.floor((i % size) / side);
    return random.integer(100) + (row === (labels[Math.floor(i / size)] ?? 0) ? 150 : 0);
  });
  return {
    title: 'insects',
    format: 'image files',
    count: labels.length,
    channels: 1,
    pixels,
    sizes: new Uint16Array(2 * labels.length).fill(side),
    labels: Uint8Array.from(labels),
    classes: NAMES.slice(0, Math.max(...labels) + 1),
    roles: null,
    remarks: [],
    ...more,
  };
}

/** `each` labels of every class in turn. */
export function labelsInTurn(classes: number, each: number): number[] {
  return Array.from({ length: classes * each }, (_, i) => i % classes);
}
