import type { Fields } from '../../recipe/fields';
import { cropField } from '../../recipe/run-fields';

/** Crop and flip, which teacher and student both see. */
export const viewFields = {
  augment: {
    kind: 'choice',
    label: 'Crop and flip',
    help: 'Shift the image a little and mirror half of them; the teacher is asked about the same pixels.',
    default: 'none',
    options: [
      { value: 'none', label: 'off' },
      { value: 'crop-flip', label: 'on' },
    ],
    advanced: true,
  },
  pad: { ...cropField, advanced: true },
} as const satisfies Fields;

/** What every sampler of synthetic rows shares. */
export const syntheticFields = {
  share: {
    kind: 'number',
    label: 'Outside share',
    help: 'Part of each batch that lies outside the data set; 0 is plain distillation on the data.',
    default: 1,
    min: 0,
    max: 1,
    step: 0.05,
  },
  select: {
    kind: 'choice',
    label: 'Which of them',
    help: 'Draw twice as many and keep the half of which the teacher is most sure, or least sure.',
    default: 'all',
    options: [
      { value: 'all', label: 'all' },
      { value: 'confident', label: 'confident only' },
      { value: 'uncertain', label: 'uncertain only' },
    ],
    advanced: true,
  },
  ...viewFields,
} as const satisfies Fields;

/** What samplers that mix two rows share besides. */
export const pairFields = {
  alpha: {
    kind: 'number',
    label: 'Beta parameter',
    help: 'Shares are drawn from Beta(a, a) for every sample: 1 is uniform, small values stay near one parent.',
    default: 1,
    min: 0.05,
    max: 10,
    scale: 'log',
    advanced: true,
  },
  pairs: {
    kind: 'choice',
    label: 'Pairs',
    help: 'Which rows may be mixed.',
    default: 'any',
    options: [
      { value: 'any', label: 'any two' },
      { value: 'same', label: 'of the same class' },
      { value: 'different', label: 'of different classes' },
      { value: 'neighbours', label: 'near each other for the teacher' },
    ],
    advanced: true,
  },
} as const satisfies Fields;
