import { beforeAll, describe, expect, it } from 'vitest';
import {
  batchNormInput,
  batchNormStatistics,
  batchNormSums,
} from '../../src/gpu/kernels/batchnorm';
import {
  normApply,
  normGradientApply,
  normGradientSums,
  normSums,
  partsOf,
} from '../../src/gpu/kernels/norm';
import { partsOf as rowParts } from '../../src/gpu/kernels/reduce';
import { useBackend } from '../support/backends';
import { golden } from '../support/golden';
import { expectClose, expectRelative, wave } from '../support/numbers';
import { middleSums, norm, normGradient } from '../support/reference';
import { blank, changed, given, noise, run } from '../support/reference-run';

/** The kernels of batch norm alone against loops in float64, over rows and channels that fit no workgroup. */

const TOLERANCE = 1e-4;

beforeAll(async () => {
  await useBackend('webgpu');
});

/**
 * Rows and channels: one row, one channel, workgroups that are not full, several parts of rows, more channels than a
 * workgroup has invocations.
 */
const shapes = [
  [1, 3],
  [2, 1],
  [7, 5],
  [64, 17],
  [611, 16],
  [150, 64],
  [70, 300],
] as const;
const flags = [false, true];
const options = flags.flatMap((residual) => flags.map((relu) => ({ residual, relu })));

const cases = shapes.flatMap(([rows, channels], i) =>
  // All ways at one shape, and turns at the others: every number of channels compiles its own pipelines.
  options
    .filter((_, j) => channels === 5 || j === i % options.length)
    .map((way) => ({ rows, channels, ...way })),
);

/** Where a layer's weights lie in the flat buffers, and how long those are. */
const places = (channels: number) => ({
  gamma: 3,
  beta: 5 + channels,
  mean: 2,
  variance: 4 + channels,
  length: 7 + 2 * channels,
});

/** A flat buffer with two lists at their places and 0.5 everywhere else. */
function buffer(length: number, ...lists: (readonly [number, ArrayLike<number>])[]): Float32Array {
  const out = new Float32Array(length).fill(0.5);
  for (const [at, values] of lists) out.set(Array.from(values), at);
  return out;
}

describe.each(cases)('[$rows, $channels], residual $residual, ReLU $relu', (one) => {
  const { rows, channels, residual, relu } = one;
  const size = rows * channels;
  const at = places(channels);
  // Means far from zero beside a small spread, where squares alone would cost digits.
  const values = {
    x: noise(size, 'x', 0.5, 20),
    gamma: noise(channels, 'gamma', 0.3, 1),
    beta: noise(channels, 'beta'),
    residual: residual ? noise(size, 'residual') : undefined,
    relu,
  };
  const wanted = norm(values);
  const parameters = buffer(at.length, [at.gamma, values.gamma], [at.beta, values.beta]);
  const inputs = values.residual ? [given(values.residual)] : [];

  it('forward, with the batch and the moving statistics', async () => {
    const [oldMean, oldVariance] = [noise(channels, 'moving'), noise(channels, 'variance', 0.1, 1)];
    const [partial] = await run(
      normSums(rows, channels),
      given(values.x),
      blank(partsOf(rows, channels) * 2 * channels),
    );
    const [moving, saved, y] = await run(
      normApply(rows, channels, { residual, relu }, at),
      given(values.x),
      given(partial!),
      given(parameters),
      changed(buffer(at.length, [at.mean, oldMean], [at.variance, oldVariance])),
      blank(2 * channels),
      ...inputs,
      blank(size),
    );
    expectRelative(saved!.subarray(0, channels), wanted.mean, TOLERANCE, 'mean');
    const correction = rows / Math.max(1, rows - 1);
    expectRelative(
      moving!,
      buffer(
        at.length,
        [at.mean, wanted.mean.map((value, c) => 0.9 * oldMean[c]! + 0.1 * value)],
        [
          at.variance,
          wanted.variance.map((value, c) => 0.9 * oldVariance[c]! + 0.1 * correction * value),
        ],
      ),
      TOLERANCE,
      'moving statistics and what lies around them',
    );
    expectRelative(saved!.subarray(channels), wanted.inverse, TOLERANCE, 'inverse');
    expectClose(y!, wanted.y, TOLERANCE, 'y');
  });

  it('backward', async () => {
    const dy = noise(size, 'dy');
    const gradients = normGradient(values, dy);
    const saved = given([...wanted.mean, ...wanted.inverse]);
    const x = given(values.x);
    const y = given(wanted.y);
    const writes = residual && relu;
    const written = await run(
      normGradientSums(rows, channels, { residual, relu }),
      given(dy),
      ...(relu ? [y] : []),
      x,
      saved,
      ...(writes ? [blank(size)] : []),
      blank(partsOf(rows, channels) * 2 * channels),
    );
    const partial = written.at(-1)!;
    if (writes) expectRelative(written[0]!, gradients.dz, TOLERANCE, 'gradient of the residual');
    const [gradient, dx] = await run(
      normGradientApply(rows, channels, relu && !writes, at),
      given(writes ? written[0]! : dy),
      ...(relu && !writes ? [y] : []),
      x,
      saved,
      given(partial),
      given(parameters),
      changed(buffer(at.length)),
      blank(size),
    );
    const lists = [
      [at.gamma, gradients.dGamma],
      [at.beta, gradients.dBeta],
    ] as const;
    expectRelative(gradient!, buffer(at.length, ...lists), TOLERANCE, 'dgamma and dbeta');
    // Of a row or two nothing is left but what rounding leaves: the measure is 1, the size of what comes in.
    expectClose(dx!, gradients.dx, TOLERANCE, 'dx');
  });
});

