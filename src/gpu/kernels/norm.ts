import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/**
 * Batch norm in training mode over [rows, channels], fused with what follows it (residual sum, ReLU). Forward and
 * backward are two kernels each: partial sums over groups of rows, then a kernel in which every workgroup first adds the
 * partial sums up and then treats its own stretch of values.
 */

/** Batch norm's epsilon, as in PyTorch. */
const EPSILON = 1e-5;
/** How much of the moving statistics stays at each training step (PyTorch calls the complement momentum, 0.1). */
const KEEP = 0.9;

/** Invocations of a workgroup in the second kernels. */
const GROUP = 256;
/** Values that each of their invocations treats, so that adding up the partial sums is a small part of the work. */
const EACH = 16;
/** Channels whose sums fit into the workgroup memory that every device has (16 KB). */
export const MAX_CHANNELS = 1024;

/** How many partial sums a reduction over so many rows keeps: about as many as each adds up rows, over two. */
export function partsOf(rows: number): number {
  return Math.max(1, Math.min(256, Math.ceil(Math.sqrt(rows) / 2)));
}

const stretch = (rows: number, channels: number): [number, number] =>
  spread(Math.ceil((rows * channels) / EACH), GROUP);

/**
 * Partial sums of x and of its squares, both shifted by the first row so that a large mean costs no digits.
 * Bindings: x, partial [parts, 2, channels].
 */
export function normSums(rows: number, channels: number): Program {
  const parts = partsOf(rows);
  return {
    kernel: {
      key: 'norm sums',
      code: () => `
${bindings(['x', '=partial'], ['rows', 'channels', 'parts'])}
${entry()}
  let c = at % n.channels;
  let part = at / n.channels;
  if (part >= n.parts) { return; }
  let shift = x[c];
  var sum = 0.0;
  var square = 0.0;
  for (var row = part; row < n.rows; row += n.parts) {
    let v = x[row * n.channels + c] - shift;
    sum += v;
    square += v * v;
  }
  partial[(part * 2) * n.channels + c] = sum;
  partial[(part * 2 + 1) * n.channels + c] = square;
}`,
    },
    groups: spread(parts * channels),
    numbers: [rows, channels, parts],
  };
}

/** Adds up `partial` into total[2 * channels] of the workgroup; every invocation has to come by. */
const mergePartial = (channels: number): string => {
  const teams = Math.max(1, Math.floor(GROUP / channels));
  return `
var<workgroup> team: array<f32, ${2 * teams * channels}>;
var<workgroup> total: array<f32, ${2 * channels}>;

fn merge(local: i32) {
  for (var i = local; i < ${teams * channels}; i += ${GROUP}) {
    let c = i % ${channels};
    var a = 0.0;
    var b = 0.0;
    for (var part = i / ${channels}; part < n.parts; part += ${teams}) {
      a += partial[(part * 2) * ${channels} + c];
      b += partial[(part * 2 + 1) * ${channels} + c];
    }
    team[2 * i] = a;
    team[2 * i + 1] = b;
  }
  workgroupBarrier();
  for (var c = local; c < ${channels}; c += ${GROUP}) {
    var a = 0.0;
    var b = 0.0;
    for (var t = 0; t < ${teams}; t++) {
      a += team[2 * (t * ${channels} + c)];
      b += team[2 * (t * ${channels} + c) + 1];
    }
    total[2 * c] = a;
    total[2 * c + 1] = b;
  }
  workgroupBarrier();
}`;
};

