import type { BooleanField, NumberField } from '../../recipe/fields';

/** When a compression sets in. */
export const start: NumberField = {
  kind: 'number',
  label: 'Start',
  help: 'Share of the run after which it sets in; until then the student trains as it is.',
  default: 0.5,
  min: 0,
  max: 0.95,
  step: 0.05,
};

export const bits: NumberField = {
  kind: 'integer',
  label: 'Bits',
  help: 'Bits for each stored number: fewer make the file smaller and the weights coarser.',
  default: 4,
  min: 2,
  max: 8,
};

/** Of an index into a table. */
export const tableBits: NumberField = {
  kind: 'integer',
  label: 'Bits',
  help: 'Bits of an index into the table of centroids, which has 2 to the power of bits lines.',
  default: 2,
  min: 1,
  max: 6,
};

export const dim: NumberField = {
  kind: 'integer',
  label: 'Dimension',
  help: 'So many neighbouring weights share one index.',
  default: 1,
  min: 1,
  max: 8,
  advanced: true,
};

export const keepEnds: BooleanField = {
  kind: 'boolean',
  label: 'Keep the ends',
  help: 'Leave the first and the last layer as they are.',
  default: true,
  advanced: true,
};
