import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { denseForward, denseInputGradient, denseWeightGradient } from '../../src/gpu/kernels/dense';
import { softmaxLoss } from '../../src/gpu/kernels/losses';
import { BETA2, updateWeights } from '../../src/gpu/kernels/optimizer';
import type { Rule } from '../../src/gpu/kernels/optimizer';
import { poolForward, poolGradient } from '../../src/gpu/kernels/pool';
import { spreadBack, sumRows } from '../../src/gpu/kernels/reduce';
import { useBackend } from '../support/backends';
import { golden } from '../support/golden';
import { expectClose, expectRelative, wave } from '../support/numbers';
import { dense, denseGradient, logSoftmax, middleSums } from '../support/reference';
import { blank, changed, given, noise, run } from '../support/reference-run';

/** The small kernels, each alone, against loops in float64, closed forms, and values from PyTorch. */

const TOLERANCE = 1e-4;

beforeAll(async () => {
  await useBackend('webgpu');
});

const activations = {
  linear: { of: (v: number) => v, slope: () => 1 },
  relu: { of: (v: number) => Math.max(0, v), slope: (y: number) => (y > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (y: number) => 1 - y * y },
} as const;

describe.each([
  ['linear', 1, 1, 1],
  ['linear', 5, 17, 3],
  ['relu', 3, 5, 10],
  ['relu', 70, 1, 4],
  ['tanh', 4, 3, 65],
] as const)('a dense layer, %s, %i rows of %i to %i', (activation, rows, inputs, units) => {
  const at = { weight: 3, bias: 4 + inputs * units };
  const { of, slope } = activations[activation];
  const x = noise(rows * inputs, 'x');
  const w = noise(inputs * units, 'w');
  const bias = noise(units, 'bias');
  const dy = noise(rows * units, 'dy');
  const y = dense(x, w, bias).map(of);
  const dz = y.map((value, i) => dy[i]! * slope(value));
  const wanted = denseGradient(x, w, dz, units);
  const buffer = (weights: ArrayLike<number>, biases: ArrayLike<number>) =>
    [[0.5, 0.5, 0.5], Array.from(weights), [0.5], Array.from(biases), [0.5]].flat();
  const parameters = given(buffer(w, bias));
  const size = [rows, inputs, units, activation, at] as const;
  const through = activation === 'linear' ? [given(dy)] : [given(dy), given(y)];

  it('forward', async () => {
    const [found] = await run(denseForward(...size), given(x), parameters, blank(y.length));
    expectRelative(found!, y, TOLERANCE, 'y');
  });

  it('gradient of the input', async () => {
    const program = denseInputGradient(...size);
    const [dx] = await run(program, ...through, parameters, blank(x.length));
    expectRelative(dx!, wanted.dx, TOLERANCE, 'dx');
  });

  it('gradient of weights and bias, at their places', async () => {
    const start = buffer(noise(w.length, 'old'), noise(units, 'old'));
    const program = denseWeightGradient(...size);
    const [gradient] = await run(program, ...through, given(x), changed(start));
    expectRelative(gradient!, buffer(wanted.dw, wanted.dBias), TOLERANCE, 'gradient');
  });
});

it.each([
  [1, 1, 1],
  [3, 35, 5],
  [2, 64, 17],
] as const)(
  'average pooling of %i images of %i pixels, %i channels',
  async (images, pixels, channels) => {
    const sizes = [images, pixels, channels] as const;
    const x = noise(images * pixels * channels, 'x', 1, 0.5);
    const dy = noise(images * channels, 'dy');
    const [y] = await run(poolForward(...sizes), given(x), blank(dy.length));
    const wanted = middleSums(x, images, pixels, channels).map((sum) => sum / pixels);
    expectRelative(y!, wanted, TOLERANCE, 'y');
    const [dx] = await run(poolGradient(...sizes), given(dy), blank(x.length));
    const place = (i: number) => Math.floor(i / (pixels * channels)) * channels + (i % channels);
    const spread = Float64Array.from(x, (_, i) => dy[place(i)]! / pixels);
    expectRelative(dx!, spread, TOLERANCE, 'dx');
  },
);

describe.each([
  [1, 2, 1],
  [5, 17, 3],
  [300, 10, 4],
] as const)('losses of %i rows of %i classes at temperature %i', (rows, classes, temperature) => {
  const size = rows * classes;
  const logits = noise(size, 'logits', 3);
  const other = noise(size, 'teacher', 3);

  /** Mean over rows of what `terms` gives per class, and the gradient that `slope` gives. */
  async function expectLoss(
    against: 'targets' | 'logits' | 'probabilities',
    compared: ArrayLike<number>,
    at: number,
    term: (i: number, logQ: number) => number,
    slope: (i: number, q: number) => number,
  ): Promise<void> {
    const logQ = logSoftmax(logits, classes, at);
    const program = softmaxLoss(against, rows, classes, at);
    const [loss, gradient] = await run(
      program,
      given(logits),
      given(compared),
      blank(1),
      blank(size),
    );
    const terms = logQ.map((value, i) => term(i, value) / rows);
    expectRelative(loss!, [terms.reduce((a, b) => a + b, 0)], TOLERANCE, 'loss');
    const slopes = logQ.map((value, i) => slope(i, Math.exp(value)) / rows);
    expectRelative(gradient!, slopes, TOLERANCE, 'gradient');
  }

  it('cross-entropy, with rows that have no label', () => {
    // One row in five has no label; the others are soft.
    const targets = logSoftmax(other, classes, 1).map((value, i) =>
      Math.floor(i / classes) % 5 === 2 ? 0 : Math.exp(value),
    );
    const mass = (i: number) => (Math.floor(i / classes) % 5 === 2 ? 0 : 1);
    return expectLoss(
      'targets',
      targets,
      1,
      (i, logQ) => -targets[i]! * logQ,
      (i, q) => q * mass(i) - targets[i]!,
    );
  });

  it('KL to a teacher’s logits', () => {
    const logP = logSoftmax(other, classes, temperature);
    return expectLoss(
      'logits',
      other,
      temperature,
      (i, logQ) => Math.exp(logP[i]!) * (logP[i]! - logQ),
      (i, q) => (q - Math.exp(logP[i]!)) / temperature,
    );
  });

  it('KL to probabilities, some of them zero', () => {
    const p = logSoftmax(other, classes, 1).map((value, i) =>
      i % classes === 0 ? 0 : Math.exp(value),
    );
    for (let row = 0; row < size; row += classes) {
      const part = p.subarray(row, row + classes);
      const mass = part.reduce((a, b) => a + b, 0);
      part.forEach((value, i) => {
        part[i] = value / mass;
      });
    }
    return expectLoss(
      'probabilities',
      p,
      temperature,
      (i, logQ) => (p[i] === 0 ? 0 : p[i]! * (Math.log(p[i]!) - logQ)),
      (i, q) => (q - p[i]!) / temperature,
    );
  });
});

/** One optimizer step after another on the GPU; `decayed` weights of a kernel, the others of a bias. */
async function optimize(
  rule: Rule,
  start: ArrayLike<number>,
  decayed: number,
  rates: readonly number[],
  gradientAt: (weights: Float32Array) => ArrayLike<number>,
) {
  const size = start.length;
  // The kernels' places in the swapped copy: backwards here.
  const order = Int32Array.from({ length: decayed }, (_, i) => decayed - 1 - i);
  let weights = Float32Array.from(start);
  let swapped = new Float32Array(decayed);
  let slots = new Float32Array(2 * size);
  const trace: Float32Array[] = [];
  for (const [step, rate] of rates.entries()) {
    const correction1 = 1 / (1 - rule.momentum ** (step + 1));
    const correction2 = 1 / Math.sqrt(1 - BETA2 ** (step + 1));
    const out = await run(
      updateWeights(rule, size, decayed),
      given([rate, correction1, correction2]),
      given(gradientAt(weights)),
      given(order),
      changed(weights),
      changed(swapped),
      changed(rule.kind === 'adam' ? slots : slots.subarray(0, size)),
    );
    [weights, swapped, slots] = out as [typeof weights, typeof swapped, typeof slots];
    expect([...swapped], 'swapped').toEqual([...weights.subarray(0, decayed)].reverse());
    trace.push(weights);
  }
  return trace;
}

it.each(golden('optimizers'))('five steps with $recipe, as in PyTorch', async (entry) => {
  const { recipe, rates, waves, trace } = entry;
  const both = (values: (typeof waves)['target']) => [
    ...wave([3, 2], values),
    ...wave([2], values),
  ];
  const start = [...wave([3, 2], waves.kernel), ...wave([2], waves.bias)];
  const [curvature, target] = [both(waves.curvature), both(waves.target)];
  const found = await optimize(recipe, start, 6, rates, (weights) =>
    weights.map((value, i) => curvature[i]! * (value - target[i]!)),
  );
  expect(found.length).toBe(5);
  for (const [step, wanted] of trace.entries()) {
    expectClose(found[step]!.subarray(0, 6), wanted.kernel, 1e-5, `kernel, step ${step}`);
    expectClose(found[step]!.subarray(6), wanted.bias, 1e-5, `bias, step ${step}`);
  }
});

it.each([
  { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  { kind: 'adam', momentum: 0.9, nesterov: false, weightDecay: 0.1 },
] as const)(
  'a step in closed form of many weights: $kind, $momentum, $weightDecay',
  async (rule) => {
    const [size, decayed] = [200, 131];
    const start = noise(size, 'weights');
    const gradient = noise(size, 'gradient');
    const [found] = await optimize(rule, start, decayed, [0.25], () => gradient);
    const wanted = Float64Array.from(start, (w, i) => {
      const g = gradient[i]! + (i < decayed ? rule.weightDecay * w : 0);
      // The first step of Adam goes by the rate, whatever the gradient; that of Nesterov by (1 + momentum) g.
      if (rule.kind === 'adam') return w - (0.25 * g) / (Math.abs(g) + 1e-8);
      return w - 0.25 * (rule.nesterov ? 1 + rule.momentum : 1) * g;
    });
    expectRelative(found!, wanted, TOLERANCE, 'weights');
  },
);

it.each([
  [1, 1, 1],
  [1, 200, 3],
  [4, 35, 5],
  [3, 7, 64],
] as const)(
  'sums over the middle of [%i, %i, %i], in parts and whole',
  async (outer, rows, columns) => {
    const sizes = [outer, rows, columns] as const;
    const x = noise(outer * rows * columns, 'x', 1, 0.5);
    const wanted = middleSums(x, outer, rows, columns).map((sum) => sum / rows);
    const [whole] = await run(sumRows(...sizes, 1, rows), given(x), blank(wanted.length));
    expectRelative(whole!, wanted, TOLERANCE, 'in one run');
    const parts = Math.min(rows, 6);
    const [partial] = await run(
      sumRows(...sizes, parts, 1),
      given(x),
      blank(parts * wanted.length),
    );
    const second = sumRows(outer, parts, columns, 1, rows);
    const [sum] = await run(second, given(partial!), blank(wanted.length));
    expectRelative(sum!, wanted, TOLERANCE, 'in two runs');
  },
);

it.each(['r', 'kr', 'rk', 'krk', 'rkr', 'krkr', 'k'])(
  'spreads a gradient back over the axes %s (kept or reduced)',
  async (kinds) => {
    const stretches = kinds.split('').map((kind, i) => ({ size: 2 + i, reduced: kind === 'r' }));
    const size = stretches.reduce((product, stretch) => product * stretch.size, 1);
    const kept = stretches.filter(({ reduced }) => !reduced);
    const dy = noise(
      kept.reduce((product, stretch) => product * stretch.size, 1),
      'dy',
    );
    const wanted = Float64Array.from({ length: size }, (_, i) => {
      // Places along every axis, outermost first.
      const places: number[] = [];
      let rest = i;
      for (const stretch of [...stretches].reverse()) {
        places.unshift(rest % stretch.size);
        rest = Math.floor(rest / stretch.size);
      }
      const from = stretches.reduce(
        (sum, stretch, axis) => (stretch.reduced ? sum : sum * stretch.size + places[axis]!),
        0,
      );
      return dy[from]! / 7;
    });
    const [dx] = await run(spreadBack(stretches, 7), given(dy), blank(size));
    expectRelative(dx!, wanted, TOLERANCE, 'dx');
  },
);

describe('sums and casts in the place of tfjs’s', () => {
  it('adds large tensors of one shape', async () => {
    const [a, b] = [noise(4999, 'a'), noise(4999, 'b')];
    const sum = tf.add(tf.tensor1d(a), tf.tensor1d(b));
    const wanted = Float64Array.from(a, (value, i) => value + b[i]!);
    expectRelative(await sum.data(), wanted, TOLERANCE);
  });

  it.each(['int32', 'bool'] as const)('makes floats of %s that are floats', async (dtype) => {
    const values = Int32Array.from({ length: 75 }, (_, i) => (dtype === 'bool' ? i % 2 : i - 37));
    const whole = tf.tensor2d(values, [5, 15], dtype);
    // tfjs's own cast is one by name, which a transposition afterwards stumbles over.
    const turned = tf.transpose(tf.cast(whole, 'float32'));
    const wanted = Array.from({ length: 75 }, (_, i) => values[(i % 5) * 15 + Math.floor(i / 5)]!);
    expect([...(await turned.data())]).toEqual(wanted);
  });
});
