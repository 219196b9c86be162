import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/**
 * Batches out of a data set that lies on the GPU. A step uploads one plan per row, six 32-bit words:
 *
 * 0 row, 1 partner row, 2 how the row is looked at, 3 how the partner is, 4 the box [top, left, bottom, right] in bytes,
 * 5 the first row's share as float bits. A look is top and left (8 bits each, signed), flip (bit 16), looked at (bit 17);
 * word 2 also holds whether the row's line is remembered (bit 18), and the kind of mix from bit 20 on.
 */
export const PLAN_WORDS = 6;
export const FLIP = 1 << 16;
export const LOOKED = 1 << 17;
export const REMEMBERED = 1 << 18;
export const KIND_BIT = 20;
/** Kinds of mix: none, a weighted sum, a box of the partner, the partner alone (which has no label). */
export const KINDS = { real: 0, interpolation: 1, cutmix: 2, other: 3 } as const;

/** Which rows a batch shows: the mixed ones, their first parents, or their second parents (itself where not mixed). */
export type Part = 'mixed' | 'first' | 'second';

export interface SetShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** True where the set holds uint8 values, four to a word, false where it holds normalised float32. */
  readonly packed: boolean;
}

/**
 * x [rows, height, width, channels] in normalised units. Bindings: set, table [256, channels] of normalised values (where
 * packed), plans, x. The table is made in double precision, so that pixels are to the bit what the processor makes.
 */
export function renderRows(rows: number, shape: SetShape, part: Part): Program {
  const { height, width, channels, packed } = shape;
  const read = packed
    ? 'table[i32((u32(pixels[at / 4]) >> u32(8 * (at % 4))) & 255u) * n.channels + c]'
    : 'pixels[at]';
  const pick: Record<Part, string> = {
    mixed: `
  var v = value(plan[0], plan[2], y, x, c);
  if (kind == ${KINDS.interpolation}) {
    let share = bitcast<f32>(plan[5]);
    v = share * v + (1.0 - share) * value(plan[1], plan[3], y, x, c);
  } else if (kind == ${KINDS.cutmix}) {
    let box = vec4i(plan[4], plan[4] >> 8u, plan[4] >> 16u, plan[4] >> 24u) & vec4i(255);
    if (y >= box.x && x >= box.y && y < box.z && x < box.w) { v = value(plan[1], plan[3], y, x, c); }
  } else if (kind >= ${KINDS.other}) {
    v = value(plan[1], 0, y, x, c);
  }`,
    first: 'let v = value(plan[0], plan[2], y, x, c);',
    second: `
  var v = 0.0;
  if (kind == ${KINDS.real}) { v = value(plan[0], plan[2], y, x, c); }
  else { v = value(plan[1], plan[3], y, x, c); }`,
  };
  return {
    kernel: {
      key: `render ${part} ${packed ? 'packed' : 'float'}`,
      code: () => `
${bindings([packed ? '#pixels' : 'pixels', ...(packed ? ['table'] : []), '#plans', '=out'], ['rows', 'height', 'width', 'channels'])}

fn value(row: i32, look: i32, y: i32, x: i32, c: i32) -> f32 {
  var sy = y;
  var sx = x;
  if ((look & ${LOOKED}) != 0) {
    // Shifting up and down again keeps the sign of the 8 bits.
    sy = y + ((look << 24u) >> 24u);
    sx = select(x, n.width - 1 - x, (look & ${FLIP}) != 0) + ((look << 16u) >> 24u);
    if (sy < 0 || sy >= n.height || sx < 0 || sx >= n.width) { return 0.0; }
  }
  let at = ((row * n.height + sy) * n.width + sx) * n.channels + c;
  return ${read};
}
${entry()}
  let size = n.height * n.width * n.channels;
  if (at >= n.rows * size) { return; }
  let c = at % n.channels;
  let x = (at / n.channels) % n.width;
  let y = (at / (n.channels * n.width)) % n.height;
  var plan = array<i32, ${PLAN_WORDS}>();
  for (var i = 0; i < ${PLAN_WORDS}; i++) { plan[i] = plans[(at / size) * ${PLAN_WORDS} + i]; }
  let kind = plan[2] >> ${KIND_BIT}u;
  ${pick[part]}
  out[at] = v;
}`,
    },
    groups: spread(rows * height * width * channels),
    numbers: [rows, height, width, channels],
  };
}

