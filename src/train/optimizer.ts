import * as tf from '@tensorflow/tfjs';
import type { Optimizer as OptimizerRecipe } from '../recipe/recipe';
import type { Network } from '../models/net/network';

const BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

/** The learning rate of a step (counted from 0): linear warm-up, then constant or a cosine that ends at zero. */
export function rateAt(recipe: OptimizerRecipe, step: number, steps: number): number {
  const warm = recipe.warmup > 0 ? Math.min(1, (step + 1) / recipe.warmup) : 1;
  const cosine = recipe.schedule === 'cosine' ? 0.5 * (1 + Math.cos((Math.PI * step) / steps)) : 1;
  return recipe.rate * warm * cosine;
}

/**
 * SGD with momentum (optionally Nesterov) or Adam, as in PyTorch: weight decay is added to the gradient of kernels (not
 * of biases and batch norm). Its slots belong to weights by name; tfjs's own optimizers keep them by position and mix
 * them up when the list changes.
 */
export class Optimizer {
  private readonly recipe: OptimizerRecipe;
  private readonly slots = new Map<string, tf.Variable>();
  private count = 0;

  constructor(recipe: OptimizerRecipe) {
    this.recipe = recipe;
  }

  /** Takes one step on every trainable weight. @param gradients by variable name, as tf.variableGrads gives them */
  apply(network: Pick<Network, 'trainable'>, gradients: tf.NamedTensorMap, rate: number): void {
    this.count += 1;
    tf.tidy(() => {
      for (const { spec, variable } of network.trainable()) {
        const raw = gradients[variable.name];
        if (!raw) throw new Error(`weight ${spec.name} got no gradient`);
        const decays = spec.role === 'kernel' && this.recipe.weightDecay > 0;
        const gradient = decays ? tf.add(raw, tf.mul(variable, this.recipe.weightDecay)) : raw;
        const step =
          this.recipe.kind === 'adam'
            ? this.adam(spec.name, gradient)
            : this.momentum(spec.name, gradient);
        variable.assign(tf.sub(variable, tf.mul(step, rate)));
      }
    });
  }

  private momentum(name: string, gradient: tf.Tensor): tf.Tensor {
    const { momentum, nesterov } = this.recipe;
    if (momentum === 0) return gradient;
    const slot = this.slot(`${name}/momentum`, gradient);
    const moved = tf.add(tf.mul(slot, momentum), gradient);
    slot.assign(moved);
    return nesterov ? tf.add(gradient, tf.mul(moved, momentum)) : moved;
  }

  private adam(name: string, gradient: tf.Tensor): tf.Tensor {
    const beta1 = this.recipe.momentum;
    const mean = this.slot(`${name}/mean`, gradient);
    const square = this.slot(`${name}/square`, gradient);
    const m = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add(tf.mul(square, BETA2), tf.mul(tf.mul(gradient, gradient), 1 - BETA2));
    mean.assign(m);
    square.assign(v);
    const correction1 = 1 / (1 - beta1 ** this.count);
    const correction2 = 1 / Math.sqrt(1 - BETA2 ** this.count);
    const root = tf.add(tf.mul(tf.sqrt(v), correction2), ADAM_EPSILON);
    return tf.div(tf.mul(m, correction1), root);
  }

  private slot(name: string, like: tf.Tensor): tf.Variable {
    const found = this.slots.get(name);
    if (found) return found;
    const made = tf.variable(tf.zerosLike(like), false);
    this.slots.set(name, made);
    return made;
  }

  dispose(): void {
    for (const slot of this.slots.values()) slot.dispose();
    this.slots.clear();
  }
}
