import * as tf from '@tensorflow/tfjs';
import { crossEntropy, softmaxAt } from '../gpu/ops/losses';
import { meanCorrelation } from '../gpu/ops/relations';
import type { Method } from './contract';
import {
  labelWeight,
  LOGITS_COST,
  NEEDS_TEACHER,
  temperature,
  temperatureOf,
} from './parts/fields';

/**
 * w CE(y, p_S) + T^2 [beta (1 - mean correlation of a row's probabilities) + gamma (1 - that of a class's over the batch)],
 * probabilities softened by T.
 */
const dist: Method = {
  id: 'dist',
  title: 'DIST',
  oneLine:
    'Matches how the teacher relates classes within a row and rows within a class, not the answers themselves.',
  params: {
    temperature,
    beta: {
      kind: 'number',
      label: 'Inter-class weight',
      help: 'Weight of the relations between the classes of each row.',
      default: 2,
      min: 0,
      max: 20,
      step: 0.5,
    },
    gamma: {
      kind: 'number',
      label: 'Intra-class weight',
      help: 'Weight of the relations between the rows of the batch in each class.',
      default: 2,
      min: 0,
      max: 20,
      step: 0.5,
    },
    labelWeight: { ...labelWeight, default: 1 },
  },
  cite: [
    {
      authors: 'T. Huang, S. You, F. Wang, C. Qian, C. Xu',
      year: 2022,
      title: 'Knowledge Distillation from A Stronger Teacher',
      venue: 'NeurIPS 2022',
      url: 'https://arxiv.org/abs/2205.10536',
    },
  ],
  formula: String.raw`\mathcal{L} = w\,\mathrm{CE}(y, p_S) + \tau^2 \Bigl[\beta \Bigl(1 - \tfrac{1}{B} \sum_i \rho(p_{S,i}^{\tau}, p_{T,i}^{\tau})\Bigr) + \gamma \Bigl(1 - \tfrac{1}{C} \sum_c \rho(p_{S,\cdot c}^{\tau}, p_{T,\cdot c}^{\tau})\Bigr)\Bigr]`,
  known:
    'The letter ρ is Pearson’s correlation, of the classes in a row and of the rows in a class. Public CIFAR-100 settings: τ 4, both weights 1, and 2 over the whole of it.',
  reading:
    'The factor 2 is in β and γ. A row or class that does not vary counts as uncorrelated and gets no gradient. Rows without a label add no CE. Two rows always correlate by ±1, so that the batch must have three.',
  costs: LOGITS_COST,
  needs: { teacher: 'logits', labels: 'hard', index: false, rows: 3 },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    const t = temperatureOf(batch, params);
    const [student, taught] = [softmaxAt(logits, t), softmaxAt(teacher, t)];
    return {
      ce: crossEntropy(logits, targets),
      inter: tf.sub(1, meanCorrelation(student, taught, 1)),
      intra: tf.sub(1, meanCorrelation(student, taught, 0)),
    };
  },
  weights(params) {
    const scale = (params.temperature as number) ** 2;
    return {
      ce: params.labelWeight as number,
      inter: scale * (params.beta as number),
      intra: scale * (params.gamma as number),
    };
  },
};

export default dist;
