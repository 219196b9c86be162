import { bindings, entry, spread } from './launch';
import type { Program } from './launch';
import { partsOf } from './reduce';

/**
 * Gradients of y = (x - mean) / sqrt(variance + epsilon) * scale + offset over [rows, channels] where mean and variance
 * are inputs of their own, as tfjs's batchNorm has them. (Batch norm as one operation of its batch is in norm.ts.)
 */

/** A float as the 32-bit integer of the same bits, for the uniform block. */
const bitsOf = (value: number): number =>
  new Int32Array(new Float32Array([value]).buffer)[0] as number;

/** Partial sums of dy and of dy * (x - mean). Bindings: dy, x, mean, partial [parts, 2, channels]. */
export function batchNormSums(rows: number, channels: number): Program {
  const parts = partsOf(rows);
  return {
    kernel: {
      key: 'batch norm sums',
      code: () => `
${bindings(['dy', 'x', 'mean', '=partial'], ['rows', 'channels', 'parts'])}
${entry()}
  let c = at % n.channels;
  let part = at / n.channels;
  if (part >= n.parts) { return; }
  var sum = 0.0;
  var product = 0.0;
  for (var row = part; row < n.rows; row += n.parts) {
    let place = row * n.channels + c;
    sum += dy[place];
    product += dy[place] * (x[place] - mean[c]);
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
 * The gradients per channel from the partial sums. Bindings: partial, variance, scale, gradients of mean, of variance,
 * of scale and of offset, [channels] each.
 */
export function batchNormStatistics(rows: number, channels: number, epsilon: number): Program {
  const names = ['partial', 'variance', 'scale', '=dMean', '=dVariance', '=dScale', '=dOffset'];
  return {
    kernel: {
      key: 'batch norm statistics',
      code: () => `
${bindings(names, ['channels', 'parts', 'epsilon'])}
${entry()}
  if (at >= n.channels) { return; }
  var sum = 0.0;
  var product = 0.0;
  for (var part = 0; part < n.parts; part++) {
    sum += partial[(part * 2) * n.channels + at];
    product += partial[(part * 2 + 1) * n.channels + at];
  }
  let inverse = inverseSqrt(variance[at] + bitcast<f32>(n.epsilon));
  let slope = inverse * scale[at];
  dMean[at] = -slope * sum;
  dVariance[at] = -0.5 * slope * inverse * inverse * product;
  dScale[at] = inverse * product;
  dOffset[at] = sum;
}`,
    },
    groups: spread(channels),
    numbers: [channels, partsOf(rows), bitsOf(epsilon)],
  };
}

/** dL/dx = dy * scale / sqrt(variance + epsilon). Bindings: dy, variance, scale, dx. */
export function batchNormInput(rows: number, channels: number, epsilon: number): Program {
  return {
    kernel: {
      key: 'batch norm dx',
      code: () => `
${bindings(['dy', 'variance', 'scale', '=dx'], ['size', 'channels', 'epsilon'])}
${entry()}
  if (at >= n.size) { return; }
  let c = at % n.channels;
  let inverse = inverseSqrt(variance[c] + bitcast<f32>(n.epsilon));
  dx[at] = dy[at] * inverse * scale[c];
}`,
    },
    groups: spread(rows * channels),
    numbers: [rows * channels, channels, bitsOf(epsilon)],
  };
}
