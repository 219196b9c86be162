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
  needs: { teacher: 'none', labels: 'mixed', index: false },
  terms: ({ logits, targets }) => ({ ce: crossEntropy(logits, targets) }),
  weights: () => ({ ce: 1 }),
};

export default mixupErm;
