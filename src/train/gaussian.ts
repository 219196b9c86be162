import type { ValueFigures } from '../recipe/figures';
import { LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE } from '../gpu/kernels/gaussian';
import type { Split, TaskData, Targets } from '../tasks/contract';
import type { Answers } from './metrics';
import { below } from './statistics';

/** Half the width of the central 90 % interval of a normal distribution, in standard deviations. */
const NINETY = 1.6448536269514722;
/** Quantiles at which calibration is measured: 5 %, 10 %, ..., 95 %. */
const LEVELS = 19;
const LN_TAU = Math.log(2 * Math.PI);

/** One number for each target: the variance of a student that learns only a mean. Standardised units. */
export type Constant = readonly number[] | null;

/** A network's Gaussian of one row and target, in standardised units. */
interface Normal {
  readonly mean: number;
  readonly logVariance: number;
}

const clip = (s: number): number => Math.min(MOST_LOG_VARIANCE, Math.max(LEAST_LOG_VARIANCE, s));

/** @param answers heads [count, 2d] @param constant takes the place of the variance where there is one */
function normalAt(
  { logits, classes }: Answers,
  constant: Constant,
  row: number,
  k: number,
): Normal {
  const at = row * classes + k;
  const own = constant?.[k];
  return {
    mean: logits[at] as number,
    logVariance: own === undefined ? clip(logits[at + classes / 2] as number) : Math.log(own),
  };
}

/** How unsure a network is of a row: its mean log-variance over the targets. */
export function doubtOf(answers: Answers, row: number): number {
  const targets = answers.classes / 2;
  let sum = 0;
  for (let k = 0; k < targets; k++) sum += normalAt(answers, null, row, k).logVariance;
  return sum / targets;
}

/**
 * Spearman's rank correlation between the predicted log-variances (their mean over the targets) and a known uncertainty,
 * -1 to 1; 0 where either is the same everywhere. Ties, which real numbers hardly have, stand in the order of their rows.
 */
export function insightOf(answers: Answers, doubt: Float32Array): number {
  const count = answers.logits.length / answers.classes;
  const own = Float64Array.from({ length: count }, (_, row) => doubtOf(answers, row));
  const [a, b] = [ranks(own), ranks(doubt.subarray(0, count))];
  if (!a || !b) return 0;
  let squares = 0;
  for (let row = 0; row < count; row++) squares += ((a[row] as number) - (b[row] as number)) ** 2;
  return 1 - (6 * squares) / (count * (count ** 2 - 1));
}

/** Each value's place in ascending order; null where all are equal. */
function ranks(values: Float64Array | Float32Array): Float64Array | null {
  const order = Array.from(values.keys()).sort(
    (i, j) => (values[i] as number) - (values[j] as number) || i - j,
  );
  const [low, high] = [order[0] ?? 0, order.at(-1) ?? 0];
  if (values[low] === values[high]) return null;
  const out = new Float64Array(values.length);
  order.forEach((row, place) => (out[row] = place));
  return out;
}

/** Means and standard deviations of one row in the targets' unit; no deviation before a constant one is known. */
export function answerInUnits(
  answers: Answers,
  { mean, std }: Targets,
  constant: Constant | undefined,
  row: number,
): { readonly mean: number[]; readonly sd: number[] | null } {
  const normals = mean.map((_, k) => normalAt(answers, constant ?? null, row, k));
  return {
    mean: normals.map((normal, k) => normal.mean * (std[k] as number) + (mean[k] as number)),
    sd:
      constant === undefined
        ? null
        : normals.map(({ logVariance }, k) => Math.exp(logVariance / 2) * (std[k] as number)),
  };
}

/** Targets as networks learn them, [count, 2d]: standardised values, then ones, which say that they are there. */
export function standardised({ targets }: TaskData, { values, count }: Split): Float32Array | null {
  if (!targets || !values) return null;
  const d = targets.names.length;
  const out = new Float32Array(count * 2 * d).fill(1);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < d; k++)
      out[row * 2 * d + k] =
        ((values[row * d + k] as number) - (targets.mean[k] as number)) /
        (targets.std[k] as number);
  return out;
}

const standard = (values: Float32Array, { mean, std }: Targets, row: number, k: number): number =>
  ((values[row * mean.length + k] as number) - (mean[k] as number)) / (std[k] as number);

/** Mean squared error of each target in standardised units: the best variance that does not depend on the input. */
export function meanSquares(
  answers: Answers,
  values: Float32Array,
  targets: Targets,
): readonly number[] {
  const count = answers.logits.length / answers.classes;
  return targets.names.map((_, k) => {
    let sum = 0;
    for (let row = 0; row < count; row++)
      sum += (normalAt(answers, null, row, k).mean - standard(values, targets, row, k)) ** 2;
    // The floor of the networks' own variance.
    return Math.max(sum / count, Math.exp(LEAST_LOG_VARIANCE));
  });
}

/**
 * Negative log-likelihood of every row in nats, in the targets' unit, ln 2 pi / 2 included.
 *
 * @param values targets in their unit, at least as many rows as the answers have
 */
export function logLosses(
  answers: Answers,
  values: Float32Array,
  targets: Targets,
  constant: Constant = null,
): Float64Array {
  const count = answers.logits.length / answers.classes;
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    targets.std.forEach((std, k) => {
      const { mean, logVariance } = normalAt(answers, constant, row, k);
      const error = mean - standard(values, targets, row, k);
      sum += (LN_TAU + logVariance + error ** 2 * Math.exp(-logVariance)) / 2 + Math.log(std);
    });
    return sum;
  });
}

