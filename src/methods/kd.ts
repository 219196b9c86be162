import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import {
  LOGITS_COST,
  NEEDS_TEACHER,
  teacherWeight,
  temperature,
  temperatureOf,
} from './parts/fields';

/** (1 - alpha) CE(y, p_S) + alpha T^2 KL(p_T || p_S), both softened by T. Rows without a label add no CE. */
const kd: Method = {
  id: 'kd',
  title: 'KD',
  oneLine: 'Imitates the teacher’s softened answers on the data, with a little of the labels.',
  params: {
    temperature,
    alpha: teacherWeight,
  },
  cite: [
    {
      authors: 'G. Hinton, O. Vinyals, J. Dean',
      year: 2015,
      title: 'Distilling the Knowledge in a Neural Network',
      venue: 'NIPS 2014 Deep Learning Workshop, section 2',
      url: 'https://arxiv.org/abs/1503.02531',
    },
  ],
  formula: String.raw`\mathcal{L} = (1 - \alpha)\,\mathrm{CE}(y, p_S) + \alpha\,\tau^2\,\mathrm{KL}(p_T^{\tau} \,\|\, p_S^{\tau})`,
  known:
    'The labels count at temperature 1; the factor τ² keeps the gradient’s size as the temperature rises. Temperature 4 and weight 0.9 are the usual settings of public CIFAR-100 implementations.',
  reading:
    'On rows that have no label, because a sampler made them, only the teacher’s term counts.',
  costs: LOGITS_COST,
  needs: { teacher: 'logits', labels: 'hard', index: false },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    return {
      ce: crossEntropy(logits, targets),
      kl: distillationKl(logits, teacher, temperatureOf(batch, params)),
    };
  },
  weights(params) {
    const alpha = params.alpha as number;
    return { ce: 1 - alpha, kl: alpha * (params.temperature as number) ** 2 };
  },
};

export default kd;
