import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../gpu/ops/losses';
import type { Method, Sizes, StepTensors, Taps } from './contract';
import { headFeatures, headTap, innerOutputs } from './parts/taps';
import { unit } from './parts/vectors';

/** How much of a remembered line stays when its row is seen again. */
const MOMENTUM = 0.5;

/** The two halves of lines of the memory, [m, 2 size]: what student and teacher made of each row, [m, size]. */
function halves(lines: tf.Tensor2D): readonly [tf.Tensor2D, tf.Tensor2D] {
  const [rows, columns] = lines.shape;
  const part = (from: number) => tf.slice(lines, [0, from], [rows, columns / 2]);
  return [part(0), part(columns / 2)];
}

/** Embeddings of this step's rows at length 1, the student's and the teacher's, [n, size], and what is remembered. */
function embeddings(batch: StepTensors) {
  const { student, teachers } = innerOutputs(batch);
  const { memory } = batch;
  if (!memory) throw new Error('CRD was run without its memory');
  const embed = (network: string, taps: Taps) =>
    unit(batch.auxiliary?.(network, headFeatures(taps)) as tf.Tensor2D);
  return { own: embed('student', student), theirs: embed('teacher', teachers[0].taps), memory };
}

/**
 * Tells each embedding's partner, the line that the other network left for the same row, from those of the negatives: a
 * logistic loss per line with the odds that a drawn line is the partner, one in as many as there are.
 *
 * @param embedding [n, size] @param partner the lines of the same rows, [n, size] @param bank all lines, [rows, size]
 * @param before what stood in the memory for the rows of `embedding`, [n, size]: it sets the scale of the scores
 * @param foreign 1 where a line of the bank is a negative of the row, [n, rows]; null: every line but the partner is
 * @returns nats for each row, [n]
 */
function contrast(
  embedding: tf.Tensor2D,
  partner: tf.Tensor2D,
  bank: tf.Tensor2D,
  before: tf.Tensor2D,
  temperature: number,
  foreign: tf.Tensor2D | null,
): tf.Tensor1D {
  const rows = bank.shape[0];
  const likeness = (a: tf.Tensor2D) => tf.div(tf.matMul(a, bank, false, true), temperature);
  // ln Z + ln(m P_n): Z makes a mean score 1 / rows, and P_n is 1 / rows. A row without negatives has odds of one line.
  const negatives = foreign ? tf.maximum(tf.sum(foreign, 1, true), 1) : tf.scalar(rows - 1);
  const scale = tf.log(tf.mul(tf.mean(tf.exp(likeness(before))), negatives));
  const all = tf.sub(likeness(embedding), scale);
  const right = tf.sub(tf.div(tf.sum(tf.mul(embedding, partner), 1, true), temperature), scale);
  // -ln D of the partner and -ln(1 - D) of the negatives.
  const wrong = tf.softplus(all);
  const strangers = foreign
    ? tf.sum(tf.mul(wrong, foreign), 1, true)
    : tf.sub(tf.sum(wrong, 1, true), tf.softplus(right));
  return tf.squeeze(tf.add(tf.softplus(tf.neg(right)), strangers), [1]);
}

/** 1 where a line of the memory belongs to another class than the row, [n, rows]. */
function otherClasses(targets: tf.Tensor2D, labels: tf.Tensor2D | undefined): tf.Tensor2D {
  if (!labels) throw new Error('CRD was run without the labels of its memory');
  return tf.sub(1, tf.matMul(targets, labels, false, true));
}

