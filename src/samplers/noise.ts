import type { Sampler } from './contract';
import { syntheticFields } from './parts/fields';

/** x + N(0, sigma^2) in normalised units: the cheap control, which leaves the label true. */
const noise: Sampler = {
  id: 'noise',
  title: 'Noise',
  oneLine: 'Gaussian noise on the inputs: the cheapest way to leave the data set.',
  params: {
    ...syntheticFields,
    sigma: {
      kind: 'number',
      label: 'Noise',
      help: 'Standard deviation, in units of the normalised input.',
      default: 0.5,
      min: 0,
      max: 3,
      step: 0.05,
    },
  },
  cite: [],
  labels: 'kept',
  inputs: ['image', 'plane', 'line'],
  draw: (_row, { random, params }) => ({
    kind: 'noise',
    seed: random.integer(2 ** 32),
    sigma: params.sigma as number,
  }),
};

export default noise;
