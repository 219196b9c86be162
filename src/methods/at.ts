import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../gpu/ops/losses';
import type { Method } from './contract';
import { innerOutputs, sameSize, sharedStages } from './parts/taps';
import { unit } from './parts/vectors';

/** Where a feature map [n, h, w, c] is active: the mean of its squares over channels, at length 1, [n, h w]. */
function attention(map: tf.Tensor): tf.Tensor2D {
  const [n, h, w] = map.shape as [number, number, number, number];
  return unit(tf.reshape(tf.mean(tf.square(map), -1), [n, h * w]) as tf.Tensor2D);
}

/** CE + beta times the mean squared distance of attention maps, summed over the stages that both networks have. */
const at: Method = {
  id: 'at',
  title: 'Attention transfer',
  oneLine: 'Learns the labels while looking at the same places as its teacher.',
  params: {
    beta: {
      kind: 'number',
      label: 'Attention weight',
      help: 'Weight of the attention maps beside the labels.',
      default: 100,
      min: 0,
      max: 100000,
      scale: 'log',
    },
  },
  cite: [
    {
      authors: 'S. Zagoruyko, N. Komodakis',
      year: 2017,
      title:
        'Paying More Attention to Attention: Improving the Performance of Convolutional Neural Networks via Attention Transfer',
      venue: 'ICLR 2017',
      url: 'https://arxiv.org/abs/1612.03928',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) + \beta \sum_{l} \overline{\left(\hat{q}_S^{\,l} - \hat{q}_T^{\,l}\right)^2}, \qquad q = \overline{F^2}^{\,\text{channels}}, \quad \hat{q} = \frac{q}{\|q\|_2}`,
  known:
    'A public CIFAR-100 implementation weighs the maps by 1000, takes the mean over positions, and brings the larger map to the smaller one’s size; ours begins at 100, because its maps have fewer positions.',
  reading:
    'Stages are matched from the last one backwards, so that networks of other depth compare what lies equally deep.',
  costs: { parameters: 'none', passes: 'one over the batch' },
  needs: { teacher: 'logits', labels: 'hard', index: false, taps: true, maps: true },
  terms(batch) {
    const { student, teachers } = innerOutputs(batch);
    const stages = sharedStages(student, teachers[0].taps).map(([own, theirs]) => {
      const [a, b] = sameSize(own, theirs);
      return tf.mean(tf.squaredDifference(attention(a), attention(b)));
    });
    return {
      ce: crossEntropy(batch.logits, batch.targets),
      attention: tf.addN(stages) as tf.Scalar,
    };
  },
  weights: (params) => ({ ce: 1, attention: params.beta as number }),
};

export default at;
