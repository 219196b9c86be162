import * as tf from '@tensorflow/tfjs';
import type { Teacher as TeacherRecipe } from '../recipe/recipe';
import { Random } from '../recipe/random';
import { crossEntropy } from '../gpu/ops/losses';
import { models } from '../models/registry';
import { drawWeights } from '../models/net/draw';
import type { Weights } from '../models/net/draw';
import type { Graph } from '../models/net/graph';
import { Network } from '../models/net/network';
import { composeRows, transferOf } from '../samplers/parts/compose';
import none from '../samplers/none';
import type { TaskData } from '../tasks/contract';
import { targetsOf } from './batch';
import { pixelsOf, renderTensor } from './data';
import { Optimizer, rateAt } from './optimizer';
import { Order } from './order';
import { fence } from '../gpu/fence';
import { UserError } from '../recipe/errors';

/** How a teacher is trained: cross-entropy on the labels of the whole training split. */
export type Training = Omit<Extract<TeacherRecipe, { source: 'train' }>, 'source'>;

/**
 * Trains a teacher and returns its weights. Deterministic in its seed on one backend.
 * @param progress told the share that is done; awaited, so that it may let messages in
 */
export async function teach(
  training: Training,
  data: TaskData,
  seed: number,
  progress: (share: number, loss: number) => Promise<void>,
): Promise<{ graph: Graph; weights: Weights }> {
  const classes = data.classes.length;
  const graph = models.get(training.model.id).graph(data.shape, classes, training.model.params);
  const network = new Network(graph, drawWeights(graph, seed));
  const optimizer = new Optimizer(training.optimizer);
  const order = new Order(data.train.count, seed);
  const random = Random.from(seed, 'draws');
  const transfer = transferOf(data.train.y, data.train.count, data.shape, classes);
  const pixels = pixelsOf(data, data.train);
  const view = { augment: training.augment, pad: training.pad };
  const batch = Math.min(training.batch, data.train.count);
  try {
    for (let step = 0; step < training.steps; step++) {
      const plans = composeRows(none, view, order.next(batch), transfer, random);
      const x = renderTensor(pixels, plans);
      const targets = tf.tensor2d(targetsOf(plans, data.train.y, classes, false), [
        plans.length,
        classes,
      ]);
      const variables = network.trainable().map(({ variable }) => variable);
      const { value, grads } = tf.variableGrads(
        () => crossEntropy(network.forward(x).logits, targets),
        variables,
      );
      optimizer.apply(network, grads, rateAt(training.optimizer, step, training.steps));
      if (step % 20 === 19 || step + 1 === training.steps) {
        const loss = (await value.data())[0] ?? NaN;
        if (!Number.isFinite(loss))
          throw new UserError(
            'E_DIVERGED',
            `The teacher's loss became infinite at step ${step + 1}.`,
            'Lower its learning rate and start again.',
          );
        await progress((step + 1) / training.steps, loss);
      }
      tf.dispose([x, targets, value, grads]);
      await fence();
    }
    return { graph, weights: await network.read() };
  } finally {
    network.dispose();
    optimizer.dispose();
  }
}
