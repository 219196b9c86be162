import { gaussianKl, gaussianNll } from '../gpu/ops/gaussian';
import type { Direction } from '../gpu/ops/gaussian';
import type { Method } from './contract';
import { labelWeight, NEEDS_TEACHER } from './parts/fields';
import { BEYOND_COST, POURANSARI } from './parts/pouransari';

/**
 * KL between the teacher's and the student's Gaussians on whatever the sampler draws, with one mean over the batch;
 * made-up rows never have a label.
 */
const xclGaussian: Method = {
  id: 'xcl-gaussian',
  title: 'Extracurricular, Gaussian',
  oneLine: 'Imitates the teacher’s mean and variance on points outside the data set too.',
  outputs: 'gaussian',
  params: {
    direction: {
      kind: 'choice',
      label: 'Direction of KL',
      help: 'From teacher to student covers what the teacher allows; the reverse stays where it is sure.',
      default: 'forward',
      options: [
        { value: 'forward', label: 'teacher to student' },
        { value: 'reverse', label: 'student to teacher' },
        { value: 'symmetric', label: 'mean of both' },
      ],
      advanced: true,
    },
    labelWeight: {
      ...labelWeight,
      help: 'Weight of the labels on the real rows of the batch; 0 leaves the teacher alone.',
    },
  },
  cite: [POURANSARI],
  formula: String.raw`\ell(x) = \tfrac{1}{2} \sum_k \Bigl[ s_{S,k} - s_{T,k} + \bigl(e^{s_{T,k}} + (\mu_{T,k} - \mu_{S,k})^2\bigr) e^{-s_{S,k}} - 1 \Bigr], \qquad s = \ln \sigma^2`,
  known:
    'The abstract models the distribution of the outputs in regression too, and reports an error on MPIIGaze that is 16 % lower than that of students trained on the labels.',
  reading:
    'Gaussians with a diagonal covariance, their closed-form KL, its direction, the sampler and its share are our reading: we could read only the abstract and the first lines. “Mean of both” is our own control.',
  costs: BEYOND_COST,
  needs: { teacher: 'logits', labels: 'none', index: false },
  terms({ logits, teacher, targets }, params) {
    if (!teacher) throw new Error(NEEDS_TEACHER);
    const kl = gaussianKl(logits, teacher, params.direction as Direction);
    return (params.labelWeight as number) > 0 ? { kl, nll: gaussianNll(logits, targets) } : { kl };
  },
  weights: (params) => ({ kl: 1, nll: params.labelWeight as number }),
};

export default xclGaussian;
