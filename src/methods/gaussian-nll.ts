import { gaussianNll, squaredError } from '../gpu/ops/gaussian';
import type { Method } from './contract';

/**
 * Negative log-likelihood of a Gaussian whose mean and variance the student gives. For a first share of the run the mean
 * alone is learnt, as if the variance were 1: NLL from the start weighs errors by 1 / variance and starves hard regions.
 */
const gaussianNllMethod: Method = {
  id: 'gaussian-nll',
  title: 'Gaussian NLL',
  oneLine: 'Learns mean and variance from the labels alone, without a teacher.',
  outputs: 'gaussian',
  params: {
    meanWarmup: {
      kind: 'number',
      label: 'Mean first',
      help: 'Share of the steps in which the mean alone is learnt, before the variance joins it.',
      default: 0.25,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'D. A. Nix, A. S. Weigend',
      year: 1994,
      title: 'Estimating the Mean and Variance of the Target Probability Distribution',
      venue: 'IEEE International Conference on Neural Networks 1994, pp. 55-60',
      url: 'https://doi.org/10.1109/ICNN.1994.374138',
    },
  ],
  formula: String.raw`\mathcal{L} = \tfrac{1}{2} \sum_k \Bigl[ s_k + (y_k - \mu_k)^2 e^{-s_k} \Bigr], \qquad s_k = \ln \sigma_k^2`,
  known:
    'The network puts out mean and variance, and both are learnt by maximum likelihood. Learning the mean first keeps regions with large errors from being explained away as noise.',
  reading:
    'The warm-up’s length is our choice, as is the clipping of s to -7 to 3; the constant ½ ln 2π is left out of the loss and counted in the figure.',
  costs: { parameters: 'none', passes: 'none' },
  needs: { teacher: 'none', labels: 'hard', index: false },
  terms: ({ logits, targets }) => ({
    nll: gaussianNll(logits, targets),
    mse: squaredError(logits, targets),
  }),
  weights(params, { step, steps }) {
    const warm = step < (params.meanWarmup as number) * steps;
    // Half the squared error is the NLL at a variance of 1, so that the mean's gradient does not jump.
    return { nll: warm ? 0 : 1, mse: warm ? 0.5 : 0 };
  },
};

export default gaussianNllMethod;