/** KL(T || S) of one-dimensional Gaussians in nats. */
function normalKl(teacher: Normal, student: Normal): number {
  const wide = Math.exp(teacher.logVariance) + (teacher.mean - student.mean) ** 2;
  return (
    (student.logVariance - teacher.logVariance + wide * Math.exp(-student.logVariance) - 1) / 2
  );
}

/** KL(teacher || student) of one row, summed over targets. */
export function klAt(teacher: Answers, student: Answers, constant: Constant, row: number): number {
  let sum = 0;
  for (let k = 0; k < teacher.classes / 2; k++)
    sum += normalKl(normalAt(teacher, null, row, k), normalAt(student, constant, row, k));
  return sum;
}

/**
 * The best that one Gaussian for each target can do that is the answer to every row: by the true values' mean and variance
 * (RMSE in their unit, NLL in nats as `logLosses` has it), or by the teacher's (KL in nats, summed over targets).
 *
 * @param values targets in their unit, at least as many rows as the answers have
 */
export function constantValues(
  teacher: Answers,
  values: Float32Array,
  targets: Targets,
): Pick<ValueFigures, 'rmse' | 'nll' | 'kl'> {
  const count = teacher.logits.length / teacher.classes;
  const least = Math.exp(LEAST_LOG_VARIANCE);
  let [squares, nll, kl] = [0, 0, 0];
  targets.std.forEach((std, k) => {
    const truth = Array.from({ length: count }, (_, row) => standard(values, targets, row, k));
    const taught = Array.from({ length: count }, (_, row) => normalAt(teacher, null, row, k));
    const variance = varianceOf(truth);
    squares += variance * std ** 2;
    nll += (LN_TAU + 1 + Math.log(Math.max(least, variance))) / 2 + Math.log(std);
    const wide =
      varianceOf(taught.map(({ mean }) => mean)) +
      taught.reduce((sum, { logVariance }) => sum + Math.exp(logVariance), 0) / count;
    const inner = taught.reduce((sum, { logVariance }) => sum + logVariance, 0) / count;
    kl += (Math.log(Math.max(least, wide)) - inner) / 2;
  });
  return { rmse: Math.sqrt(squares / targets.std.length), nll, kl };
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** The angle in degrees between two directions, each [pitch, yaw] in degrees. */
export function angleBetween(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [direction(a), direction(b)];
  const cosine = one.reduce((sum, part, i) => sum + part * (other[i] as number), 0);
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** The unit vector (-cos p sin y, -sin p, -cos p cos y) of a pitch and a yaw, as gaze is written down. */
function direction([pitch = 0, yaw = 0]: readonly number[]): readonly number[] {
  const [p, y] = [(pitch * Math.PI) / 180, (yaw * Math.PI) / 180];
  return [-Math.cos(p) * Math.sin(y), -Math.sin(p), -Math.cos(p) * Math.cos(y)];
}

/**
 * Figures against true values and teacher, means over samples: RMSE over all targets in their unit, NLL and KL(teacher ||
 * student) in nats summed over targets, shares of true values within one standard deviation and within the central 90 %
 * interval, and the mean distance between a quantile's level and the share of true values below it; the angle in degrees
 * where the targets are a direction.
 *
 * @param values targets in their unit, at least as many rows as the answers have
 * @param constant the student's variance where it learns only a mean
 */
export function valueFigures(
  student: Answers,
  teacher: Answers,
  values: Float32Array,
  targets: Targets,
  constant: Constant = null,
): ValueFigures {
  const { std } = targets;
  const d = std.length;
  const count = student.logits.length / student.classes;
  const falls = new Float64Array(LEVELS);
  let [squares, kl, inner, outer, angles] = [0, 0, 0, 0, 0];
  for (let row = 0; row < count; row++) {
    kl += klAt(teacher, student, constant, row);
    for (let k = 0; k < d; k++) {
      const own = normalAt(student, constant, row, k);
      const error = standard(values, targets, row, k) - own.mean;
      squares += (error * (std[k] as number)) ** 2;
      const z = error * Math.exp(-own.logVariance / 2);
      if (Math.abs(z) <= 1) inner += 1;
      if (Math.abs(z) <= NINETY) outer += 1;
      const place = below(z);
      for (let level = 0; level < LEVELS; level++)
        if (place <= (level + 1) / (LEVELS + 1)) falls[level] = (falls[level] as number) + 1;
    }
    if (targets.angular)
      angles += angleBetween(
        answerInUnits(student, targets, null, row).mean,
        Array.from(values.subarray(row * d, (row + 1) * d)),
      );
  }
  const all = count * d;
  const off = falls.reduce(
    (sum, share, level) => sum + Math.abs(share / all - (level + 1) / (LEVELS + 1)),
    0,
  );
  return {
    rmse: Math.sqrt(squares / all),
    nll: logLosses(student, values, targets, constant).reduce((a, b) => a + b, 0) / count,
    // Rounding takes it a hair below zero where both are the same.
    kl: Math.max(0, kl / count),
    within1: inner / all,
    within90: outer / all,
    calibration: off / LEVELS,
    ...(targets.angular && { angle: angles / count }),
  };
}
