import * as tf from '@tensorflow/tfjs';
import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Temperature } from '../gpu/ops/losses';
import { standardised, togetherAt } from '../gpu/ops/relations';
import type { Method } from './contract';
import {
  labelWeight,
  LOGITS_COST,
  NEEDS_TEACHER,
  temperature,
  temperatureOf,
} from './parts/fields';

/** Far below every other logit: the class gets probability 0 exactly. */
const OUT = 1e4;

/** Each row's target class, one-hot: its label, or the class that the teacher is surest of where it has none. */
function targetClass(targets: tf.Tensor2D, teacher: tf.Tensor2D): tf.Tensor2D {
  const unlabelled = tf.sub(1, tf.sum(targets, 1, true));
  const surest = tf.oneHot(tf.argMax(teacher, 1), teacher.shape[1]);
  return tf.add(targets, tf.mul(unlabelled, tf.cast(surest, 'float32')));
}

/**
 * The two parts of KL(p_T || p_S) at a temperature: of the target class against all others together, and among the others.
 * With p the teacher's probability of the target class, KL = TCKD + (1 - p) NCKD in every row.
 */
function decoupled(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  target: tf.Tensor2D,
  t: Temperature,
): { tckd: tf.Scalar; nckd: tf.Scalar } {
  const far = tf.mul(target, OUT);
  const others = [student, teacher].map((z) => tf.sub(z, far) as tf.Tensor2D);
  const [two, twoOfTeacher] = [student, teacher].map((z, i) => {
    const own = tf.sum(tf.mul(z, target), 1, true) as tf.Tensor2D;
    return tf.concat([own, togetherAt(others[i] as tf.Tensor2D, t)], 1);
  });
  return {
    tckd: distillationKl(two as tf.Tensor2D, twoOfTeacher as tf.Tensor2D, t),
    nckd: distillationKl(others[0] as tf.Tensor2D, others[1] as tf.Tensor2D, t),
  };
}

/** CE(y, p_S) + T^2 [alpha TCKD + beta NCKD], the second part warmed up. */
const dkd: Method = {
  id: 'dkd',
  title: 'DKD',
  oneLine:
    'KD taken apart: how sure the teacher is of the target class, and how it ranks the others, each with a weight of its own.',
  params: {
    temperature,
    alpha: {
      kind: 'number',
      label: 'Target weight',
      help: 'Weight of how sure the teacher is of the target class.',
      default: 1,
      min: 0,
      max: 20,
      step: 0.5,
    },
    beta: {
      kind: 'number',
      label: 'Non-target weight',
      help: 'Weight of how the teacher ranks the other classes.',
      default: 8,
      min: 0,
      max: 20,
      step: 0.5,
    },
    labelWeight: { ...labelWeight, default: 1 },
    warmup: {
      kind: 'number',
      label: 'Warm-up share',
      help: 'Part of the run in which the weight of the teacher’s answers rises from zero.',
      default: 0.08,
      min: 0,
      max: 1,
      step: 0.01,
      advanced: true,
    },
    standardise: {
      kind: 'boolean',
      label: 'Standardise logits',
      help: 'Compare the logits as z-scores, as logit standardisation does.',
      default: false,
      advanced: true,
    },
    standardWeight: {
      kind: 'number',
      label: 'Weight of z-scores',
      help: 'Multiplies both weights where the logits are standardised: z-scores are small numbers.',
      default: 9,
      min: 0.1,
      max: 100,
      scale: 'log',
      advanced: true,
    },
  },
  cite: [
    {
      authors: 'B. Zhao, Q. Cui, R. Song, Y. Qiu, J. Liang',
      year: 2022,
      title: 'Decoupled Knowledge Distillation',
      venue: 'CVPR 2022',
      url: 'https://arxiv.org/abs/2203.08679',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{CE}(y, p_S) + w\,\tau^2\,[\alpha\,\mathrm{TCKD} + \beta\,\mathrm{NCKD}], \qquad \mathrm{KL}(p_T^{\tau} \,\|\, p_S^{\tau}) = \mathrm{TCKD} + (1 - p_{T,y}^{\tau})\,\mathrm{NCKD}`,
  known:
    'TCKD is the KL of the pairs (p_y, 1 − p_y), NCKD that of the softmax over the other classes. Public CIFAR-100 settings: temperature 4, α 1, β 2 to 8 by network pair, and a linear warm-up over 20 of 240 epochs.',
  reading:
    'Where a row has no label, its target class is the one that the teacher is surest of, so that every sampler can be used; such a row adds no CE. The warm-up is a share of the run. With z-scores both weights are multiplied by 9, as logit standardisation does with KD’s. Its released code multiplies α by 9, makes β nine times the product (81 for α 1, whatever β was), and leaves DKD’s temperature at 4.',
  costs: LOGITS_COST,
  needs: { teacher: 'logits', labels: 'hard', index: false },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    const target = targetClass(targets, teacher);
    const [student, taught] = [logits, teacher].map((z) =>
      params.standardise === true ? standardised(z) : z,
    ) as [tf.Tensor2D, tf.Tensor2D];
    return {
      ce: crossEntropy(logits, targets),
      ...decoupled(student, taught, target, temperatureOf(batch, params)),
    };
  },
  weights(params, { step, steps }) {
    const risen = (step + 1) / Math.max(1, (params.warmup as number) * steps);
    const standard = params.standardise === true ? (params.standardWeight as number) : 1;
    const scale = Math.min(1, risen) * standard * (params.temperature as number) ** 2;
    return {
      ce: params.labelWeight as number,
      tckd: scale * (params.alpha as number),
      nckd: scale * (params.beta as number),
    };
  },
};

export default dkd;