describe.each([
  [1, 3],
  [40, 5],
  [333, 17],
] as const)('batch norm with statistics from outside, [%i, %i]', (rows, channels) => {
  const epsilon = 1e-3;
  const variance = noise(channels, 'variance', 0.1, 1);
  const scale = noise(channels, 'scale', 0.3, 1);
  const dy = noise(rows * channels, 'dy');
  const inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + epsilon));
  const slope = inverse.map((value, c) => value * scale[c]!);

  it('gradients of the statistics, scale and offset', async () => {
    const x = noise(rows * channels, 'x', 0.5, 3);
    const mean = noise(channels, 'mean', 0.1, 3);
    const [partial] = await run(
      batchNormSums(rows, channels),
      given(dy),
      given(x),
      given(mean),
      blank(rowParts(rows) * 2 * channels),
    );
    const found = await run(
      batchNormStatistics(rows, channels, epsilon),
      given(partial!),
      given(variance),
      given(scale),
      blank(channels),
      blank(channels),
      blank(channels),
      blank(channels),
    );
    const sum = middleSums(dy, 1, rows, channels);
    const centred = Float64Array.from(dy, (v, i) => v * (x[i]! - mean[i % channels]!));
    const product = middleSums(centred, 1, rows, channels);
    const wanted = [
      sum.map((value, c) => -value * slope[c]!),
      product.map((value, c) => -0.5 * value * slope[c]! * inverse[c]! ** 2),
      product.map((value, c) => value * inverse[c]!),
      sum,
    ];
    for (const [i, name] of ['mean', 'variance', 'scale', 'offset'].entries())
      expectRelative(found[i]!, wanted[i]!, TOLERANCE, name);
  });

  it('gradient of the input', async () => {
    const [dx] = await run(
      batchNormInput(rows, channels, epsilon),
      given(dy),
      given(variance),
      given(scale),
      blank(dy.length),
    );
    const wanted = Float64Array.from(dy, (value, i) => value * slope[i % channels]!);
    expectRelative(dx!, wanted, TOLERANCE, 'dx');
  });
});

it('the loops agree with PyTorch', () => {
  for (const { shape, waves, y, dx, dGamma, dBeta } of golden('batchNorm')) {
    const channels = [shape.at(-1)!];
    const inputs = {
      x: wave(shape, waves.x),
      gamma: wave(channels, waves.gamma),
      beta: wave(channels, waves.beta),
      relu: false,
    };
    const gradients = normGradient(inputs, wave(shape, waves.dy));
    expectClose(norm(inputs).y, y, 1e-6, 'y');
    expectClose(gradients.dx, dx, 1e-6, 'dx');
    expectClose(gradients.dGamma, dGamma, 1e-6, 'dgamma');
    expectClose(gradients.dBeta, dBeta, 1e-6, 'dbeta');
  }
});

it('a large reduction is made in many parts, a small one in one', () => {
  expect([partsOf(7, 5), partsOf(611, 16), partsOf(70, 300), partsOf(1e6, 16)]).toEqual([
    1, 2, 3, 64,
  ]);
  expect([rowParts(1), rowParts(333), rowParts(1e6)]).toEqual([1, 10, 256]);
});
