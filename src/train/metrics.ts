import type { ClassFigures } from '../recipe/figures';

/** What a network puts out on a split, row-major [count, classes], in memory: logits, or Gaussian heads. */
export interface Answers {
  readonly logits: Float32Array;
  /** Numbers of one row. */
  readonly classes: number;
}

/** Bins of the expected calibration error: equal width, (low, high]. */
const ECE_BINS = 15;

/** Softmax probabilities of one row at temperature 1, in float64. */
export function probabilities(answers: Answers, row: number): Float64Array {
  const { logits, classes } = answers;
  const out = new Float64Array(classes);
  let most = -Infinity;
  for (let c = 0; c < classes; c++) most = Math.max(most, logits[row * classes + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const e = Math.exp((logits[row * classes + c] as number) - most);
    out[c] = e;
    sum += e;
  }
  for (let c = 0; c < classes; c++) out[c] = (out[c] as number) / sum;
  return out;
}

/** log softmax of one row at temperature 1, in float64. */
function logProbabilities(answers: Answers, row: number): Float64Array {
  const { logits, classes } = answers;
  const at = row * classes;
  let most = -Infinity;
  for (let c = 0; c < classes; c++) most = Math.max(most, logits[at + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp((logits[at + c] as number) - most);
  const shift = most + Math.log(sum);
  return Float64Array.from({ length: classes }, (_, c) => (logits[at + c] as number) - shift);
}

/** Entropy in nats; 0 ln 0 counts 0. */
export function entropy(p: ArrayLike<number>): number {
  let h = 0;
  for (let c = 0; c < p.length; c++) {
    const value = p[c] as number;
    if (value > 0) h -= value * Math.log(value);
  }
  return h;
}

/** KL(p || q) in nats. */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) {
    const a = p[c] as number;
    if (a > 0) sum += a * Math.log(a / Math.max(q[c] as number, Number.MIN_VALUE));
  }
  return sum;
}

function argMax(values: ArrayLike<number>, from: number, length: number): number {
  let best = 0;
  for (let c = 1; c < length; c++)
    if ((values[from + c] as number) > (values[from + best] as number)) best = c;
  return best;
}

/**
 * A student's figures against labels and teacher: accuracy and agreement (0 to 1), KL(teacher || student) and NLL in
 * nats at temperature 1, ECE with 15 equal-width bins; all means over samples.
 *
 * @param labels at least as many as rows in the answers
 */
export function figures(student: Answers, teacher: Answers, labels: Uint8Array): ClassFigures {
  const { classes } = student;
  const count = student.logits.length / classes;
  let hits = 0;
  let agreed = 0;
  let kl = 0;
  let nll = 0;
  const bins = Array.from({ length: ECE_BINS }, () => ({ count: 0, confidence: 0, hits: 0 }));
  for (let row = 0; row < count; row++) {
    const logQ = logProbabilities(student, row);
    const logP = logProbabilities(teacher, row);
    const label = labels[row] as number;
    const answer = argMax(student.logits, row * classes, classes);
    const hit = answer === label ? 1 : 0;
    hits += hit;
    if (answer === argMax(teacher.logits, row * classes, classes)) agreed += 1;
    nll -= logQ[label] as number;
    for (let c = 0; c < classes; c++)
      kl += Math.exp(logP[c] as number) * ((logP[c] as number) - (logQ[c] as number));
    const confidence = Math.exp(logQ[answer] as number);
    // The nudge keeps a confidence such as 1/3, which is not exact in binary, in the bin that it closes.
    const place = Math.ceil(confidence * ECE_BINS - 1e-9) - 1;
    const bin = bins[Math.min(ECE_BINS - 1, Math.max(0, place))];
    if (bin) {
      bin.count += 1;
      bin.confidence += confidence;
      bin.hits += hit;
    }
  }
  const ece = bins.reduce((sum, bin) => sum + Math.abs(bin.hits - bin.confidence), 0) / count;
  return {
    accuracy: hits / count,
    agreement: agreed / count,
    kl: kl / count,
    nll: nll / count,
    ece,
  };
}

/** For each row 1 where the answer is the label. */
export function correctness(answers: Answers, labels: Uint8Array): Uint8Array {
  const count = answers.logits.length / answers.classes;
  return Uint8Array.from({ length: count }, (_, row) =>
    argMax(answers.logits, row * answers.classes, answers.classes) === labels[row] ? 1 : 0,
  );
}

/**
 * The best that one distribution can do that is the answer to every row: always the commonest class (accuracy), the
 * classes' shares (NLL, which is their entropy), the teacher's mean distribution (KL); nats, means over samples.
 *
 * @param labels at least as many as rows in the answers
 */
export function constantClasses(
  teacher: Answers,
  labels: Uint8Array,
): Pick<ClassFigures, 'accuracy' | 'nll' | 'kl'> {
  const { classes } = teacher;
  const count = teacher.logits.length / classes;
  const shares = new Float64Array(classes);
  const mean = new Float64Array(classes);
  let inner = 0;
  for (let row = 0; row < count; row++) {
    const label = labels[row] as number;
    shares[label] = (shares[label] as number) + 1 / count;
    const p = probabilities(teacher, row);
    inner += entropy(p) / count;
    for (let c = 0; c < classes; c++) mean[c] = (mean[c] as number) + (p[c] as number) / count;
  }
  return { accuracy: Math.max(...shares), nll: entropy(shares), kl: entropy(mean) - inner };
}
