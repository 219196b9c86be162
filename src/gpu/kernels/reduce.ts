import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/** In how many parts so many rows are summed: about as many as each adds up rows, over two. */
export function partsOf(rows: number): number {
  return Math.max(1, Math.min(256, Math.ceil(Math.sqrt(rows) / 2)));
}

/**
 * Sums over the middle of [outer, rows, columns] in `parts` interleaved parts, divided by `divisor`: with one part the sums
 * themselves, with more of them what a second run over [outer, parts, columns] adds up. Rows are read in the order in which
 * they lie. Bindings: x, out [outer, parts, columns].
 */
export function sumRows(
  outer: number,
  rows: number,
  columns: number,
  parts: number,
  divisor: number,
): Program {
  return {
    kernel: {
      key: 'sum rows',
      code: () => `
${bindings(['x', '=out'], ['outer', 'rows', 'columns', 'parts', 'divisor'])}
${entry()}
  if (at >= n.outer * n.parts * n.columns) { return; }
  let c = at % n.columns;
  let part = (at / n.columns) % n.parts;
  let first = (at / (n.columns * n.parts)) * n.rows;
  var sum = 0.0;
  for (var row = part; row < n.rows; row += n.parts) { sum += x[(first + row) * n.columns + c]; }
  out[at] = sum / f32(n.divisor);
}`,
    },
    groups: spread(outer * parts * columns),
    numbers: [outer, rows, columns, parts, divisor],
  };
}

/** A stretch of axes of a tensor that was reduced, or not, as a whole. */
export interface Stretch {
  readonly size: number;
  readonly reduced: boolean;
}

/**
 * The gradient of a sum: every value of dy at all the places that it was summed from, divided by `divisor`.
 * Bindings: dy (the kept stretches), dx (all stretches).
 */
export function spreadBack(stretches: readonly Stretch[], divisor: number): Program {
  const size = stretches.reduce((product, stretch) => product * stretch.size, 1);
  const names = stretches.map((_, i) => `size${i}`);
  const inwards = stretches.map((stretch, i) => ({ ...stretch, name: `n.size${i}` })).reverse();
  return {
    kernel: {
      key: `spread back ${stretches.map(({ reduced }) => (reduced ? 'r' : 'k')).join('')}`,
      code: () => `
${bindings(['dy', '=dx'], ['size', 'divisor', ...names])}
${entry()}
  if (at >= n.size) { return; }
  var rest = at;
  var place = 0;
  var stride = 1;
  ${inwards
    .map(
      ({ name, reduced }) =>
        `${reduced ? '' : `place += (rest % ${name}) * stride; stride *= ${name};`} rest /= ${name};`,
    )
    .join('\n  ')}
  dx[at] = dy[place] / f32(n.divisor);
}`,
    },
    groups: spread(size),
    numbers: [size, divisor, ...stretches.map((stretch) => stretch.size)],
  };
}
