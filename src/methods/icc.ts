import * as tf from '@tensorflow/tfjs';
import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import { teacherWeight, temperature, temperatureOf } from './parts/fields';
import { headFeatures, innerOutputs } from './parts/taps';
import { lengthsOf, unit } from './parts/vectors';

/**
 * How classes lie to each other: cosines of the classes' mean features, [classes, classes]. Features are centred at the
 * mean of the rows with a label; a class that the batch lacks has zeros.
 *
 * @param features [n, width] @param targets one-hot, or zero where a row has no label, [n, classes]
 */
function correlation(features: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const counts = tf.expandDims(tf.sum(targets, 0), 1);
  const sums = tf.matMul(targets, features, true, false);
  const centre = tf.div(tf.sum(sums, 0, true), tf.maximum(tf.sum(counts), 1));
  const present = tf.minimum(counts, 1);
  const means = tf.mul(tf.sub(tf.div(sums, tf.maximum(counts, 1)), centre), present);
  const directions = unit(means as tf.Tensor2D);
  return tf.matMul(directions, directions, false, true);
}

/** KD + gamma times the squared distance of the two networks' matrices of class correlations. */
const icc: Method = {
  id: 'icc',
  title: 'Inter-class correlation',
  oneLine: 'Imitates the teacher’s answers, and which classes lie near each other inside it.',
  params: {
    temperature,
    alpha: teacherWeight,
    gamma: {
      kind: 'number',
      label: 'Correlation weight',
      help: 'Weight of the correlation among classes beside the answers; 0 only watches it.',
      default: 5,
      min: 0,
      max: 1000,
      scale: 'log',
    },
  },
  cite: [
    {
      authors: 'C. Tan, J. Liu, X. Zhang',
      year: 2021,
      title: 'Improving knowledge distillation via an expressive teacher',
      venue: 'Knowledge-Based Systems 218, 106837',
      url: 'https://doi.org/10.1016/j.knosys.2021.106837',
    },
  ],
  formula: String.raw`\mathcal{L} = (1 - \alpha)\,\mathrm{CE}(y, p_S) + \alpha\,\tau^2\,\mathrm{KL}(p_T^{\tau} \,\|\, p_S^{\tau}) + \frac{\gamma}{C^2} \|R_S - R_T\|_F^2, \qquad R_{cd} = \cos(m_c, m_d)`,
  known:
    'The paper regularises the teacher so that it shows how classes correlate, and has the student imitate that. Its formula and weights could not be read.',
  reading:
    'All of the formula is ours, inspired by the paper: means m of centred features over a batch’s rows of a class; classes that it lacks are skipped. A teacher trained in the run may be given the other part.',
  costs: { parameters: 'none', passes: 'one over the batch' },
  needs: { teacher: 'logits', labels: 'hard', index: false, taps: true },
  terms(batch, params) {
    const { logits, targets } = batch;
    const { student, teachers } = innerOutputs(batch);
    const [{ logits: answers, taps }] = teachers;
    const own = correlation(headFeatures(student), targets);
    const theirs = correlation(headFeatures(taps), targets);
    const squared = tf.sum(tf.squaredDifference(own, theirs));
    const classes = targets.shape[1];
    return {
      ce: crossEntropy(logits, targets),
      kl: distillationKl(logits, answers, temperatureOf(batch, params)),
      correlation: tf.div(squared, classes ** 2) as tf.Scalar,
      // The distance itself, to be read: it weighs nothing.
      frobenius: lengthsOf(squared).length as tf.Scalar,
    };
  },
  weights(params) {
    const alpha = params.alpha as number;
    const kl = alpha * (params.temperature as number) ** 2;
    return { ce: 1 - alpha, kl, correlation: params.gamma as number, frobenius: 0 };
  },
};

export default icc;
