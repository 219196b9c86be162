import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../gpu/ops/losses';
import type { AuxiliaryLayer, Method, Taps } from './contract';
import { innerOutputs, sameSize, shapesOfTaps, stageAt } from './parts/taps';
import { unit } from './parts/vectors';

const transformOf = (teacher: number): string => `transform${teacher + 1}`;

/** Three layers with ReLUs between them; none at the end, for what is imitated may be negative in other networks. */
function transform(shape: readonly number[], width: number): readonly AuxiliaryLayer[] {
  const layer: AuxiliaryLayer =
    shape.length === 3 ? { op: 'conv', filters: width, kernel: 3 } : { op: 'dense', units: width };
  return [layer, { op: 'relu' }, layer, { op: 'relu' }, layer];
}

/** The last feature map before pooling, [n, ...]. */
const lastMap = (taps: Taps): tf.Tensor => taps[stageAt(shapesOfTaps(taps), 'late')] as tf.Tensor;

/** Each row's numbers at length 1, [n, ...] -> [n, numbers]. */
const normalised = (map: tf.Tensor): tf.Tensor2D =>
  unit(tf.reshape(map, [map.shape[0] as number, -1]) as tf.Tensor2D);

/** CE + beta times the sum over teachers of |F_T - N(F_S)|_1, both at length 1, each N its teacher's own. */
const feed: Method = {
  id: 'feed',
  title: 'FEED',
  oneLine: 'Learns the labels while imitating the last feature map of every teacher.',
  params: {
    beta: {
      kind: 'number',
      label: 'Feature weight',
      help: 'Weight of each teacher’s features beside the labels.',
      default: 0.1,
      min: 0,
      max: 1000,
      scale: 'log',
    },
    reduction: {
      kind: 'choice',
      label: 'Reduction',
      help: 'Whether a row’s differences are averaged or added up; they differ by as many numbers as a map has.',
      default: 'mean',
      options: [
        { value: 'mean', label: 'mean' },
        { value: 'sum', label: 'sum' },
      ],
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'S. Park, N. Kwak',
      year: 2020,
      title:
        'Feature-Level Ensemble Knowledge Distillation for Aggregating Knowledge from Multiple Networks',
      venue: 'ECAI 2020, pp. 1411-1418',
      url: 'https://arxiv.org/abs/1909.10754',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) + \beta \sum_{n} \left\| \frac{F_{T_n}}{\|F_{T_n}\|_2} - \frac{N_n(F_S)}{\|N_n(F_S)\|_2} \right\|_1`,
  known:
    'A public description says: last feature maps, one private transform of three 3x3 convolutions for each teacher, trained with the student and dropped after it, and teachers held fixed.',
  reading:
    'The L1 distance of maps at length 1 is that of Factor Transfer, on which FEED builds; the weight and the mean are ours: on the spiral, in trials of two seeds, the weight 10 brought the KL to the first teacher from ERM’s 0.05 to 0.20 nats, 0.1 left it there. ReLUs stand between the convolutions, none after the last; points on the plane get dense layers.',
  costs: {
    parameters: 'three 3x3 convolutions for each teacher, dropped after the run',
    passes: 'one over the batch for each teacher',
  },
  needs: { teacher: 'logits', labels: 'hard', index: false, taps: true, several: true },
  auxiliary({ student, teachers }) {
    const from = student[stageAt(student, 'late')] ?? [];
    return Object.fromEntries(
      teachers.map((teacher, i) => {
        const width = teacher[stageAt(teacher, 'late')]?.at(-1) ?? 0;
        return [transformOf(i), { input: from, layers: transform(from, width) }];
      }),
    );
  },
  terms(batch, params) {
    const { student, teachers } = innerOutputs(batch);
    const own = lastMap(student);
    const distances = teachers.map(({ taps }, i) => {
      const transformed = batch.auxiliary?.(transformOf(i), own) ?? own;
      const [a, b] = sameSize(transformed, lastMap(taps)).map(normalised) as [
        tf.Tensor2D,
        tf.Tensor2D,
      ];
      const apart = tf.abs(tf.sub(a, b));
      return params.reduction === 'sum' ? tf.mean(tf.sum(apart, 1)) : tf.mean(apart);
    });
    return {
      ce: crossEntropy(batch.logits, batch.targets),
      features: tf.addN(distances) as tf.Scalar,
    };
  },
  weights: (params) => ({ ce: 1, features: params.beta as number }),
};

export default feed;
