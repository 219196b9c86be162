import { bindings } from './launch';
import type { Program } from './launch';

/**
 * Batch norm in training mode over [rows, channels], fused with what follows it (residual sum, ReLU). Forward and
 * backward are two kernels each: partial sums over groups of rows, then a kernel in which every invocation first adds the
 * partial sums of its own channel up. An invocation stays with one channel, and neighbours hold neighbouring channels:
 * loads are consecutive, and the second kernels need no workgroup memory.
 */

/** Batch norm's epsilon, as in PyTorch. */
const EPSILON = 1e-5;
/** How much of the moving statistics stays at each training step (PyTorch calls the complement momentum, 0.1). */
const KEEP = 0.9;

/** Most invocations of a workgroup. */
const GROUP = 256;
/** Rows that an invocation of the second kernels treats. */
const EACH = 32;
/** Most partial sums: each invocation of the second kernels reads all of its channel. */
const MOST_PARTS = 64;

interface Layout {
  /** Channels of a workgroup; there are `blocks` workgroups beside each other for all of them. */
  readonly width: number;
  readonly blocks: number;
  /** Rows that a workgroup treats at once. */
  readonly teams: number;
}

function layoutOf(channels: number): Layout {
  const width = Math.min(channels, GROUP);
  return { width, blocks: Math.ceil(channels / width), teams: Math.floor(GROUP / width) };
}

/** How many partial sums a reduction over so many rows keeps. */
export function partsOf(rows: number, channels: number): number {
  const { teams } = layoutOf(channels);
  return Math.max(1, Math.min(MOST_PARTS, Math.ceil(rows / (teams * EACH))));
}

/** The head of an entry point: the invocation's channel c, its team, and its workgroup. */
const head = (channels: number, synchronised: boolean): string => {
  const { width, blocks, teams } = layoutOf(channels);
  const outside = blocks * width !== channels;
  return `
@compute @workgroup_size(${width * teams})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let local = i32(index);
  let team = local / ${width};
  let c = i32(group.y) * ${width} + local % ${width};
  let part = i32(group.x);
  ${outside && !synchronised ? `if (c >= ${channels}) { return; }` : ''}`;
};

/**
 * The body of a first kernel: adds a and b up over the workgroup's rows, then over its teams, into partial[part].
 *
 * @param each statements that add to a and b for the value at `place`
 */
const partialSums = (channels: number, before: string, each: string): string => {
  const { width, blocks, teams } = layoutOf(channels);
  const inside = blocks * width === channels ? 'true' : `c < ${channels}`;
  return `
var<workgroup> sums: array<vec2f, ${width * teams}>;
${head(channels, true)}
  var a = 0.0;
  var b = 0.0;
  if (${inside}) {
    ${before}
    for (var row = part * ${teams} + team; row < n.rows; row += n.parts * ${teams}) {
      let place = row * ${channels} + c;
      ${each}
    }
  }
  sums[local] = vec2f(a, b);
  workgroupBarrier();
  if (team == 0 && ${inside}) {
    var total = vec2f();
    for (var t = 0; t < ${teams}; t++) { total += sums[t * ${width} + local]; }
    partial[(part * 2) * ${channels} + c] = total.x;
    partial[(part * 2 + 1) * ${channels} + c] = total.y;
  }
}`;
};

/** Adds the partial sums of channel c up into a and b. */
const merge = (channels: number): string => `
  var a = 0.0;
  var b = 0.0;
  for (var i = 0; i < n.parts; i++) {
    a += partial[(i * 2) * ${channels} + c];
    b += partial[(i * 2 + 1) * ${channels} + c];
  }`;

/** The body of a second kernel: `each` for every value at `place` of the invocation's rows. */
const stretch = (channels: number, each: string): string => {
  const { teams } = layoutOf(channels);
  return `
  let end = min(n.rows, (part + 1) * ${teams * EACH});
  for (var row = part * ${teams * EACH} + team; row < end; row += ${teams}) {
    let place = row * ${channels} + c;
    ${each}
  }
}`;
};

const sumGroups = (rows: number, channels: number): [number, number] => [
  partsOf(rows, channels),
  layoutOf(channels).blocks,
];

const stretchGroups = (rows: number, channels: number): [number, number] => {
  const { teams, blocks } = layoutOf(channels);
  return [Math.ceil(rows / (teams * EACH)), blocks];
};

/**
 * Partial sums of x and of its squares, both shifted by the first row so that a large mean costs no digits.
 * Bindings: x, partial [parts, 2, channels].
 */
