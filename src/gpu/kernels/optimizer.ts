import { bindings, entry, spread } from './launch';
import type { Program } from './launch';

export interface Rule {
  readonly kind: 'sgd' | 'adam';
  /** Momentum of SGD, or Adam's beta1. */
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

export const BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

/**
 * One step of all weights in place (PyTorch's SGD with momentum, Nesterov, and Adam with coupled weight decay). The
 * first `decayed` floats are kernels, which weight decay is added for. Every weight is also written to `swapped` at the
 * place that `order` names, for the input gradient's order of reading.
 *
 * Bindings: settings [rate, 1 / (1 - beta1^t), 1 / sqrt(1 - beta2^t), decay], gradient, order, weights, swapped, slots
 * ([size] for momentum, [2, size] for Adam).
 */
export function updateWeights(rule: Rule, size: number, decayed: number): Program {
  const { kind, momentum: b1, nesterov, weightDecay } = rule;
  const sgd = `
  var step = g;
  if (${b1} > 0.0) {
    let moved = slots[at] * ${b1} + g;
    slots[at] = moved;
    step = ${nesterov ? `g + moved * ${b1}` : 'moved'};
  }`;
  const adam = `
  let m = slots[at] * ${b1} + g * ${1 - b1};
  let v = slots[n.size + at] * ${BETA2} + g * g * ${1 - BETA2};
  slots[at] = m;
  slots[n.size + at] = v;
  let step = m * settings[1] / (sqrt(v) * settings[2] + ${ADAM_EPSILON});`;
  return {
    kernel: {
      key: `update ${kind} ${b1} ${nesterov} ${weightDecay}`,
      code: () => `
${bindings(['settings', 'gradient', '#order', '=weights', '=swapped', '=slots'], ['size', 'decayed'])}
${entry()}
  if (at >= n.size) { return; }
  let w = weights[at];
  var g = gradient[at];
  if (at < n.decayed) { g += w * ${weightDecay}; }
  ${kind === 'adam' ? adam : sgd}
  let next = w - step * settings[0];
  weights[at] = next;
  if (at < n.decayed) { swapped[order[at]] = next; }
}`,
    },
    groups: spread(size),
    numbers: [size, decayed],
  };
}

/** average = decay * average + (1 - decay) * weights, in place. Bindings: settings (see above), weights, average. */
export function followWeights(size: number): Program {
  return {
    kernel: {
      key: 'follow',
      code: () => `
${bindings(['settings', 'weights', '=average'], ['size'])}
${entry()}
  if (at >= n.size) { return; }
  let decay = settings[3];
  average[at] = decay * average[at] + (1.0 - decay) * weights[at];
}`,
    },
    groups: spread(size),
    numbers: [size],
  };
}
