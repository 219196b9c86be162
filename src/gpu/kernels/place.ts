import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/** Copies numbers into a longer list from place `start` on. Bindings: numbers [size], list. */
export function placeNumbers(size: number, start: number): Program {
  return {
    kernel: {
      key: 'place',
      code: () => `
${bindings(['numbers', '=list'], ['size', 'start'])}
${entry()}
  if (at >= n.size) { return; }
  list[n.start + at] = numbers[at];
}`,
    },
    groups: spread(size),
    numbers: [size, start],
  };
}

/**
 * The same in another order: the number for place i goes to `order[i]`. Bindings: numbers [size], order, list.
 *
 * @param start the place of the first number
 */
export function placeInOrder(size: number, start: number): Program {
  return {
    kernel: {
      key: 'place in order',
      code: () => `
${bindings(['numbers', '#order', '=list'], ['size', 'start'])}
${entry()}
  if (at >= n.size) { return; }
  list[order[n.start + at]] = numbers[at];
}`,
    },
    groups: spread(size),
    numbers: [size, start],
  };
}
