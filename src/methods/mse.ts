import { squaredError } from '../gpu/ops/gaussian';
import type { Method } from './contract';

/** Squared error of the mean against the labels; the variance is not learnt. */
const mse: Method = {
  id: 'mse',
  title: 'MSE',
  oneLine: 'Learns the mean from the labels alone, by least squares.',
  outputs: 'mean',
  params: {},
  cite: [
    {
      authors: 'V. Vapnik',
      year: 1991,
      title: 'Principles of Risk Minimization for Learning Theory',
      venue: 'NIPS 1991',
      url: 'https://papers.nips.cc/paper/506-principles-of-risk-minimization-for-learning-theory',
    },
  ],
  formula: String.raw`\mathcal{L} = \sum_k (y_k - \mu_k)^2`,
  known: 'Least squares: the likelihood of a Gaussian whose variance is the same everywhere.',
  reading:
    'For figures that need a variance, this student is given one number for each target: its mean squared error on the validation split.',
  costs: { parameters: 'none', passes: 'none' },
  needs: { teacher: 'none', labels: 'hard', index: false },
  terms: ({ logits, targets }) => ({ mse: squaredError(logits, targets) }),
  weights: () => ({ mse: 1 }),
};

export default mse;
