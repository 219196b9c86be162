import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawWeights } from '../../src/models/net/draw';
import { GraphBuilder } from '../../src/models/net/graph';
import { Network } from '../../src/models/net/network';
import { defaultsOf } from '../../src/recipe/fields';
import { useCpu } from '../support/cpu';
import { classMethods, lossAndGradient } from '../support/methods';
import type { Rows } from '../support/methods';
import { dot, wave } from '../support/numbers';

/**
 * Directional finite differences: (L(w + h d) - L(w - h d)) / 2h against the gradient's product with d, relative to the
 * gradient's norm. In float32 steps of 0.03 to 0.1 are best: smaller ones drown in rounding.
 */
const STEP = 0.05;
const TOLERANCE = 1e-3;

beforeAll(useCpu);

/** A unit vector. */
function direction(size: number, phase: number): Float32Array {
  const raw = wave([size], [2.3, phase, 1]);
  const norm = Math.sqrt(dot(raw, raw));
  return raw.map((value) => value / norm);
}

const rowsOf = (a: number, b: number, n = 6, c = 5): number[][] =>
  Array.from({ length: n }, (_, i) => [...wave([c], [a, b + i, 2])]);

/** Settings whose gradient is the loss's: a reversed one is not, on purpose (tests/golden has its values). */
const PLAIN: Readonly<Record<string, object>> = { 'meal-v2': { discriminator: 'as released' } };

describe.each(classMethods)('gradient of $id', (method) => {
  const labels = rowsOf(1, 1).map((row, i) => row.map((_, c) => (c === i % 5 ? 1 : 0)));
  const rows: Rows = {
    logits: rowsOf(1.7, 0.1),
    teacher: rowsOf(0.9, 0.7),
    first: rowsOf(1.1, 0.2),
    second: rowsOf(1.9, 0.4),
    share: [0, 0.2, 0.4, 0.6, 0.8, 1],
    targets: labels.map((row, i) => (i === 0 ? row.map(() => 0) : row)),
  };

  it.each([1, 2, 3])('along direction %d', (phase) => {
    const params = { ...defaultsOf(method.params), ...PLAIN[method.id] };
    const d = direction(30, phase);
    const moved = (h: number): number => {
      const logits = rows.logits.map((row, i) => row.map((z, c) => z + h * (d[i * 5 + c] ?? 0)));
      return lossAndGradient(method, params, { ...rows, logits }).loss;
    };
    const { gradient } = lossAndGradient(method, params, rows);
    const slope = (moved(STEP) - moved(-STEP)) / (2 * STEP);
    const norm = Math.sqrt(dot(gradient, gradient));
    expect(norm).toBeGreaterThan(0.01);
    expect(Math.abs(slope - dot(gradient, d)) / norm).toBeLessThan(TOLERANCE);
  });
});

/** Strided convolution, batch norm, tanh (smooth, so that no corner lies within the step), residual sum, pooling, head. */
function smoothNetwork(): Network {
  const b = new GraphBuilder();
  const stem = b.norm('stem.norm', b.conv('stem', 'input', 4, 3, 2));
  const first = b.activate('tanh', 'stem.out', stem);
  const inner = b.norm('inner.norm', b.conv('inner', first, 4, 3, 1));
  const sum = b.add('sum', inner, b.conv('project', first, 4, 1, 1));
  const output = b.dense('head', b.pool('pool', b.activate('tanh', 'out', sum)), 5);
  const graph = { input: [7, 6, 3], nodes: b.nodes, output, taps: {} };
  return new Network(graph, drawWeights(graph, 3));
}

it('gradient of a network with batch norm, weight by weight', async () => {
  const network = smoothNetwork();
  const x = tf.tensor(wave([6, 7, 6, 3], [0.37, 0.2, 1]), [6, 7, 6, 3]);
  const coefficients = tf.tensor2d(wave([6, 5], [1.3, 0.5, 1]), [6, 5]);
  const loss = () => tf.sum(tf.mul(tf.tanh(network.forward(x).logits), coefficients)) as tf.Scalar;
  const variables = network.trainable().map(({ variable }) => variable);
  const { grads } = tf.variableGrads(loss, variables);
  expect(variables.length).toBe(9);
  for (const { spec, variable } of network.trainable()) {
    const gradient = await (grads[variable.name] as tf.Tensor).data();
    const norm = Math.sqrt(dot(gradient, gradient));
    const d = direction(variable.size, 1);
    const start = tf.clone(variable);
    const moved = (h: number): number =>
      tf.tidy(() => {
        variable.assign(
          tf.add(
            start,
            tf.tensor(
              d.map((v) => h * v),
              variable.shape,
            ),
          ),
        );
        return loss().dataSync()[0] ?? NaN;
      });
    // Richardson's extrapolation takes the curvature of the loss out of the difference.
    const slope = (h: number) => (moved(h) - moved(-h)) / (2 * h);
    const [wide, narrow] = [slope(2 * STEP), slope(STEP)];
    const extrapolated = (4 * narrow - wide) / 3;
    variable.assign(start);
    expect(Math.abs(extrapolated - dot(gradient, d)) / norm, spec.name).toBeLessThan(TOLERANCE);
  }
});
