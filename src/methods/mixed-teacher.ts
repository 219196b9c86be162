import * as tf from '@tensorflow/tfjs';
import { klToTarget, softmaxAt } from '../gpu/ops/losses';
import type { Method } from './contract';
import { NEEDS_TEACHER, temperature, temperatureOf } from './parts/fields';

/**
 * T^2 KL(share p_T(x_i) + (1 - share) p_T(x_j) || p_S(mix)): the student sees the mixed input, the teacher only the two
 * parents. What querying the teacher outside the data set adds is the distance between this control and XCL.
 */
const mixedTeacher: Method = {
  id: 'mixed-teacher',
  title: 'Mixed answers',
  oneLine:
    'Control: mixed inputs with the teacher’s answers on the two parents mixed, not asked on the mix.',
  params: { temperature },
  cite: [],
  formula: String.raw`\mathcal{L} = \tau^2\,\mathrm{KL}\bigl(\lambda\,p_T^{\tau}(x_i) + (1 - \lambda)\,p_T^{\tau}(x_j) \,\|\, p_S^{\tau}(\tilde{x})\bigr), \qquad \tilde{x} = \lambda x_i + (1 - \lambda) x_j`,
  known:
    'A teacher’s answer on a mix differs from the mix of its answers on the two parents, unless the teacher is linear in between.',
  reading:
    'A control of our own, from no paper: its distance to Extracurricular is what asking the teacher outside the data set adds. With CutMix, λ is the share of the area.',
  costs: {
    parameters: 'none',
    passes: 'two over the batch, one for each parent; none where they are remembered',
  },
  needs: { teacher: 'parents', labels: 'none', index: false },
  terms(batch, params) {
    const { logits, parents } = batch;
    if (!parents) throw new Error(NEEDS_TEACHER);
    const t = temperatureOf(batch, params);
    const first = tf.mul(softmaxAt(parents.first, t), parents.share);
    const second = tf.mul(softmaxAt(parents.second, t), tf.sub(1, parents.share));
    return { kl: klToTarget(logits, tf.add(first, second), t) };
  },
  weights: (params) => ({ kl: (params.temperature as number) ** 2 }),
};

export default mixedTeacher;