/**
 * Targets [rows, classes] from labels: one-hot for a real row; for a mixed one a mixture by share where `mixed`, else
 * zeros; zeros for a row that is not of the data. Bindings: labels (int32), plans, targets.
 */
export function targetRows(rows: number, classes: number, mixed: boolean): Program {
  return {
    kernel: {
      key: `targets ${mixed ? 'mixed' : 'hard'}`,
      code: () => `
${bindings(['#labels', '#plans', '=targets'], ['rows', 'classes'])}
${entry()}
  if (at >= n.rows * n.classes) { return; }
  let label = at % n.classes;
  let plan = (at / n.classes) * ${PLAN_WORDS};
  let own = select(0.0, 1.0, labels[plans[plan]] == label);
  var aim = own;
  let kind = plans[plan + 2] >> ${KIND_BIT}u;
  if (kind >= ${KINDS.other}) {
    aim = 0.0;
  } else if (kind != ${KINDS.real}) {
    let share = bitcast<f32>(plans[plan + 5]);
    let other = select(0.0, 1.0, labels[plans[plan + 1]] == label);
    aim = ${mixed ? 'share * own + (1.0 - share) * other' : '0.0 * share * other'};
  }
  targets[at] = aim;
}`,
    },
    groups: spread(rows * classes),
    numbers: [rows, classes],
  };
}

/** The rows' lines of real-valued targets [count, columns], zeros for mixed rows. Bindings: targets, plans, out. */
export function valueRows(rows: number, columns: number): Program {
  return {
    kernel: {
      key: 'values',
      code: () => `
${bindings(['table', '#plans', '=out'], ['rows', 'columns'])}
${entry()}
  if (at >= n.rows * n.columns) { return; }
  let plan = (at / n.columns) * ${PLAN_WORDS};
  let real = (plans[plan + 2] >> ${KIND_BIT}u) == ${KINDS.real};
  out[at] = select(0.0, table[plans[plan] * n.columns + at % n.columns], real);
}`,
    },
    groups: spread(rows * columns),
    numbers: [rows, columns],
  };
}

/** The rows' lines of a table [count, columns]: the first parent's, or the second's. Bindings: table, plans, out. */
export function lookUpRows(rows: number, columns: number, part: 'first' | 'second'): Program {
  return {
    kernel: {
      key: `look up ${part}`,
      code: () => `
${bindings(['table', '#plans', '=out'], ['rows', 'columns'])}
${entry()}
  if (at >= n.rows * n.columns) { return; }
  let plan = (at / n.columns) * ${PLAN_WORDS};
  var row = plans[plan];
  ${part === 'second' ? `if ((plans[plan + 2] >> ${KIND_BIT}u) != ${KINDS.real}) { row = plans[plan + 1]; }` : ''}
  out[at] = table[row * n.columns + at % n.columns];
}`,
    },
    groups: spread(rows * columns),
    numbers: [rows, columns],
  };
}

/**
 * Writes lines [rows, columns] into a table [count, columns] at the place of each row that its plan says is remembered. No
 * two of a batch may name the same one: which of them was written last would be chance. Bindings: plans, lines, table.
 */
export function storeRows(rows: number, columns: number): Program {
  return {
    kernel: {
      key: 'store rows',
      code: () => `
${bindings(['#plans', 'lines', '=table'], ['rows', 'columns'])}
${entry()}
  if (at >= n.rows * n.columns) { return; }
  let plan = (at / n.columns) * ${PLAN_WORDS};
  if ((plans[plan + 2] & ${REMEMBERED}) == 0) { return; }
  table[plans[plan] * n.columns + at % n.columns] = lines[at];
}`,
    },
    groups: spread(rows * columns),
    numbers: [rows, columns],
  };
}

/** The first row's share of each row, 1 where it is not mixed. Bindings: plans, out [rows]. */
export function shareRows(rows: number): Program {
  return {
    kernel: {
      key: 'shares',
      code: () => `
${bindings(['#plans', '=out'], ['rows'])}
${entry()}
  if (at >= n.rows) { return; }
  let mixed = (plans[at * ${PLAN_WORDS} + 2] >> ${KIND_BIT}u) != ${KINDS.real};
  out[at] = select(1.0, bitcast<f32>(plans[at * ${PLAN_WORDS} + 5]), mixed);
}`,
    },
    groups: spread(rows),
    numbers: [rows],
  };
}
