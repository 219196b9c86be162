import { distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import { NEEDS_TEACHER, temperature, temperatureOf } from './parts/fields';

/** T^2 KL(p_T || p_S), nothing else: the teacher's function on whatever inputs are drawn, which both of them see alike. */
const functionMatching: Method = {
  id: 'function-matching',
  title: 'Function matching',
  oneLine:
    'Imitates the teacher’s answers on mixed inputs for a long time, and never sees a label.',
  params: { temperature: { ...temperature, default: 1 } },
  cite: [
    {
      authors: 'L. Beyer, X. Zhai, A. Royer, L. Markeeva, R. Anil, A. Kolesnikov',
      year: 2022,
      title: 'Knowledge distillation: A good teacher is patient and consistent',
      venue: 'CVPR 2022',
      url: 'https://arxiv.org/abs/2106.05237',
    },
  ],
  formula: String.raw`\mathcal{L} = \tau^2\,\mathrm{KL}(p_T^{\tau}(\tilde{x}) \,\|\, p_S^{\tau}(\tilde{x})), \qquad \tilde{x} = \lambda x_i + (1 - \lambda) x_j,\ \lambda \ge \tfrac12`,
  known:
    'No labels; teacher and student see the same crop and the same mix (consistent teaching), with λ from Beta(1, 1) and the larger share for the first image. The public configuration has temperature 1 and a very long schedule.',
  reading:
    'The mixing is the sampler’s: choose Interpolation with “Larger share first”. There the share is drawn for every row and the partner at random; the public code draws one for each batch and mixes with the next row. The long schedule is the recipe’s.',
  costs: {
    parameters: 'none',
    passes: 'one over the batch',
  },
  needs: { teacher: 'logits', labels: 'none', index: false },
  terms(batch, params) {
    const { logits, teacher } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    return { kl: distillationKl(logits, teacher, temperatureOf(batch, params)) };
  },
  weights: (params) => ({ kl: (params.temperature as number) ** 2 }),
};

export default functionMatching;
