import * as tf from '@tensorflow/tfjs';
import type { Place, Run, Setup } from './cells';
import { PlainNet } from './plain-net';
import { Batches, MOMENTUM, problemOf, wholeSet } from './problem';
import type { Batch, Problem } from './problem';
import { finishStock, startStock, submitStock } from './stock-backend';

/**
 * The same training step out of stock tfjs operations, as a user of tfjs writes it: batch norm out of tf.moments and
 * tf.batchNorm, tf.losses.softmaxCrossEntropy, tf.train.momentum. It gets its batches ready-made.
 *
 * @param optimizer 'preset': of the preset's kind (Adam on the plane), without Nesterov and weight decay
 */
export async function plainRun(
  setup: Setup,
  place: Place,
  optimizer: 'momentum' | 'preset',
): Promise<Run> {
  await startStock(place);
  const problem = problemOf(setup);
  const { shape, classes, temperature, alpha, recipe } = problem;
  const { batch, arm } = setup;
  const net = new PlainNet(problem.student, true);
  const teacher = arm === 'xcl' ? new PlainNet(problem.teacher, false) : null;
  const answers = arm === 'kd' ? remembered(problem, place) : null;
  const wanted = optimizer === 'momentum' ? MOMENTUM : recipe.optimizer;
  const trainer =
    wanted.kind === 'adam'
      ? tf.train.adam(wanted.rate)
      : tf.train.momentum(wanted.rate, wanted.momentum);
  const batches = new Batches(problem);
  const ready: Batch[] = [];

  const step = ({ x: pixels, targets, rows }: Batch) => {
    const x = tf.tensor(pixels, [batch, ...shape]);
    const labels = () => tf.tensor2d(targets, [batch, classes]);
    const taught = teacher
      ? tf.tidy(() => teacher.run(x, false))
      : answers && tf.gather(answers, tf.tensor1d(rows, 'int32'));
    trainer.minimize(
      () => {
        const logits = net.run(x, true);
        const ce = () => tf.losses.softmaxCrossEntropy(labels(), logits);
        if (!taught) return ce() as tf.Scalar;
        const kl = tf.mul(divergence(taught, logits, temperature), temperature ** 2);
        if (arm === 'xcl') return kl as tf.Scalar;
        return tf.add(tf.mul(ce(), 1 - alpha), tf.mul(kl, alpha)) as tf.Scalar;
      },
      false,
      net.trainable,
    );
  };

  return {
    prepare(steps) {
      while (ready.length < steps) ready.push(batches.next());
    },
    step() {
      const next = ready.shift() ?? batches.next();
      tf.tidy(() => step(next));
      return Promise.resolve();
    },
    submit: submitStock,
    finish: finishStock,
    results: () => net.read(),
  };
}

/** KL(softmax(teacher / T) || softmax(student / T)), mean over rows. */
function divergence(teacher: tf.Tensor, student: tf.Tensor, temperature: number): tf.Tensor {
  const p = tf.softmax(tf.div(teacher, temperature));
  const logQ = tf.logSoftmax(tf.div(student, temperature));
  return tf.mean(tf.sum(tf.mul(p, tf.sub(tf.log(p), logQ)), -1));
}

/** The teacher's answers on the whole set, [count, classes]. A device that computes nothing need not be asked. */
function remembered(problem: Problem, place: Place): tf.Tensor {
  const { count } = problem.data.train;
  if (place === 'mock') return tf.keep(tf.zeros([problem.setup.batch, problem.classes]));
  const teacher = new PlainNet(problem.teacher, false);
  return tf.tidy(() => {
    const x = tf.tensor(wholeSet(problem), [count, ...problem.shape]);
    return tf.keep(teacher.run(x, false));
  });
}
