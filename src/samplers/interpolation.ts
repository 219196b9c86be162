import type { Sampler } from './contract';
import { pairFields, syntheticFields } from './parts/fields';

/** share * x_i + (1 - share) * x_j with share ~ Beta(a, a), or the larger of it and 1 - it, drawn for every sample. */
const interpolation: Sampler = {
  id: 'interpolation',
  title: 'Interpolation',
  oneLine: 'Two inputs blended into one, with a share drawn anew for every sample.',
  params: {
    ...syntheticFields,
    ...pairFields,
    largerFirst: {
      kind: 'boolean',
      label: 'Larger share first',
      help: 'Give the larger share to the first of the two, so that each row of the data set stays the main part of its mix.',
      default: false,
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz',
      year: 2018,
      title: 'mixup: Beyond Empirical Risk Minimization',
      venue: 'ICLR 2018, equation 1 (inputs; the labels are the method’s business)',
      url: 'https://arxiv.org/abs/1710.09412',
    },
  ],
  labels: 'mixed',
  inputs: ['image', 'plane', 'line'],
  draw(row, { random, params, partner }) {
    const other = partner(row);
    const drawn = random.beta(params.alpha as number);
    const share = params.largerFirst === true ? Math.max(drawn, 1 - drawn) : drawn;
    return { kind: 'interpolation', partner: other.row, partnerView: other.view, share };
  },
};

export default interpolation;
