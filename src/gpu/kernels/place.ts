import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/** Copies numbers into a longer list from place `start` on. Bindings: from [size], to. */
export function placeNumbers(size: number, start: number): Program {
  return {
    kernel: {
      key: 'place',
      code: () => `
${bindings(['from', '=to'], ['size', 'start'])}
${entry()}
  if (at >= n.size) { return; }
  to[n.start + at] = from[at];
}`,
    },
    groups: spread(size),
    numbers: [size, start],
  };
}

/**
 * The same in another order: the number for place i goes to `order[i]`. Bindings: from [size], order, to.
 *
 * @param start the place of the first number
 */
export function placeInOrder(size: number, start: number): Program {
  return {
    kernel: {
      key: 'place in order',
      code: () => `
${bindings(['from', '#order', '=to'], ['size', 'start'])}
${entry()}
  if (at >= n.size) { return; }
  to[order[n.start + at]] = from[at];
}`,
    },
    groups: spread(size),
    numbers: [size, start],
  };
}
