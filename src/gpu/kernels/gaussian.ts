import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

/**
 * What Gaussian heads are compared with: targets from labels (negative log-likelihood, or squared error of the mean), or
 * a teacher's Gaussians (squared error of the mean, or KL in one direction, the other, or half of both).
 */
export type GaussianLoss = 'nll' | 'error' | 'meanError' | 'forward' | 'reverse' | 'symmetric';

/** Log-variances are clipped to this range before they are used; outside of it they get no gradient. */
export const LEAST_LOG_VARIANCE = -7;
export const MOST_LOG_VARIANCE = 3;

const GROUP = 256;

/** Each sets `value`, `towardsMean` and `towardsSpread` from m, s (clipped), and the other side's a and b. */
const formulas: Record<GaussianLoss, string> = {
  nll: `
    let error = m - a;
    let scaled = error * exp(-s);
    value = b * 0.5 * (s + error * scaled);
    towardsMean = b * scaled;
    towardsSpread = b * 0.5 * (1.0 - error * scaled);`,
  error: `
    let error = m - a;
    value = b * error * error;
    towardsMean = b * 2.0 * error;`,
  meanError: `
    let error = m - a;
    value = error * error;
    towardsMean = 2.0 * error;`,
  forward: `
    let t = clamp(b, ${LEAST_LOG_VARIANCE}.0, ${MOST_LOG_VARIANCE}.0);
    let error = m - a;
    let wide = (exp(t) + error * error) * exp(-s);
    value = 0.5 * (s - t + wide - 1.0);
    towardsMean = error * exp(-s);
    towardsSpread = 0.5 * (1.0 - wide);`,
  reverse: `
    let t = clamp(b, ${LEAST_LOG_VARIANCE}.0, ${MOST_LOG_VARIANCE}.0);
    let error = m - a;
    value = 0.5 * (t - s + (exp(s) + error * error) * exp(-t) - 1.0);
    towardsMean = error * exp(-t);
    towardsSpread = 0.5 * (exp(s - t) - 1.0);`,
  symmetric: `
    let t = clamp(b, ${LEAST_LOG_VARIANCE}.0, ${MOST_LOG_VARIANCE}.0);
    let error = m - a;
    let wide = (exp(t) + error * error) * exp(-s);
    value = 0.25 * (wide + (exp(s) + error * error) * exp(-t) - 2.0);
    towardsMean = 0.5 * error * (exp(-s) + exp(-t));
    towardsSpread = 0.25 * (exp(s - t) - wide);`,
};

/**
 * Mean over the rows of a loss that is summed over targets, and its gradient for the heads, by one workgroup: a batch's
 * heads are few. Bindings: heads [rows, 2 targets], other [rows, 2 targets], loss [1], gradient. See ../ops/gaussian.ts.
 */
export function gaussianLoss(loss: GaussianLoss, rows: number, targets: number): Program {
  return {
    kernel: {
      key: `gaussian loss ${loss}`,
      code: () => `
${bindings(['heads', 'other', '=result', '=gradient'], ['rows', 'targets'])}
var<workgroup> losses: array<f32, ${GROUP}>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(local_invocation_index) index: u32) {
  let local = i32(index);
  var loss = 0.0;
  for (var at = local; at < n.rows * n.targets; at += ${GROUP}) {
    let mean = (at / n.targets) * 2 * n.targets + at % n.targets;
    let spread = mean + n.targets;
    let m = heads[mean];
    let raw = heads[spread];
    let s = clamp(raw, ${LEAST_LOG_VARIANCE}.0, ${MOST_LOG_VARIANCE}.0);
    let a = other[mean];
    let b = other[spread];
    var value = 0.0;
    var towardsMean = 0.0;
    var towardsSpread = 0.0;
    ${formulas[loss]}
    loss += value;
    gradient[mean] = towardsMean / f32(n.rows);
    gradient[spread] = select(0.0, towardsSpread / f32(n.rows), raw == s);
  }
  losses[local] = loss;
  workgroupBarrier();
  for (var half = ${GROUP / 2}; half > 0; half /= 2) {
    if (local < half) { losses[local] += losses[local + half]; }
    workgroupBarrier();
  }
  if (local == 0) { result[0] = losses[0] / f32(n.rows); }
}`,
    },
    groups: [1, 1],
    numbers: [rows, targets],
  };
}

/**
 * Several networks' Gaussians as one of the same mean and variance as their mixture. Bindings: the members' heads
 * [rows, 2 targets], then the merged ones.
 */
export function mergeGaussians(members: number, rows: number, targets: number): Program {
  const names = Array.from({ length: members }, (_, i) => `member${i}`);
  return {
    kernel: {
      key: `merge gaussians ${members}`,
      code: () => `
${bindings([...names, '=merged'], ['rows', 'targets'])}
${entry()}
  if (at >= n.rows * n.targets) { return; }
  let first = (at / n.targets) * 2 * n.targets + at % n.targets;
  let second = first + n.targets;
  var mean = 0.0;
  ${names.map((name) => `mean += ${name}[first];`).join('\n  ')}
  mean /= ${members}.0;
  var variance = 0.0;
  ${names
    .map(
      (name) =>
        `variance += exp(clamp(${name}[second], ${LEAST_LOG_VARIANCE}.0, ${MOST_LOG_VARIANCE}.0)) + (${name}[first] - mean) * (${name}[first] - mean);`,
    )
    .join('\n  ')}
  merged[first] = mean;
  merged[second] = log(variance / ${members}.0);
}`,
    },
    groups: spread(rows * targets),
    numbers: [rows, targets],
  };
}
