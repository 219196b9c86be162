import { crossEntropy } from '../gpu/ops/losses';
import type { Method } from './contract';

/** Cross-entropy on labels mixed as the inputs are: augmentation alone, without a teacher. */
const mixupErm: Method = {
  id: 'mixup-erm',
  title: 'Mixed labels',
  oneLine:
    'Control: the same mixed inputs, but with mixed labels instead of the teacher’s answers.',
  params: {},
  cite: [
    {
      authors: 'H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz',
      year: 2018,
      title: 'mixup: Beyond Empirical Risk Minimization',
      venue: 'ICLR 2018, equation 1',
      url: 'https://arxiv.org/abs/1710.09412',
    },
  ],
  formula: String.raw`\mathcal{L} = \lambda\,\mathrm{CE}\bigl(y_i, p_S(\tilde{x})\bigr) + (1 - \lambda)\,\mathrm{CE}\bigl(y_j, p_S(\tilde{x})\bigr), \qquad \tilde{x} = \lambda x_i + (1 - \lambda) x_j`,
  known:
    'Trains on convex combinations of two inputs and of their labels, with the same λ from a Beta distribution.',
  reading:
    'The mix is whatever the sampler makes: each row has its own λ, and with CutMix λ is the share of the area.',
  costs: { parameters: 'none', passes: 'none' },
  needs: { teacher: 'none', labels: 'mixed', index: false },
  terms: ({ logits, targets }) => ({ ce: crossEntropy(logits, targets) }),
  weights: () => ({ ce: 1 }),
};

export default mixupErm;
