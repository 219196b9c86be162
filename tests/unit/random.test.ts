import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atan2, cos, exp, log, sin } from '../../src/recipe/elementary';
import { Random } from '../../src/recipe/random';

/** Mean and variance of n draws. */
function moments(n: number, draw: () => number): { mean: number; variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i += 1) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  return { mean: sum / n, variance: squares / n - (sum / n) ** 2 };
}

describe('elementary functions', () => {
  it('agree with Math to 1e-15', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
        expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(1e-15);
        expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(1e-15);
        const power = Math.exp(x);
        expect(Math.abs(log(power) - Math.log(power))).toBeLessThan(
          1e-15 * Math.max(1, Math.abs(x)),
        );
      }),
    );
  });

  it('find the angle of a point all the way round', () => {
    for (let degrees = -180; degrees <= 180; degrees += 0.5) {
      const [x, y] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      expect(Math.abs(atan2(y, x) - Math.atan2(y, x))).toBeLessThan(1e-15);
    }
    expect(atan2(0, 0)).toBe(0);
  });

  it('keep the limits', () => {
    expect([log(0), log(-1), log(1), log(Infinity)]).toEqual([-Infinity, NaN, 0, Infinity]);
    expect(log(1e-310)).toBeCloseTo(Math.log(1e-310), 10);
    expect([exp(0), exp(-Infinity), exp(Infinity), exp(NaN)]).toEqual([1, 0, Infinity, NaN]);
  });
});

describe('Random', () => {
  it('gives the same numbers for ever', () => {
    const random = Random.from(7, 'order');
    const draws = [random.uniform(), random.integer(1000), random.normal(), random.beta(0.4)];
    expect(draws).toEqual([0.20084311999380589, 831, -0.01776503554763265, 0.004778829502000673]);
    expect([...random.permutation(6)]).toEqual([4, 3, 0, 2, 5, 1]);
    expect(random.state()).toEqual([-462714916, 296931660, -1003366946, -1408753534]);
  });

  it('has the moments of its distributions', () => {
    const random = Random.from(1, 'moments');
    const n = 100_000;
    const close = (draw: () => number, mean: number, variance: number, slack = 1) => {
      const found = moments(n, draw);
      expect(Math.abs(found.mean - mean)).toBeLessThan(0.005 * slack);
      expect(Math.abs(found.variance - variance)).toBeLessThan(0.003 * slack);
    };
    close(() => random.uniform(), 1 / 2, 1 / 12);
    close(() => random.range(-1, 3) / 4, 1 / 4, 1 / 12);
    close(() => random.integer(10) / 10, 0.45, 0.0825);
    close(() => Number(random.bernoulli(0.3)), 0.3, 0.21);
    close(() => random.normal(), 0, 1, 5);
    for (const a of [0.05, 0.2, 0.4, 1, 2, 30])
      close(() => random.beta(a), 0.5, 0.25 / (2 * a + 1));
    // a = 1: the larger share is 3/4 in the mean, and twice the product 1/3.
    close(() => Math.abs(random.beta(1) - 0.5) + 0.5, 0.75, 1 / 48);
  });

  it('draws normal values that fit the distribution function, tails included', () => {
    const random = Random.from(2, 'tails');
    const n = 1_000_000;
    const beyond = new Map([
      [0.5, 0.617075],
      [1, 0.317311],
      [2, 0.0455003],
      [3.442619855899, 5.7609e-4],
      [4, 6.3342e-5],
    ]);
    const counts = new Map([...beyond.keys()].map((edge) => [edge, 0]));
    for (let i = 0; i < n; i += 1) {
      const size = Math.abs(random.normal());
      for (const edge of counts.keys())
        if (size > edge) counts.set(edge, (counts.get(edge) ?? 0) + 1);
    }
    for (const [edge, p] of beyond)
      expect(Math.abs((counts.get(edge) ?? 0) - n * p)).toBeLessThan(4.5 * Math.sqrt(n * p));
  });

  it('draws every whole number equally often', () => {
    const random = Random.from(3, 'integers');
    for (const n of [1, 2, 3, 7, 10, 64]) {
      const counts = new Array<number>(n).fill(0);
      for (let i = 0; i < 20_000; i += 1) {
        const value = random.integer(n);
        counts[value] = (counts[value] ?? 0) + 1;
      }
      const expected = 20_000 / n;
      const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 5 standard deviations of chi-squared with n - 1 degrees of freedom.
      expect(chi2).toBeLessThan(n + 5 * Math.sqrt(2 * n));
    }
    expect(random.integer(2 ** 32)).toBeGreaterThanOrEqual(0);
  });

  it('refuses what cannot be drawn', () => {
    const random = new Random(0);
    for (const n of [0, -1, 1.5, NaN, 2 ** 32 + 1])
      expect(() => random.integer(n)).toThrow(RangeError);
    for (const a of [0, -1, NaN, Infinity]) expect(() => random.beta(a)).toThrow(RangeError);
    expect(() => new Random([0, 0, 0, 0])).toThrow(RangeError);
  });

  it('goes on from its state, which survives JSON', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(50), (seed, used) => {
        const one = new Random(seed);
        for (let i = 0; i < used; i += 1) one.normal();
        const saved: unknown = JSON.parse(JSON.stringify(one.state()));
        const other = new Random(saved as ReturnType<Random['state']>);
        for (let i = 0; i < 20; i += 1) {
          expect(other.normal()).toBe(one.normal());
          expect(other.beta(0.3)).toBe(one.beta(0.3));
        }
      }),
    );
  });

  it('has independent streams for labels, seeds and forks', () => {
    const parent = Random.from(1, 'a');
    const streams = [
      Random.from(1, 'b'),
      Random.from(2, 'a'),
      Random.from(1 + 2 ** 32, 'a'),
      Random.from(-1, 'a'),
      Random.from(1, 'a/0'),
      parent.fork('x'),
      parent.fork('y'),
      parent,
    ];
    const n = 20_000;
    const draws = streams.map((stream) => Array.from({ length: n }, () => stream.uniform() - 0.5));
    for (const [i, one] of draws.entries())
      for (const other of draws.slice(i + 1)) {
        const correlation = one.reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0) / n;
        expect(Math.abs(correlation * 12)).toBeLessThan(5 / Math.sqrt(n));
      }
  });

  it('forks without moving', () => {
    const random = new Random(5);
    const before = random.state();
    const first = random.fork('x').uniform();
    expect(random.state()).toEqual(before);
    expect(random.fork('x').uniform()).toBe(first);
  });

  it('permutes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(300), (seed, n) => {
        const order = new Random(seed).permutation(n);
        expect([...order].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
    // Each of the 24 orders of 4 appears.
    const random = new Random(9);
    const seen = new Map<string, number>();
    for (let i = 0; i < 24_000; i += 1) {
      const key = random.permutation(4).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });
});
