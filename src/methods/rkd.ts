import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../gpu/ops/losses';
import type { Method } from './contract';
import { headFeatures, innerOutputs } from './parts/taps';
import { lengthsOf } from './parts/vectors';

/**
 * How rows of features, [n, d], lie to each other: distances over the mean of those that are not zero, [n, n], and the
 * cosines of the angles that two rows make at a third, [n, n, n]. Equal rows have distance zero and no direction.
 */
function relations(features: tf.Tensor2D): readonly [tf.Tensor, tf.Tensor] {
  const away = tf.sub(tf.expandDims(features, 0), tf.expandDims(features, 1));
  const { length, inverse } = lengthsOf(tf.sum(tf.square(away), 2, true));
  const apart = tf.maximum(tf.sum(tf.mul(length, inverse)), 1);
  const distances = tf.mul(length, lengthsOf(tf.square(tf.div(tf.sum(length), apart))).inverse);
  const directions = tf.mul(away, inverse) as tf.Tensor3D;
  return [tf.squeeze(distances, [2]), tf.matMul(directions, directions, false, true)];
}

/** Mean of Huber's loss: half the square up to 1, from there on the size less a half. */
function huber(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  const difference = tf.sub(a, b);
  const inner = tf.clipByValue(difference, -1, 1);
  return tf.mean(tf.mul(inner, tf.sub(difference, tf.div(inner, 2))));
}

/** CE + distances and angles among the rows of a batch as among the teacher's, on the features that the head reads. */
const rkd: Method = {
  id: 'rkd',
  title: 'RKD',
  oneLine: 'Learns the labels while its features lie to each other as the teacher’s do.',
  params: {
    distance: {
      kind: 'number',
      label: 'Distance weight',
      help: 'Weight of the distances between pairs of rows beside the labels.',
      default: 25,
      min: 0,
      max: 1000,
      scale: 'log',
    },
    angle: {
      kind: 'number',
      label: 'Angle weight',
      help: 'Weight of the angles among triples of rows beside the labels.',
      default: 50,
      min: 0,
      max: 1000,
      scale: 'log',
    },
  },
  cite: [
    {
      authors: 'W. Park, D. Kim, Y. Lu, M. Cho',
      year: 2019,
      title: 'Relational Knowledge Distillation',
      venue: 'CVPR 2019, pp. 3967-3976',
      url: 'https://arxiv.org/abs/1904.05068',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) + \lambda_D\,\overline{h\!\left(\tfrac{d_S}{\mu_S}, \tfrac{d_T}{\mu_T}\right)} + \lambda_A\,\overline{h(\cos\angle_S, \cos\angle_T)}, \qquad h = \text{Huber's loss}`,
  known:
    'A public CIFAR-100 implementation weighs distances by 25 and angles by 50, on pooled features; μ is the mean of the distances that are not zero.',
  reading:
    'Means are over all pairs and triples of the batch, those of a row with itself among them. Features are those that the head reads.',
  costs: { parameters: 'none', passes: 'one over the batch' },
  needs: { teacher: 'logits', labels: 'hard', index: false, taps: true, rows: 3 },
  terms(batch) {
    const { student, teachers } = innerOutputs(batch);
    const [distances, angles] = relations(headFeatures(student));
    const [wantedDistances, wantedAngles] = relations(headFeatures(teachers[0].taps));
    return {
      ce: crossEntropy(batch.logits, batch.targets),
      distance: huber(distances, wantedDistances),
      angle: huber(angles, wantedAngles),
    };
  },
  weights: (params) => ({
    ce: 1,
    distance: params.distance as number,
    angle: params.angle as number,
  }),
};

export default rkd;
