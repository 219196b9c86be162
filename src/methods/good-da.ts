import * as tf from '@tensorflow/tfjs';
import { crossEntropy, distillationKl } from '../gpu/ops/losses';
import type { Method } from './contract';
import { NEEDS_TEACHER, teacherWeight, temperature, temperatureOf } from './parts/fields';

/**
 * (1 - alpha) CE(clean) + alpha T^2 [KL(clean) + KL(augmented)], each a mean over its own rows. Rows with a label are clean,
 * the others augmented; an empty part counts 0.
 */
const goodDa: Method = {
  id: 'good-da',
  title: 'CutMixPick',
  oneLine:
    'Distils clean and cut-and-pasted images alike, those among them of which the teacher is least sure.',
  params: {
    temperature,
    alpha: {
      ...teacherWeight,
      help: 'Weight of the teacher’s answers, on clean and on augmented rows alike; the labels get the rest.',
    },
  },
  cite: [
    {
      authors: 'H. Wang, S. Lohit, M. N. Jones, Y. Fu',
      year: 2022,
      title:
        'What Makes a “Good” Data Augmentation in Knowledge Distillation – A Statistical Perspective',
      venue: 'NeurIPS 2022',
      url: 'https://arxiv.org/abs/2012.02909',
    },
  ],
  formula: String.raw`\mathcal{L} = (1 - \alpha)\,\mathrm{CE}(y, p_S(x)) + \alpha\,\tau^2 \bigl[\mathrm{KL}(p_T^{\tau}(x) \,\|\, p_S^{\tau}(x)) + \mathrm{KL}(p_T^{\tau}(\tilde{x}) \,\|\, p_S^{\tau}(\tilde{x}))\bigr]`,
  known:
    'Weights 0.1 and 0.9 and temperature 4 are those of the public code, which asks the teacher about the augmented images and keeps the 64 of highest entropy out of two pools of CutMix images.',
  reading:
    'The picking is the sampler’s: choose CutMix with outside share 0.5 and “uncertain only”. It ranks one pool of twice the size. Rows that keep their label, noisy ones too, count as clean.',
  costs: {
    parameters: 'none',
    passes: 'one over the batch; three halves of one where half of it is picked',
  },
  needs: { teacher: 'logits', labels: 'hard', index: false },
  terms(batch, params) {
    const { logits, teacher, targets } = batch;
    if (!teacher) throw new Error(NEEDS_TEACHER);
    const t = temperatureOf(batch, params);
    const [rows] = logits.shape;
    const clean = tf.sum(targets, 1, true);
    const augmented = tf.sub(1, clean);
    /** The loss of some of the rows, as the mean over those. A row whose two answers are the same adds nothing. */
    const meanOf = (part: tf.Tensor) => {
      const answers = tf.add(tf.mul(logits, part), tf.mul(teacher, tf.sub(1, part)));
      return over(part, distillationKl(answers as tf.Tensor2D, teacher, t));
    };
    const over = (part: tf.Tensor, mean: tf.Scalar) =>
      tf.mul(mean, tf.div(rows, tf.maximum(tf.sum(part), 1))) as tf.Scalar;
    return {
      ce: over(clean, crossEntropy(logits, targets)),
      klClean: meanOf(clean),
      klAugmented: meanOf(augmented),
    };
  },
  weights(params) {
    const alpha = params.alpha as number;
    const kl = alpha * (params.temperature as number) ** 2;
    return { ce: 1 - alpha, klClean: kl, klAugmented: kl };
  },
};

export default goodDa;
