import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../gpu/ops/losses';
import type { Method } from './contract';
import { innerOutputs, layer, sameSize, shapesOfTaps, stageAt } from './parts/taps';

/** CE + beta MSE(projection(F_S), F_T) at one stage; the projection, 1x1 and linear, learns with the student. */
const fitnets: Method = {
  id: 'fitnets',
  title: 'FitNets',
  oneLine: 'Learns the labels while a layer inside imitates a layer inside the teacher.',
  params: {
    layer,
    beta: {
      kind: 'number',
      label: 'Hint weight',
      help: 'Weight of the imitated layer beside the labels.',
      default: 10,
      min: 0,
      max: 1000,
      scale: 'log',
    },
  },
  cite: [
    {
      authors: 'A. Romero, N. Ballas, S. Ebrahimi Kahou, A. Chassang, C. Gatta, Y. Bengio',
      year: 2015,
      title: 'FitNets: Hints for Thin Deep Nets',
      venue: 'ICLR 2015',
      url: 'https://arxiv.org/abs/1412.6550',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) + \beta\,\overline{\left(r(F_S) - F_T\right)^2}`,
  known:
    'A public CIFAR-100 implementation weighs the hint by 100, at the second stage, in one run with the labels; its projection is a convolution with batch norm and ReLU.',
  reading:
    'The projection r is linear, 1x1, without bias, batch norm or ReLU; the weight begins at 10, because larger ones made short runs diverge, for which the missing batch norm may be the cause; the larger of two maps is averaged down to the smaller; the mean is over all numbers. The paper trains the hint first and the rest after it.',
  costs: {
    parameters:
      'a 1x1 projection from the student’s to the teacher’s channels, dropped after the run',
    passes: 'one over the batch',
  },
  needs: { teacher: 'logits', labels: 'hard', index: false, taps: true },
  auxiliary(sizes, params) {
    const where = params.layer as string;
    const [first = {}] = sizes.teachers;
    const from = sizes.student[stageAt(sizes.student, where)] as readonly number[];
    const to = first[stageAt(first, where)]?.at(-1) as number;
    const project =
      from.length === 3
        ? ({ op: 'conv', filters: to, kernel: 1 } as const)
        : ({ op: 'dense', units: to } as const);
    return { projection: { input: from, layers: [project] } };
  },
  terms(batch, params) {
    const { student, teachers } = innerOutputs(batch);
    const [{ taps }] = teachers;
    const where = params.layer as string;
    const own = student[stageAt(shapesOfTaps(student), where)] as tf.Tensor;
    const theirs = taps[stageAt(shapesOfTaps(taps), where)] as tf.Tensor;
    const projected = batch.auxiliary?.('projection', own) ?? own;
    const [a, b] = sameSize(projected, theirs);
    return {
      ce: crossEntropy(batch.logits, batch.targets),
      hint: tf.mean(tf.squaredDifference(a, b)) as tf.Scalar,
    };
  },
  weights: (params) => ({ ce: 1, hint: params.beta as number }),
};

export default fitnets;
