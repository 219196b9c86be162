import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import { labelWeight, NEEDS_TEACHER, temperature, temperatureOf } from './parts/fields';
import { BEYOND_COST, POURANSARI } from './parts/pouransari';

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
      ...labelWeight,
      help: 'Weight of the labels on the real rows of the batch; 0 leaves the teacher alone.',
    },
  },
  cite: [POURANSARI],
  formula: String.raw`\mathcal{L} = (1 - \rho)\,\mathbb{E}_{x \sim D}\,\ell(x) + \rho\,\mathbb{E}_{\tilde{x} \sim q}\,\ell(\tilde{x}), \qquad \ell(x) = \tau^2\,\mathrm{KL}\bigl(p_T^{\tau}(x) \,\|\, p_S^{\tau}(x)\bigr)`,
  known:
    'The abstract names three parts: model the distribution of the outputs, sample inputs beyond the training set, and match student to teacher there, uncertain samples included. It reports a gap to the teacher that is 46 to 68 % smaller than with standard KD.',
  reading:
    'The objective is our reading, as we could read only the abstract and the first lines: one mean over real rows D and made-up rows q, KL from teacher to student, no labels by default. The sampler q, its share ρ and the temperature τ are our choices too.',
  costs: BEYOND_COST,
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