const workgroupEntry = `
@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) index: u32) {
  let local = i32(index);
  let workgroup = i32(group.y * groups.x + group.x);
  merge(local);`;

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
${mergePartial(channels)}
var<workgroup> scale: array<f32, ${channels}>;
var<workgroup> shift: array<f32, ${channels}>;
${workgroupEntry}
  for (var c = local; c < ${channels}; c += ${GROUP}) {
    let off = total[2 * c] / f32(n.rows);
    let variance = max(0.0, total[2 * c + 1] / f32(n.rows) - off * off);
    let mean = x[c] + off;
    let inverse = inverseSqrt(variance + ${EPSILON});
    scale[c] = parameters[n.gamma + c] * inverse;
    shift[c] = parameters[n.beta + c] - mean * scale[c];
    if (workgroup == 0) {
      saved[c] = mean;
      saved[${channels} + c] = inverse;
      let unbiased = variance * f32(n.rows) / f32(max(1, n.rows - 1));
      moving[n.mean + c] = ${KEEP} * moving[n.mean + c] + ${1 - KEEP} * mean;
      moving[n.variance + c] = ${KEEP} * moving[n.variance + c] + ${1 - KEEP} * unbiased;
    }
  }
  workgroupBarrier();
  let size = n.rows * ${channels};
  for (var i = 0; i < ${EACH}; i++) {
    let place = workgroup * ${GROUP * EACH} + i * ${GROUP} + local;
    if (place >= size) { break; }
    let c = place % ${channels};
    var v = x[place] * scale[c] + shift[c];
    ${options.residual ? 'v += residual[place];' : ''}
    y[place] = ${options.relu ? 'max(0.0, v)' : 'v'};
  }
}`;
  return {
    kernel: {
      key: `norm apply ${channels} ${options.residual ? 'r' : ''}${options.relu ? 'a' : ''}`,
      code,
    },
    groups: stretch(rows, channels),
    numbers: [rows, partsOf(rows), at.gamma, at.beta, at.mean, at.variance],
  };
}

/**
 * Partial sums of dz and of dz * normalised x, where dz is dy behind the ReLU. With a residual dz is also written out:
 * it is the residual's gradient. Bindings: dy, [y where there is a ReLU], x, saved, [dz], partial.
 */
export function normGradientSums(
  rows: number,
  channels: number,
  options: { residual: boolean; relu: boolean },
): Program {
  const parts = partsOf(rows);
  const writes = options.residual && options.relu;
  const names = ['dy', ...(options.relu ? ['y'] : []), 'x', 'saved', ...(writes ? ['=dz'] : [])];
  return {
    kernel: {
      key: `norm gradient sums ${options.relu ? 'a' : ''}${writes ? 'r' : ''}`,
      code: () => `
${bindings([...names, '=partial'], ['rows', 'channels', 'parts'])}
${entry()}
  let c = at % n.channels;
  let part = at / n.channels;
  if (part >= n.parts) { return; }
  let mean = saved[c];
  let inverse = saved[n.channels + c];
  var sum = 0.0;
  var product = 0.0;
  for (var row = part; row < n.rows; row += n.parts) {
    let place = row * n.channels + c;
    let v = ${options.relu ? 'select(0.0, dy[place], y[place] > 0.0)' : 'dy[place]'};
    ${writes ? 'dz[place] = v;' : ''}
    sum += v;
    product += v * ((x[place] - mean) * inverse);
  }
  partial[(part * 2) * n.channels + c] = sum;
  partial[(part * 2 + 1) * n.channels + c] = product;
}`,
    },
    groups: spread(parts * channels),
    numbers: [rows, channels, parts],
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
${mergePartial(channels)}
${workgroupEntry}
  if (workgroup == 0) {
    for (var c = local; c < ${channels}; c += ${GROUP}) {
      gradient[n.beta + c] = total[2 * c];
      gradient[n.gamma + c] = total[2 * c + 1];
    }
  }
  let size = n.rows * ${channels};
  for (var i = 0; i < ${EACH}; i++) {
    let place = workgroup * ${GROUP * EACH} + i * ${GROUP} + local;
    if (place >= size) { break; }
    let c = place % ${channels};
    let inverse = saved[${channels} + c];
    let dz = ${relu ? 'select(0.0, dy[place], y[place] > 0.0)' : 'dy[place]'};
    let normalised = (x[place] - saved[c]) * inverse;
    let pull = (total[2 * c] + normalised * total[2 * c + 1]) / f32(n.rows);
    dx[place] = parameters[n.gamma + c] * inverse * (dz - pull);
  }
}`;
  return {
    kernel: { key: `norm gradient apply ${channels} ${relu ? 'a' : ''}`, code },
    groups: stretch(rows, channels),
    numbers: [rows, partsOf(rows), at.gamma, at.beta],
  };
}
