import type { Sampler } from './contract';
import { syntheticFields } from './parts/fields';
import { POOL_ITEMS } from './parts/pool';
import type { PoolName } from './parts/pool';

/** Inputs that have nothing to do with the task: the control for "any input outside the data set will do". */
const other: Sampler = {
  id: 'other',
  title: 'Other inputs',
  oneLine: 'Noise, or pictures that are not of the task: a control, which should teach less.',
  params: {
    ...syntheticFields,
    pool: {
      kind: 'choice',
      label: 'Which inputs',
      help: 'A thousand inputs of one kind, the same in every run; on the plane, points of a square around the data (or normal ones).',
      default: 'patterns',
      options: [
        { value: 'patterns', label: 'patterns and textures' },
        { value: 'uniform', label: 'uniform noise' },
        { value: 'gaussian', label: 'Gaussian noise' },
      ],
    },
  },
  cite: [],
  labels: 'none',
  inputs: ['image', 'plane'],
  draw: (_row, { random, params }) => ({
    kind: 'other',
    pool: params.pool as PoolName,
    item: random.integer(POOL_ITEMS),
  }),
};

export default other;
