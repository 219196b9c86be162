import { meanError } from '../gpu/ops/gaussian';
import type { Method } from './contract';
import { LOGITS_COST, NEEDS_TEACHER } from './parts/fields';

/** Squared error of the mean against the teacher's mean: distillation without the distribution. */
const kdMean: Method = {
  id: 'kd-mean',
  title: 'KD, mean only',
  oneLine: 'Imitates the teacher’s mean alone: the control for learning its whole distribution.',
  outputs: 'mean',
  params: {},
  cite: [
    {
      authors: 'G. Hinton, O. Vinyals, J. Dean',
      year: 2015,
      title: 'Distilling the Knowledge in a Neural Network',
      venue: 'NIPS 2014 Deep Learning Workshop (for classes; the squared error is our reading)',
      url: 'https://arxiv.org/abs/1503.02531',
    },
  ],
  formula: String.raw`\mathcal{L} = \sum_k (\mu_{T,k} - \mu_{S,k})^2`,
  known:
    'Between Gaussians of one fixed variance, KL is the squared distance of the means over twice that variance.',
  reading:
    'Our control, which shows what the distribution adds. For figures that need a variance, this student is given one number for each target: its mean squared error on the validation split.',
  costs: LOGITS_COST,
  needs: { teacher: 'logits', labels: 'none', index: false },
  terms({ logits, teacher }) {
    if (!teacher) throw new Error(NEEDS_TEACHER);
    return { mse: meanError(logits, teacher) };
  },
  weights: () => ({ mse: 1 }),
};

export default kdMean;
