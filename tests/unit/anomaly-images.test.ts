import { describe, expect, it } from 'vitest';
import { blend, corrupt } from '../../src/anomaly/corrupt';
import { DEFECTS, withDefect } from '../../src/anomaly/defects';
import { gradientNoise, perlinMask } from '../../src/anomaly/perlin';
import { wovenImage } from '../../src/anomaly/texture';
import { Random } from '../../src/recipe/random';

const SETTINGS = { finest: 3, threshold: 0.5, opacity: 0.8 };
const draws = Array.from({ length: 200 }, (_, i) => Random.from(i, 'mask'));
const share = (mask: Uint8Array) => mask.reduce((sum, each) => sum + each, 0) / mask.length;

describe('gradient noise', () => {
  it('is 0 at the corners of its cells, bounded, and has no jumps', () => {
    const noise = gradientNoise(4, 2, new Random(1));
    for (let i = 0; i <= 4; i += 1)
      for (let j = 0; j <= 2; j += 1) expect(noise(i / 4, j / 2)).toBeCloseTo(0, 12);
    let most = 0;
    for (let x = 0; x < 1; x += 0.01)
      for (let y = 0; y < 1; y += 0.01) {
        most = Math.max(most, Math.abs(noise(x, y)));
        expect(Math.abs(noise(x + 1e-6, y) - noise(x, y))).toBeLessThan(1e-4);
      }
    expect(most).toBeGreaterThan(0.2);
    expect(most).toBeLessThanOrEqual(Math.SQRT1_2);
  });
});

describe('the mask', () => {
  it('is of 0 and 1, often empty, and covers a tenth or so where it is not', () => {
    const masks = draws.map((random) => perlinMask(32, SETTINGS, random));
    expect(new Set(masks.flatMap((mask) => [...mask]))).toEqual(new Set([0, 1]));
    const shares = masks.map(share);
    const empty = shares.filter((each) => each === 0).length / shares.length;
    expect(empty).toBeGreaterThan(0.02);
    expect(empty).toBeLessThan(0.6);
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.03);
    expect(mean).toBeLessThan(0.25);
  });

  it('never begins below a threshold of 1, is the same for the same seed and another for another', () => {
    expect(share(perlinMask(32, { finest: 3, threshold: 1 }, new Random(3)))).toBe(0);
    const of = (seed: number) => String(perlinMask(32, SETTINGS, new Random(seed)));
    expect(of(5)).toBe(of(5));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(of)).size).toBeGreaterThan(4);
  });
});

describe('the corruption', () => {
  const image = wovenImage(32, new Random(1));
  const other = wovenImage(32, new Random(2)).reverse();

  it('M = 0 leaves the image, M = 1 with beta = 0 gives the other, beta = 1 the image', () => {
    const none = new Uint8Array(1024);
    const all = new Uint8Array(1024).fill(1);
    expect([...blend(image, other, none, 0.3)]).toEqual([...image]);
    expect([...blend(image, other, all, 0)]).toEqual([...other]);
    expect([...blend(image, other, all, 1)]).toEqual([...image]);
  });

  it('mixes under the mask alone', () => {
    const mask = new Uint8Array(1024);
    mask[7] = 1;
    const mixed = blend(image, other, mask, 0.25);
    expect(mixed[7 * 3 + 1]).toBeCloseTo(0.75 * other[22]! + 0.25 * image[22]!, 4);
    expect(mixed.filter((value, at) => value !== image[at]).length).toBeLessThanOrEqual(3);
  });

  it('changes nothing outside its mask, and something inside', () => {
    for (const random of draws.slice(0, 40)) {
      const { image: out, mask } = corrupt(image, 32, SETTINGS, random.fork('c'));
      const changed = new Set(
        [...out.keys()].filter((at) => out[at] !== image[at]).map((at) => Math.floor(at / 3)),
      );
      for (const at of changed) expect(mask[at]).toBe(1);
      expect(changed.size > 0).toBe(share(mask) > 0);
    }
  });
});

describe.each(DEFECTS)('a %s', (kind) => {
  it('is where its mask says and nowhere else, and covers at least a few pixels', () => {
    const image = wovenImage(32, new Random(9));
    for (let seed = 0; seed < 30; seed += 1) {
      const { image: out, mask } = withDefect(kind, image, new Random(seed + 1));
      const changed = new Set(
        [...out.keys()].filter((at) => out[at] !== image[at]).map((at) => Math.floor(at / 3)),
      );
      for (const at of changed) expect(mask[at]).toBe(1);
      expect(changed.size).toBeGreaterThan(5);
      expect(share(mask)).toBeLessThan(0.35);
    }
  });
});

it('two pieces that change places are there as they were', () => {
  const image = wovenImage(32, new Random(4));
  const { image: out } = withDefect('swap', image, new Random(5));
  const sorted = (of: Uint8Array) => String(of.slice().sort());
  expect(sorted(out)).toBe(sorted(image));
  expect([...out]).not.toEqual([...image]);
});
