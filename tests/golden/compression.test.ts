import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { clustersOf, costOf } from '../../src/compression/parts/clusters';
import { attention, snapped, softClusters } from '../../src/compression/parts/dkm';
import { memberTable, shared } from '../../src/compression/parts/shared';
import { onGrid, onGridStraightThrough } from '../../src/compression/parts/grid';
import { svd } from '../../src/compression/parts/svd';
import { Random } from '../../src/recipe/random';
import { useCpu } from '../support/cpu';
import type { Wave } from '../support/golden';
import { expectClose, wave } from '../support/numbers';

interface Golden {
  readonly dkm: readonly {
    readonly n: number;
    readonly dim: number;
    readonly k: number;
    readonly temperature: number;
    readonly iterations: number;
    readonly waves: Readonly<Record<'w' | 'centroids' | 'dy', Wave>>;
    readonly used: readonly number[];
    readonly centroids: readonly number[];
    readonly gradient: readonly number[];
  }[];
  readonly clusters: readonly {
    readonly n: number;
    readonly k: number;
    readonly wave: Wave;
    readonly cost: number;
    readonly centroids: readonly number[];
  }[];
  readonly shared: readonly {
    readonly n: number;
    readonly dim: number;
    readonly k: number;
    readonly groups: readonly number[];
    readonly waves: Readonly<Record<'w' | 'dy', Wave>>;
    readonly used: readonly number[];
    readonly gradient: readonly number[];
  }[];
  readonly grid: readonly {
    readonly bits: number;
    readonly shape: readonly number[];
    readonly wave: Wave;
    readonly values: readonly number[];
  }[];
  readonly lowRank: readonly {
    readonly rows: number;
    readonly columns: number;
    readonly waves: readonly [Wave, Wave];
    readonly rank: number;
    readonly singular: readonly number[];
    readonly product: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('compression.json', import.meta.url), 'utf8'),
) as Golden;

beforeAll(useCpu);

const matrix = (values: Float32Array, rows: number) =>
  tf.tensor2d(values, [rows, values.length / rows]);

describe('soft k-means has the values and, through all iterations, the gradients of PyTorch', () => {
  it.each(golden.dkm)(
    '$k points of dimension $dim, temperature $temperature, $iterations iterations',
    ({ n, dim, k, temperature, iterations, waves, ...wanted }) => {
      const w = matrix(wave([n, dim], waves.w), n);
      const start = matrix(wave([k, dim], waves.centroids), k);
      const theta = tf.scalar(temperature);
      const { used, centroids } = softClusters(w, start, theta, iterations);
      expectClose(used.dataSync(), wanted.used, 1e-5, 'used');
      expectClose(centroids.dataSync(), wanted.centroids, 1e-5, 'centroids');
      const gradient = tf.grad(
        (x) => softClusters(x as tf.Tensor2D, start, theta, iterations).used,
      )(w, matrix(wave([n, dim], waves.dy), n));
      expectClose(gradient.dataSync(), wanted.gradient, 1e-5, 'gradient');
    },
  );

  // One iteration from [-1, 0, 1]: worked by hand.
  it.each([
    [
      1,
      [-0.69312573, -0.04855822, 0.51826587],
      [-0.50605931, -0.43951993, -0.01396828, 0.03617529, 0.32337224],
    ],
    [
      0.1,
      [-0.90011798, 0.14887188, 0.89800582],
      [-0.90007036, -0.89752423, 0.14911666, 0.15072333, 0.8977546],
    ],
    [0.01, [-0.9, 0.15, 0.9], [-0.9, -0.9, 0.15, 0.15, 0.9]],
  ])('five numbers at temperature %s', (temperature, centroids, used) => {
    const w = tf.tensor2d([-1, -0.8, 0.1, 0.2, 0.9], [5, 1]);
    const found = softClusters(w, tf.tensor2d([-1, 0, 1], [3, 1]), tf.scalar(temperature), 1);
    expectClose(found.centroids.dataSync(), centroids, 2e-6);
    expectClose(found.used.dataSync(), used, 2e-6);
  });

  it('shares of a weight sum to 1, and none is nothing', () => {
    const shares = attention(
      matrix(wave([30], [1.7, 0.3, 1, 0]), 30),
      matrix(wave([8], [2.3, 0.1, 0.8, 0.05]), 8),
      tf.scalar(0.001),
    );
    expectClose(tf.sum(shares, 1).dataSync(), Array<number>(30).fill(1), 1e-5);
    expect(tf.min(shares).dataSync()[0]).toBeGreaterThanOrEqual(0.99e-7);
  });

  it('cold, with a point for each weight, the weights stay as they are', () => {
    const w = matrix(wave([6], [1.7, 0.3, 1, 0]), 6);
    const { used } = softClusters(w, w, tf.scalar(1e-6), 3);
    expectClose(used.dataSync(), w.dataSync(), 1e-5);
  });

  it('snapped weights are the nearest points, so at most k values', () => {
    const w = matrix(wave([40], [1.7, 0.3, 1, 0]), 20);
    const points = matrix(wave([6], [2.3, 0.1, 0.8, 0.05]), 3);
    const found = snapped(w, points).arraySync();
    const table = points.arraySync();
    const distinct = new Set(found.map((row) => row.join()));
    expect(distinct.size).toBeLessThanOrEqual(3);
    expect(distinct.size).toBeGreaterThan(1);
    w.arraySync().forEach((row, i) => {
      const apart = (other: readonly number[]) =>
        row.reduce((sum, value, c) => sum + (value - (other[c] as number)) ** 2, 0);
      const least = Math.min(...table.map(apart));
      expect(apart(found[i] as number[])).toBeCloseTo(least, 6);
    });
  });
});

