import { Random } from '../../recipe/random';
import { poolItem } from './pool';
import type { RowPlan, View } from './provenance';

/** A set of examples as the renderer reads it: values, the shape of one, and how they are normalised. */
export interface Pixels {
  readonly x: Uint8Array | Float32Array;
  readonly shape: readonly number[];
  readonly normalisation: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
}

/**
 * Rebuilds sampled rows from their provenance, in normalised units: the one definition of every crop, flip, mix, box
 * and noise, used for training, for the stage and for the tests.
 *
 * @returns float32 [plans.length, ...shape]; what a crop leaves open is 0, the mean
 */
export function render(pixels: Pixels, plans: readonly RowPlan[]): Float32Array {
  const size = pixels.shape.reduce((a, b) => a * b, 1);
  const out = new Float32Array(plans.length * size);
  const partner = new Float32Array(size);
  const read = readerOf(pixels, size);
  const normalise = normaliser(pixels);
  plans.forEach((plan, index) => {
    const target = out.subarray(index * size, (index + 1) * size);
    const { mix } = plan;
    if (mix.kind === 'generator')
      throw new Error('a generated row has no pixels without its generator');
    read(plan.row, plan.view, target);
    if (mix.kind === 'interpolation') {
      read(mix.partner, mix.partnerView, partner);
      // share 1 gives the first and 0 the partner to the bit.
      for (let i = 0; i < size; i++)
        target[i] = mix.share * (target[i] as number) + (1 - mix.share) * (partner[i] as number);
    } else if (mix.kind === 'cutmix') {
      read(mix.partner, mix.partnerView, partner);
      paste(target, partner, pixels.shape, mix.box);
    } else if (mix.kind === 'noise') {
      const random = new Random(mix.seed);
      for (let i = 0; i < size; i++)
        target[i] = (target[i] as number) + mix.sigma * random.normal();
    } else if (mix.kind === 'other') {
      const item = poolItem(pixels, mix.pool, mix.item);
      const channels = pixels.shape.at(-1) as number;
      for (let i = 0; i < size; i++) target[i] = normalise(item[i] as number, i % channels);
    }
  });
  return out;
}

type Reader = (row: number, view: View | null, target: Float32Array) => void;

/** The normalised value of a stored one, in double precision. */
export function normaliser({ normalisation }: Pixels): (value: number, channel: number) => number {
  const { scale, mean, std } = normalisation;
  const factor = std.map((s) => scale / s);
  const offset = mean.map((m, c) => -m / (std[c] as number));
  return (value, channel) => value * (factor[channel] as number) + (offset[channel] as number);
}

function readerOf(pixels: Pixels, size: number): Reader {
  const { x, shape } = pixels;
  const channels = shape.at(-1) as number;
  const normalise = normaliser(pixels);
  const plain: Reader = (row, _view, target) => {
    const from = row * size;
    for (let i = 0, c = 0; i < size; i++) {
      target[i] = normalise(x[from + i] as number, c);
      if (++c === channels) c = 0;
    }
  };
  const [height = 1, width = 1] = shape;
  return (row, view, target) => {
    if (!view) return plain(row, view, target);
    for (let ty = 0; ty < height; ty++) {
      const sy = ty + view.top;
      for (let tx = 0; tx < width; tx++) {
        const sx = (view.flip ? width - 1 - tx : tx) + view.left;
        const to = (ty * width + tx) * channels;
        const inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
        const from = row * size + (sy * width + sx) * channels;
        for (let c = 0; c < channels; c++)
          target[to + c] = inside ? normalise(x[from + c] as number, c) : 0;
      }
    }
  };
}

function paste(
  target: Float32Array,
  partner: Float32Array,
  shape: readonly number[],
  [top, left, bottom, right]: readonly [number, number, number, number],
): void {
  const [, width = 1, channels = 1] = shape;
  for (let y = top; y < bottom; y++) {
    const from = (y * width + left) * channels;
    const to = (y * width + right) * channels;
    target.set(partner.subarray(from, to), from);
  }
}
