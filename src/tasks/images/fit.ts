import { resize } from '../../recipe/resize';
import type { Picture } from '../../recipe/resize';

/** How an image comes to a square of another side. */
export type Fit = 'cover' | 'contain' | 'stretch' | 'whole';

/** The part of a picture in its middle. */
function inner(of: Picture, height: number, width: number, channels: number): Picture {
  const top = Math.floor((of.height - height) / 2);
  const left = Math.floor((of.width - width) / 2);
  return { ...of, offset: of.offset + top * of.stride + left * channels, height, width };
}

/**
 * Brings an image to a square of pixels that are 0 so far.
 *
 * - stretch: both sides by their own factor.
 * - cover: the largest square in the middle, resized.
 * - contain: the whole image, resized with one factor, in the middle; the rest stays 0.
 * - whole: enlarged a whole number of times by repeating pixels, or reduced a whole number of times; in the middle, the
 *   rest stays 0.
 */
export function fitInto(from: Picture, to: Picture, channels: number, fit: Fit): void {
  const side = to.width;
  const { height, width } = from;
  switch (fit) {
    case 'stretch':
      return resize(from, to, channels);
    case 'cover': {
      const square = Math.min(height, width);
      return resize(inner(from, square, square, channels), to, channels);
    }
    case 'contain': {
      const factor = side / Math.max(height, width);
      const sides = [height, width].map((n) => Math.max(1, Math.round(n * factor)));
      const [h = 1, w = 1] = sides;
      return resize(from, inner(to, h, w, channels), channels);
    }
    case 'whole': {
      const times = Math.floor(side / Math.max(height, width));
      if (times >= 1)
        return repeat(from, inner(to, height * times, width * times, channels), channels, times);
      const parts = Math.ceil(Math.max(height, width) / side);
      const h = Math.max(1, Math.floor(height / parts));
      const w = Math.max(1, Math.floor(width / parts));
      return resize(from, inner(to, h, w, channels), channels);
    }
  }
}

/** Every pixel `times` x `times` times. */
function repeat(from: Picture, to: Picture, channels: number, times: number): void {
  for (let y = 0; y < to.height; y += 1)
    for (let x = 0; x < to.width; x += 1) {
      const source =
        from.offset + Math.floor(y / times) * from.stride + Math.floor(x / times) * channels;
      const target = to.offset + y * to.stride + x * channels;
      for (let c = 0; c < channels; c += 1) to.pixels[target + c] = from.pixels[source + c] ?? 0;
    }
}
