import * as tf from '@tensorflow/tfjs';
import { crossEntropy, klToTarget, softmaxAt } from '../gpu/ops/losses';
import type { Method, StepTensors, TeacherAnswer } from './contract';
import { binaryCrossEntropy, reversed } from './parts/adversary';
import { labelWeight, NEEDS_TEACHER } from './parts/fields';

/** Every teacher's logits. @throws Error where the engine gave none, which the check excludes */
function teachersOf({ teachers = [] }: StepTensors): readonly [TeacherAnswer, ...TeacherAnswer[]] {
  const [first, ...rest] = teachers;
  if (!first) throw new Error(NEEDS_TEACHER);
  return [first, ...rest];
}

/** The mean of tensors of one shape. */
function meanOf(tensors: readonly tf.Tensor2D[]): tf.Tensor2D {
  const [only] = tensors;
  if (only && tensors.length === 1) return only;
  return tf.div(tf.addN([...tensors]), tensors.length) as tf.Tensor2D;
}

/**
 * KL(mean of the teachers' softmax || p_S), and a small network that tells the student's logits from the teachers' mean
 * logits. The student's rows and the teachers' go through it in one call.
 */
const mealV2: Method = {
  id: 'meal-v2',
  title: 'MEAL V2',
  oneLine:
    'Imitates the mean of several teachers’ answers, while a small network judges whose they are.',
  params: {
    discriminator: {
      kind: 'choice',
      label: 'Discriminator',
      help: 'Adversarial: the student learns not to be told from the teachers. As released: it learns to be told from them. Off: soft answers only.',
      default: 'adversarial',
      options: [
        { value: 'adversarial', label: 'adversarial' },
        { value: 'as released', label: 'as released' },
        { value: 'off', label: 'off' },
      ],
    },
    weight: {
      kind: 'number',
      label: 'Discriminator weight',
      help: 'Weight of the discriminator’s loss beside the teachers’ answers.',
      default: 1,
      min: 0,
      max: 10,
      advanced: true,
    },
    labelWeight: {
      ...labelWeight,
      help: 'Weight of the labels beside the teachers’ answers; the paper uses none.',
    },
  },
  cite: [
    {
      authors: 'Z. Shen, M. Savvides',
      year: 2020,
      title:
        'MEAL V2: Boosting Vanilla ResNet-50 to 80%+ Top-1 Accuracy on ImageNet without Tricks',
      venue: 'NeurIPS 2020 Workshop Beyond BackPropagation',
      url: 'https://arxiv.org/abs/2009.08453',
    },
    {
      authors: 'Z. Shen, Z. He, X. Xue',
      year: 2019,
      title: 'MEAL: Multi-Model Ensemble via Adversarial Learning',
      venue: 'AAAI 2019',
      url: 'https://arxiv.org/abs/1812.02425',
    },
  ],
  formula: String.raw`\mathcal{L} = \mathrm{KL}(\bar{p} \,\|\, p_S) + \gamma\,\mathrm{BCE}\bigl(D(z_S), 1;\; D(\bar{z}), 0\bigr), \qquad \bar{p} = \frac{1}{K}\sum_{k=1}^{K} p_{T_k}, \quad \bar{z} = \frac{1}{K}\sum_{k=1}^{K} z_{T_k}`,
  known:
    'The target is the mean of the teachers’ softmax at temperature 1, without hard labels; the authors start from trained weights and set the weight decay to zero. In their released code no gradient is reversed, so that student and discriminator descend the same loss.',
  reading:
    'A gradient reversal between student and discriminator makes one pass adversarial; “as released” leaves it out. The discriminator is dense with one output, and narrower than the authors’; the KL differs from their cross-entropy by a constant. A warm start by labels takes the place of trained weights.',
  costs: {
    parameters: 'a discriminator of three dense layers on the logits, dropped after the run',
    passes:
      'one for each teacher over the batch; none on untouched rows, whose answers are remembered',
  },
  needs: { teacher: 'logits', labels: 'hard', index: false, several: true },
  auxiliary({ classes }, params) {
    if (params.discriminator === 'off') return {};
    const dense = (units: number) => ({ op: 'dense', units }) as const;
    const relu = { op: 'relu' } as const;
    const [wide, narrow] = [Math.max(8, classes >> 3), Math.max(4, classes >> 6)];
    return {
      discriminator: {
        input: [classes],
        layers: [dense(wide), relu, dense(narrow), relu, dense(1)],
      },
    };
  },
  terms(batch, params) {
    const { logits, targets, auxiliary } = batch;
    const teachers = teachersOf(batch).map((one) => one.logits);
    const target = meanOf(teachers.map((one) => softmaxAt(one, 1)));
    const terms = {
      ...((params.labelWeight as number) > 0 && { ce: crossEntropy(logits, targets) }),
      kl: klToTarget(logits, target, 1),
    };
    if (params.discriminator === 'off' || !auxiliary) return terms;
    const rows = logits.shape[0];
    const student = params.discriminator === 'adversarial' ? reversed(logits) : logits;
    const judged = auxiliary('discriminator', tf.concat([student, meanOf(teachers)]));
    const truth = tf.concat([tf.ones([rows, 1]), tf.zeros([rows, 1])]) as tf.Tensor2D;
    return { ...terms, discriminator: binaryCrossEntropy(judged as tf.Tensor2D, truth) };
  },
  weights: (params) => ({
    ce: params.labelWeight as number,
    kl: 1,
    discriminator: params.weight as number,
  }),
};

export default mealV2;
