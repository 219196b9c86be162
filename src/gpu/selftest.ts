import * as tf from '@tensorflow/tfjs';
import { distillationKl } from './ops/losses';
import { batchNormTrain } from './ops/norm';
import { convLayer, denseLayer, normLayer, poolLayer } from './ops/layers';
import { hasKernels } from './kernels/launch';
import { FlatParameters } from './ops/parameters';
import { globalAveragePool } from './ops/pool';
import expected from './selftest.json';

/** Largest relative error that passes: drivers differ in the last digits, broken ones by whole factors. */
const TOLERANCE = 2e-3;

export interface SelfTestResult {
  readonly passed: boolean;
  /** Largest error relative to the largest gradient of the same weight. */
  readonly worst: number;
  readonly milliseconds: number;
}

/** The values sin(a i + b) * c, i = 0, 1, ...: inputs that any framework can make. */
function wave(shape: number[], a: number, b: number, c: number): Float32Array {
  const size = shape.reduce((x, y) => x * y, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.sin(a * i + b) * c);
}

/**
 * Gradients of a tiny network (strided 3x3 convolution, batch norm, ReLU, 1x1 and 3x3 convolutions, residual sum, global
 * pooling, dense layer, distillation loss) on the current backend, against values from PyTorch in float64
 * (scripts/torch/selftest.py). Some phone GPUs return zeros here without an error.
 */
export async function selfTest(): Promise<SelfTestResult> {
  const started = performance.now();
  const worst = Math.max(await stockError(), hasKernels() ? await fusedError() : 0);
  return { passed: worst <= TOLERANCE, worst, milliseconds: performance.now() - started };
}

const batch = () => tf.tensor4d(wave([2, 8, 8, 3], 0.37, 0.2, 1), [2, 8, 8, 3]);
const teacher = () => tf.tensor2d(wave([2, 5], 1.3, 0.5, 3), [2, 5]);

/** The error of the network in tfjs's kernels: what an uploaded network trains with. */
async function stockError(): Promise<number> {
  const weights = expected.weights.map(({ shape }, i) =>
    tf.tidy(() => tf.variable(tf.tensor(wave(shape, 0.7 + 0.1 * i, i, 0.5), shape))),
  );
  const statistics = tf.tidy(() =>
    [tf.zeros([4]), tf.ones([4])].map((start) => tf.variable(start, false)),
  );
  const { value, grads } = tf.tidy(() => {
    const x = batch();
    const answers = teacher();
    return tf.variableGrads(
      () => distillationKl(network(x, weights, statistics), answers, 2),
      weights,
    );
  });
  let worst = relativeError([(await value.data())[0] ?? NaN], [expected.loss]);
  for (const [i, weight] of weights.entries()) {
    const gradient = grads[weight.name];
    const found = gradient ? Array.from(await gradient.data()) : [];
    worst = Math.max(worst, relativeError(found, expected.weights[i]?.gradient ?? []));
  }
  tf.dispose([value, grads, ...weights, ...statistics]);
  return worst;
}

const NAMES = ['stem', 'norm.gamma', 'norm.beta', 'inner', 'project', 'head.weight', 'head.bias'];

/** The error of the same network in our kernels: what our own models train with. */
async function fusedError(): Promise<number> {
  const statistic = (role: string, value: number) => ({
    name: `norm.${role}`,
    shape: [4],
    values: new Float32Array(4).fill(value),
    role: 'moving' as const,
  });
  const parameters = new FlatParameters([
    ...expected.weights.map(({ shape }, i) => ({
      name: NAMES[i] as string,
      shape,
      values: wave(shape, 0.7 + 0.1 * i, i, 0.5),
      role: shape.length > 1 ? ('kernel' as const) : ('other' as const),
    })),
    statistic('mean', 0),
    statistic('variance', 1),
  ]);
  const handles = NAMES.map(() => tf.tidy(() => tf.variable(tf.scalar(0))));
  const { value, grads } = tf.tidy(() => {
    const x = batch();
    const answers = teacher();
    return tf.variableGrads(
      () => distillationKl(fusedNetwork(x, parameters, handles), answers, 2),
      handles,
    );
  });
  let worst = relativeError([(await value.data())[0] ?? NaN], [expected.loss]);
  for (const [i, { gradient }] of expected.weights.entries()) {
    const found = parameters.gradientOf(NAMES[i] as string);
    worst = Math.max(worst, relativeError(Array.from(await found.data()), gradient));
    found.dispose();
  }
  tf.dispose([value, grads, ...handles]);
  parameters.dispose();
  return worst;
}

function fusedNetwork(
  x: tf.Tensor4D,
  parameters: FlatParameters,
  handles: readonly tf.Variable[],
): tf.Tensor2D {
  const handle = (name: string) =>
    handles[NAMES.findIndex((other) => other.startsWith(name))] as unknown as tf.Scalar;
  const conv = (from: tf.Tensor4D, name: string, kernel: number, stride: number, pad: number) =>
    convLayer(
      from,
      parameters,
      handle(name),
      name,
      { filters: 4, kernel, stride, pad },
      name !== 'stem',
    );
  const stem = conv(x, 'stem', 3, 2, 1);
  const a = normLayer(stem, null, parameters, handle('norm'), 'norm', true);
  const sum = tf.add(conv(a, 'inner', 3, 1, 1), conv(a, 'project', 1, 1, 0)) as tf.Tensor4D;
  const pooled = poolLayer(tf.relu(sum));
  return denseLayer(pooled, parameters, handle('head'), 'head', 5, 'linear', true);
}

function network(x: tf.Tensor4D, w: tf.Variable[], statistics: tf.Variable[]): tf.Tensor2D {
  const [stem, gamma, beta, inner, project, head, bias] = w as unknown as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor2D,
    tf.Tensor1D,
  ];
  const [mean, variance] = statistics as [tf.Variable, tf.Variable];
  const stemmed = tf.conv2d(x, stem, 2, 1);
  const a = tf.relu(batchNormTrain(stemmed, gamma, beta, mean, variance));
  const sum = tf.add(tf.conv2d(a, inner, 1, 1), tf.conv2d(a, project, 1, 0));
  const pooled = globalAveragePool(tf.relu(sum)) as tf.Tensor2D;
  return tf.add(tf.matMul(pooled, head), bias);
}

function relativeError(found: readonly number[], wanted: readonly number[]): number {
  if (found.length !== wanted.length) return Infinity;
  const scale = Math.max(...wanted.map(Math.abs), 1e-6);
  const errors = wanted.map((value, i) => Math.abs((found[i] as number) - value) / scale);
  const worst = Math.max(...errors);
  return Number.isFinite(worst) ? worst : Infinity;
}