describe('clusters of numbers are the best there are', () => {
  it.each(golden.clusters)('$n numbers in $k groups', ({ n, k, wave: form, cost, centroids }) => {
    const values = wave([n], form);
    const found = clustersOf(values, 1, k, Random.from(1, 'test'));
    expectClose(found.centroids, centroids, 1e-5);
    expect(costOf(values, 1, found)).toBeCloseTo(cost, 6);
  });

  it('vectors in clear groups find them, and fewer numbers than groups cost nothing', () => {
    const values = Float32Array.from(
      { length: 60 },
      (_, i) => (i % 6 < 2 ? 5 : i % 6 < 4 ? -5 : 0) + 0.01 * (i % 7),
    );
    const found = clustersOf(values, 2, 3, Random.from(1, 'test'));
    expect(costOf(values, 2, found)).toBeLessThan(0.05);
    const few = Float32Array.of(3, 1, 2);
    expect(costOf(few, 1, clustersOf(few, 1, 8, Random.from(1, 'test')))).toBeCloseTo(0, 10);
  });
});

it.each(golden.shared)(
  'groups of $k that share their mean, $n vectors of $dim: values and gradients of PyTorch',
  ({ n, dim, k, groups, waves, used, gradient }) => {
    const members = tf.tensor2d(memberTable(Uint8Array.from(groups), k), [n, k]);
    const w = matrix(wave([n, dim], waves.w), n);
    expectClose(shared(w, members).dataSync(), used, 1e-5, 'used');
    const found = tf.grad((x) => shared(x as tf.Tensor2D, members))(
      w,
      matrix(wave([n, dim], waves.dy), n),
    );
    expectClose(found.dataSync(), gradient, 1e-5, 'gradient');
  },
);

describe('the grid of a quantiser', () => {
  it.each(golden.grid)('$bits bits', ({ bits, shape, wave: form, values }) => {
    const w = wave(shape, form);
    expectClose(onGrid(w, shape.at(-1) as number, bits), values, 1e-6);
    const x = tf.tensor(w, [...shape]);
    const dy = tf.tensor(wave(shape, [0.9, 1.1, 1, 0.1]), [...shape]);
    const op = (v: tf.Tensor) => onGridStraightThrough(v, bits);
    expectClose(op(x).dataSync(), values, 1e-6);
    expect([...tf.grad(op)(x, dy).dataSync()]).toEqual([...dy.dataSync()]);
  });

  it('a channel of zeros stays one', () => {
    const w = Float32Array.of(0, 1, 0, -1);
    expect([...onGrid(w, 2, 2)]).toEqual([0, 1, 0, -1]);
    expect([...onGridStraightThrough(tf.tensor(w, [2, 2]), 2).dataSync()]).toEqual([0, 1, 0, -1]);
  });
});

it.each(golden.lowRank)(
  'singular values of a $rows x $columns matrix',
  ({ rows, columns, waves, rank, singular, product }) => {
    const [a, b] = waves.map((form) => wave([rows, columns], form)) as [Float32Array, Float32Array];
    const { u, s, v, count } = svd(
      a.map((value, i) => value + (b[i] as number)),
      rows,
      columns,
    );
    expectClose(s, singular, 1e-6);
    const found = Array.from({ length: rows * columns }, (_, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns];
      return Array.from({ length: rank }, (_row, r) => r).reduce(
        (sum, r) => sum + u[i * count + r]! * s[r]! * v[j * count + r]!,
        0,
      );
    });
    expectClose(found, product, 1e-5);
  },
);
