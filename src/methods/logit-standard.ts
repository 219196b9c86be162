import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import { standardised } from '../gpu/ops/relations';
import type { Method } from './contract';
import {
  labelWeight,
  LOGITS_COST,
  NEEDS_TEACHER,
  temperature,
  temperatureOf,
} from './parts/fields';

/** w_CE CE(y, p_S) + w_KD T^2 KL(softmax(Z(z_T) / T) || softmax(Z(z_S) / T)), Z the z-score of a row (n - 1). */
const logitStandard: Method = {
  id: 'logit-standard',
  title: 'Logit standardisation',
  oneLine:
    'KD on z-scores of the logits: the student may answer on a scale of its own, only the pattern counts.',
  params: {
    temperature: { ...temperature, default: 2 },
    weight: {
      kind: 'number',
      label: 'Teacher weight',
      help: 'Weight of the teacher’s standardised answers.',
      default: 9,
      min: 0,
      max: 20,
      step: 0.5,
    },
    labelWeight: { ...labelWeight, default: 0.1 },
  },
  cite: [
    {
      authors: 'S. Sun, W. Ren, J. Li, R. Wang, X. Cao',
      year: 2024,
      title: 'Logit Standardization in Knowledge Distillation',
      venue: 'CVPR 2024',
      url: 'https://arxiv.org/abs/2403.01427',
    },
  ],
  formula: String.raw`\mathcal{L} = w_{\mathrm{CE}}\,\mathrm{CE}(y, p_S) + w_{\mathrm{KD}}\,\tau^2\,\mathrm{KL}\bigl(\sigma(Z(z_T)/\tau) \,\|\, \sigma(Z(z_S)/\tau)\bigr), \qquad Z(z) = \frac{z - \operatorname{mean}(z)}{\operatorname{std}(z) + 10^{-7}}`,
  known:
    'The standard deviation has n − 1 below the bar. The public code runs at temperature 2 with weight 9 for the teacher and 0.1 for the labels.',
  reading:
    'A row whose logits are all equal has no z-score: it becomes zeros and gets no gradient from this term. Rows without a label add no CE. Without labels nothing sets the scale of the student’s logits, so its confidence means little.',
  costs: LOGITS_COST,
  needs: { teacher: 'logits', labels: 'hard', index: false },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    return {
      ce: crossEntropy(logits, targets),
      kl: distillationKl(standardised(logits), standardised(teacher), temperatureOf(batch, params)),
    };
  },
  weights: (params) => ({
    ce: params.labelWeight as number,
    kl: (params.weight as number) * (params.temperature as number) ** 2,
  }),
};

export default logitStandard;