export function normSums(rows: number, channels: number): Program {
  return {
    kernel: {
      key: `norm sums ${channels}`,
      code: () => `
${bindings(['x', '=partial'], ['rows', 'parts'])}
${partialSums(
  channels,
  'let shift = x[c];',
  'let v = x[place] - shift;\n      a += v;\n      b += v * v;',
)}`,
    },
    groups: sumGroups(rows, channels),
    numbers: [rows, partsOf(rows, channels)],
  };
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * gamma + beta (+ residual), ReLU; the first workgroup also writes the
 * batch's mean and 1 / sqrt(variance + epsilon) to `saved` [2, channels] and moves the moving statistics.
 * Bindings: x, partial, parameters, moving statistics, saved, [residual], y.
 */
export function normApply(
  rows: number,
  channels: number,
  options: { residual: boolean; relu: boolean },
  at: { gamma: number; beta: number; mean: number; variance: number },
): Program {
  const names = [
    'x',
    'partial',
    'parameters',
    '=moving',
    '=saved',
    ...(options.residual ? ['residual'] : []),
    '=y',
  ];
  const code = () => `
${bindings(names, ['rows', 'parts', 'gamma', 'beta', 'mean', 'variance'])}
${head(channels, false)}
  ${merge(channels)}
  let off = a / f32(n.rows);
  let variance = max(0.0, b / f32(n.rows) - off * off);
  let mean = x[c] + off;
  let inverse = inverseSqrt(variance + ${EPSILON});
  let scale = parameters[n.gamma + c] * inverse;
  let beta = parameters[n.beta + c];
  if (part == 0 && team == 0) {
    saved[c] = mean;
    saved[${channels} + c] = inverse;
    let unbiased = variance * f32(n.rows) / f32(max(1, n.rows - 1));
    moving[n.mean + c] = ${KEEP} * moving[n.mean + c] + ${1 - KEEP} * mean;
    moving[n.variance + c] = ${KEEP} * moving[n.variance + c] + ${1 - KEEP} * unbiased;
  }
  ${stretch(
    channels,
    // The mean goes first: folded into one shift it would cost digits where the batch hardly differs from it.
    `var v = (x[place] - mean) * scale + beta;
    ${options.residual ? 'v += residual[place];' : ''}
    y[place] = ${options.relu ? 'max(0.0, v)' : 'v'};`,
  )}`;
  return {
    kernel: {
      key: `norm apply ${channels} ${options.residual ? 'r' : ''}${options.relu ? 'a' : ''}`,
      code,
    },
    groups: stretchGroups(rows, channels),
    numbers: [rows, partsOf(rows, channels), at.gamma, at.beta, at.mean, at.variance],
  };
}

/**
 * Partial sums of dz and of dz * normalised x, where dz is dy behind the ReLU. With a residual and a ReLU dz is also
 * written out: it is the residual's gradient. Bindings: dy, [y where there is a ReLU], x, saved, [dz], partial.
 */
export function normGradientSums(
  rows: number,
  channels: number,
  options: { residual: boolean; relu: boolean },
): Program {
  const writes = options.residual && options.relu;
  const names = ['dy', ...(options.relu ? ['y'] : []), 'x', 'saved', ...(writes ? ['=dz'] : [])];
  return {
    kernel: {
      key: `norm gradient sums ${channels} ${options.relu ? 'a' : ''}${writes ? 'r' : ''}`,
      code: () => `
${bindings([...names, '=partial'], ['rows', 'parts'])}
${partialSums(
  channels,
  `let mean = saved[c];
    let inverse = saved[${channels} + c];`,
  `let v = ${options.relu ? 'select(0.0, dy[place], y[place] > 0.0)' : 'dy[place]'};
      ${writes ? 'dz[place] = v;' : ''}
      a += v;
      b += v * ((x[place] - mean) * inverse);`,
)}`,
    },
    groups: sumGroups(rows, channels),
    numbers: [rows, partsOf(rows, channels)],
  };
}

/**
 * dx = gamma / sqrt(variance + epsilon) * (dz - mean(dz) - normalised x * mean(dz * normalised x)); the first workgroup
 * writes dgamma and dbeta into the gradient buffer. Bindings: dy, [y where the ReLU is not behind dy yet], x, saved,
 * partial, parameters, gradient, dx.
 *
 * @param relu true where dy has still to go through the ReLU
 */
export function normGradientApply(
  rows: number,
  channels: number,
  relu: boolean,
  at: { gamma: number; beta: number },
): Program {
  const names = ['dy', ...(relu ? ['y'] : []), 'x', 'saved', 'partial', 'parameters'];
  const code = () => `
${bindings([...names, '=gradient', '=dx'], ['rows', 'parts', 'gamma', 'beta'])}
${head(channels, false)}
  ${merge(channels)}
  if (part == 0 && team == 0) {
    gradient[n.beta + c] = a;
    gradient[n.gamma + c] = b;
  }
  let mean = saved[c];
  let inverse = saved[${channels} + c];
  let scale = parameters[n.gamma + c] * inverse;
  a /= f32(n.rows);
  b /= f32(n.rows);
  ${stretch(
    channels,
    `let dz = ${relu ? 'select(0.0, dy[place], y[place] > 0.0)' : 'dy[place]'};
    dx[place] = scale * (dz - a - (x[place] - mean) * inverse * b);`,
  )}`;
  return {
    kernel: { key: `norm gradient apply ${channels} ${relu ? 'a' : ''}`, code },
    groups: stretchGroups(rows, channels),
    numbers: [rows, partsOf(rows, channels), at.gamma, at.beta],
  };
}
