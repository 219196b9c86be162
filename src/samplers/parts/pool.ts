import { cos, sin } from '../../recipe/elementary';
import type { Choice } from '../../recipe/recipe';
import { Random } from '../../recipe/random';
import type { Pixels } from './render';

/** Kinds of input that are not of the task. */
export type PoolName = 'uniform' | 'gaussian' | 'patterns';

const POOL_NAMES: readonly PoolName[] = ['uniform', 'gaussian', 'patterns'];

/** Inputs of each kind. Sampled rows name one of them, so that equal rows come back as those of a data set do. */
export const POOL_ITEMS = 1000;

/** What a person reads about a kind: of images, and of points. */
export function poolWords(name: PoolName, shape: readonly number[]): string {
  if (shape.length !== 3)
    return name === 'gaussian' ? 'a normal point on the plane' : 'a uniform point of the square';
  return { uniform: 'uniform noise', gaussian: 'Gaussian noise', patterns: 'a drawn pattern' }[
    name
  ];
}

/** The pools that samplers of a run draw from, each once. */
export function poolsOf(samplers: readonly Choice[]): readonly PoolName[] {
  const wanted = new Set(samplers.flatMap(({ id, params }) => (id === 'other' ? params.pool : [])));
  return POOL_NAMES.filter((name) => wanted.has(name));
}

type Values = Uint8Array | Float32Array;

/** Items that were drawn already, by the set beside which they are shown. */
const drawn = new WeakMap<Pixels, Map<string, Values>>();

/**
 * One input of a kind, as values of the set's own form (bytes, or floats): the same for the same kind and number,
 * whatever was drawn before. It is kept for as long as the set is.
 */
export function poolItem(pixels: Pixels, name: PoolName, item: number): Values {
  const items = drawn.get(pixels) ?? new Map<string, Values>();
  drawn.set(pixels, items);
  const key = `${name}/${item}`;
  const found = items.get(key);
  if (found) return found;
  const random = Random.from(1, `pool/${key}`);
  const made =
    pixels.shape.length === 3 ? image(pixels, name, random) : point(pixels, name, random);
  items.set(key, made);
  return made;
}

/** All items of a kind, one after the other. */
export function poolValues(pixels: Pixels, name: PoolName): Values {
  const size = pixels.shape.reduce((a, b) => a * b, 1);
  const all = likeSet(pixels, POOL_ITEMS * size);
  for (let item = 0; item < POOL_ITEMS; item++) all.set(poolItem(pixels, name, item), item * size);
  return all;
}

const likeSet = ({ x }: Pixels, size: number): Values =>
  x instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);

/** A point: uniform over the square that just holds the set, or normal with half its half-width. */
function point(pixels: Pixels, name: PoolName, random: Random): Values {
  const extent = extentOf(pixels);
  const values = likeSet(
    pixels,
    pixels.shape.reduce((a, b) => a * b, 1),
  );
  for (let i = 0; i < values.length; i++)
    values[i] =
      name === 'gaussian' ? 0.5 * extent * random.normal() : random.range(-extent, extent);
  return values;
}

const extents = new WeakMap<Pixels['x'], number>();

function extentOf({ x }: Pixels): number {
  const known = extents.get(x);
  if (known !== undefined) return known;
  let most = 0;
  for (const value of x) most = Math.max(most, Math.abs(value));
  extents.set(x, most);
  return most;
}

/** An image: every value by itself, with the set's mean and spread where it is Gaussian; or a pattern. */
function image(pixels: Pixels, name: PoolName, random: Random): Values {
  const { shape, normalisation } = pixels;
  const channels = shape.at(-1) as number;
  const values = likeSet(
    pixels,
    shape.reduce((a, b) => a * b, 1),
  );
  // Values of 0 to 1 as the set keeps them: bytes, or floats of the same range after `scale`.
  const top = 1 / normalisation.scale;
  const put = (at: number, value: number) => {
    const inside = Math.max(0, Math.min(top, value * top));
    values[at] = values instanceof Uint8Array ? Math.round(inside) : inside;
  };
  if (name === 'patterns') {
    drawPattern(shape as [number, number, number], random, put);
    return values;
  }
  const { mean, std } = normalisation;
  for (let i = 0; i < values.length; i++) {
    const c = i % channels;
    put(
      i,
      name === 'uniform'
        ? random.uniform()
        : (mean[c] as number) + (std[c] as number) * random.normal(),
    );
  }
  return values;
}

/** How much of the second colour stands at (x, y), 0 to 1. */
type Blend = (x: number, y: number) => number;

/** A texture without any object in it: two colours, blended by waves, a checkerboard, a ramp or blocks of chance. */
function drawPattern(
  [height, width, channels]: readonly [number, number, number],
  random: Random,
  put: (at: number, value: number) => void,
): void {
  const kinds = [waves, checks, ramp, blocks] as const;
  const kind = kinds[random.integer(kinds.length)] as (typeof kinds)[number];
  const blend = kind(random, height, width);
  const colours = Array.from({ length: channels }, () => [random.uniform(), random.uniform()]);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const share = blend(x, y);
      for (const [from = 0, to = 0] of colours) put(at++, from + share * (to - from));
    }
}

/** The mean of one to four plane waves. */
function waves(random: Random): Blend {
  const all = Array.from({ length: 1 + random.integer(4) }, () => {
    const frequency = random.range(0.2, 1.6);
    const angle = random.range(0, 2 * Math.PI);
    return { fx: frequency * cos(angle), fy: frequency * sin(angle), phase: random.range(0, 6.3) };
  });
  return (x, y) => {
    let sum = 0;
    for (const { fx, fy, phase } of all) sum += sin(fx * x + fy * y + phase);
    return 0.5 + (0.5 * sum) / all.length;
  };
}

function checks(random: Random): Blend {
  const [wide, tall] = [2 + random.integer(7), 2 + random.integer(7)];
  const [left, top] = [random.integer(wide), random.integer(tall)];
  return (x, y) => (Math.floor((x + left) / wide) + Math.floor((y + top) / tall)) % 2;
}

/** From one colour to the other along a direction. */
function ramp(random: Random, height: number, width: number): Blend {
  const angle = random.range(0, 2 * Math.PI);
  const [fx, fy] = [cos(angle) / width, sin(angle) / height];
  return (x, y) => Math.max(0, Math.min(1, 0.5 + fx * (x - width / 2) + fy * (y - height / 2)));
}

/** Squares of one to eight pixels, each with a blend of its own. */
function blocks(random: Random, height: number, width: number): Blend {
  const side = 1 + random.integer(8);
  const columns = Math.ceil(width / side);
  const cells = Array.from({ length: columns * Math.ceil(height / side) }, () => random.uniform());
  return (x, y) => cells[Math.floor(y / side) * columns + Math.floor(x / side)] as number;
}
