import { Random } from '../../src/recipe/random';
import type { Split, TaskData } from '../../src/tasks/contract';

/** Points around a parabola with two targets, of which the second has another scale. */
function valueSplit(name: string, count: number): Split {
  const random = Random.from(1, `test/${name}`);
  const x = Float32Array.from({ length: count }, () => random.range(-1, 1));
  const values = Float32Array.from({ length: 2 * count }, (_, i) => {
    const at = x[i >> 1] ?? 0;
    return i % 2 === 0 ? at * at + 0.1 * random.normal() : 20 + 10 * at + random.normal();
  });
  return { x, y: new Uint8Array(), values, count };
}

/** A small task on the line with two real-valued targets. */
export function lineTask({ count = 30, held = 30 } = {}): TaskData {
  return {
    shape: [1],
    classes: [],
    targets: { names: ['first', 'second'], unit: 'm', mean: [0.3, 20], std: [0.3, 6] },
    train: valueSplit('train', count),
    validation: valueSplit('validation', held),
    test: valueSplit('test', held),
    normalisation: { scale: 1, mean: [0.1], std: [0.6] },
  };
}
