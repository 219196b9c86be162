import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import { NEEDS_TEACHER, temperature, temperatureOf } from './parts/fields';

/**
 * T^2 KL(p_T || p_S) on whatever the sampler draws, uncertain samples included, with one mean over the batch; synthetic
 * rows never have a label. Our reading: the paper's abstract gives the three parts, not the formula; see methods.
 */
const xcl: Method = {
  id: 'xcl',
  title: 'Extracurricular',
  oneLine:
    'Imitates the teacher’s answers on points outside the data set too, the uncertain ones included.',
  params: {
    temperature,
    labelWeight: {
      kind: 'number',
      label: 'Label weight',
      help: 'Weight of the labels on the real rows of the batch; 0 leaves the teacher alone.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'H. Pouransari, M. Javaheripi, V. Sharma, O. Tuzel',
      year: 2021,
      title: 'Extracurricular Learning: Knowledge Transfer Beyond Empirical Distribution',
      venue: 'CVPR 2021 Workshops, pp. 3032-3042 (abstract; the objective is our reading)',
      url: 'https://arxiv.org/abs/2007.00051',
    },
  ],
  needs: { teacher: 'logits', labels: 'none', index: false },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    const kl = distillationKl(logits, teacher, temperatureOf(batch, params));
    return (params.labelWeight as number) > 0 ? { kl, ce: crossEntropy(logits, targets) } : { kl };
  },
  weights: (params) => ({
    kl: (params.temperature as number) ** 2,
    ce: params.labelWeight as number,
  }),
};

export default xcl;