/** CE + beta times the two contrasts: the student's embeddings among the teacher's lines, and the other way round. */
const crd: Method = {
  id: 'crd',
  title: 'CRD',
  oneLine: 'Learns the labels while its features of a row are told from those of all other rows.',
  params: {
    beta: {
      kind: 'number',
      label: 'Contrast weight',
      help: 'Weight of the contrast beside the labels.',
      default: 0.8,
      min: 0,
      max: 100,
      scale: 'log',
    },
    size: {
      kind: 'integer',
      label: 'Embedding size',
      help: 'Numbers that student and teacher are compared by; the memory has twice as many for each row.',
      default: 64,
      min: 2,
      max: 128,
      advanced: true,
    },
    negatives: {
      kind: 'choice',
      label: 'Negatives',
      help: 'Which rows the contrast tells a row from: all others, or only those of other classes.',
      default: 'all',
      options: [
        { value: 'all', label: 'all other rows' },
        { value: 'classes', label: 'rows of other classes' },
      ],
      advanced: true,
    },
    softness: {
      kind: 'number',
      label: 'Contrast temperature',
      help: 'Divides the cosines; lower tells rows apart more sharply.',
      default: 0.07,
      min: 0.05,
      max: 1,
      step: 0.01,
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'Y. Tian, D. Krishnan, P. Isola',
      year: 2020,
      title: 'Contrastive Representation Distillation',
      venue: 'ICLR 2020',
      url: 'https://arxiv.org/abs/1910.10699',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) - \beta \sum_{S \leftrightarrow T} \Big[ \ln D_i + \sum_{j \neq i} \ln (1 - D_j) \Big], \qquad D_j = \frac{s_j}{s_j + m/N}, \quad s_j = \frac{e^{\langle g_i,\,\bar{g}_j \rangle / \tau}}{Z}`,
  known:
    'The authors’ code embeds into 128 numbers at temperature 0.07, with momentum 0.5 in its memory, 16,384 negatives drawn from other classes only, weight 0.8, and Z fixed in the first step.',
  reading:
    'All other rows of the transfer set are the negatives (m = N - 1), those of the same class among them, unless the setting leaves these out; none is drawn. Z is the mean over the lines that the batch’s rows had in the memory. Rows that a sampler made are no row of the set: they add nothing.',
  costs: {
    parameters: 'a linear embedding for either network and a table of two for each transfer row',
    passes: 'one over the batch',
  },
  needs: { teacher: 'logits', labels: 'hard', index: true, taps: true },
  auxiliary({ student, teachers: [first = {}] }: Sizes, params) {
    const layers = [{ op: 'dense', units: params.size as number }] as const;
    const embedding = (of: Sizes['student']) => ({ input: of[headTap(of)] ?? [], layers });
    return { student: embedding(student), teacher: embedding(first) };
  },
  memory: (_, params) => ({
    columns: 2 * (params.size as number),
    start: 'directions',
    parts: 2,
    labels: params.negatives === 'classes',
  }),
  remember(batch) {
    const { own, theirs, memory } = embeddings(batch);
    const [before, theirBefore] = halves(memory.rows);
    const moved = (line: tf.Tensor2D, seen: tf.Tensor2D) =>
      unit(tf.add(tf.mul(line, MOMENTUM), tf.mul(seen, 1 - MOMENTUM)) as tf.Tensor2D);
    return tf.concat([moved(before, own), moved(theirBefore, theirs)], 1);
  },
  terms(batch, params) {
    const { logits, targets } = batch;
    const { own, theirs, memory } = embeddings(batch);
    const [bank, theirBank] = halves(memory.all);
    const [before, theirBefore] = halves(memory.rows);
    const softness = params.softness as number;
    // 1 where the row has a label, and so is a row of the set as it is.
    const real = tf.sum(targets, 1);
    const mean = (losses: tf.Tensor1D) => tf.mean(tf.mul(losses, real)) as tf.Scalar;
    const foreign = params.negatives === 'classes' ? otherClasses(targets, memory.labels) : null;
    return {
      ce: crossEntropy(logits, targets),
      student: mean(contrast(own, theirBefore, theirBank, before, softness, foreign)),
      teacher: mean(contrast(theirs, before, bank, theirBefore, softness, foreign)),
    };
  },
  weights: (params) => ({
    ce: 1,
    student: params.beta as number,
    teacher: params.beta as number,
  }),
};

export default crd;
