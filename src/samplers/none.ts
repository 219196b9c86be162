import type { Sampler } from './contract';
import { viewFields } from './parts/fields';

/** The data set's own rows. */
const none: Sampler = {
  id: 'none',
  title: 'Data only',
  oneLine: 'Only the images of the data set are put to the teacher.',
  params: { ...viewFields },
  cite: [],
  labels: 'kept',
  inputs: ['image', 'plane', 'line'],
  draw: () => ({ kind: 'real' }),
};

export default none;
