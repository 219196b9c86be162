import type { Compression } from './contract';

/** The student as it is. */
const none: Compression = {
  id: 'none',
  title: 'None',
  oneLine: 'The student keeps its size.',
  params: {},
  cite: [],
  kind: 'none',
  formula: String.raw`\tilde W = W`,
  known: 'Every weight is a float32 number.',
  reading: null,
  costs: { bytes: 'four for each number', macs: 'as before' },
  layers: () => [],
};

export default none;
