import { crossEntropy } from '../gpu/ops/losses';
import type { Method } from './contract';

/** Cross-entropy on the labels; no teacher. */
const erm: Method = {
  id: 'erm',
  title: 'ERM',
  oneLine: 'Learns from the labels alone, without a teacher.',
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
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) = -\frac{1}{B} \sum_{i=1}^{B} \ln p_S(y_i \mid x_i)`,
  known:
    'Minimises the mean loss on the training set, which is what the other methods are measured against.',
  reading: null,
  costs: { parameters: 'none', passes: 'none' },
  needs: { teacher: 'none', labels: 'hard', index: false },
  terms: ({ logits, targets }) => ({ ce: crossEntropy(logits, targets) }),
  weights: () => ({ ce: 1 }),
};

export default erm;
