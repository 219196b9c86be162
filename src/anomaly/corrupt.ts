import type { Random } from '../recipe/random';
import { foreignTexture } from './foreign';
import { perlinMask } from './perlin';
import type { NoiseSettings } from './perlin';

export interface Corruption extends NoiseSettings {
  /** The image shows through a corruption by a share drawn from 0 to this. */
  readonly opacity: number;
}

/**
 * I (1 - M) + (1 - beta) A M + beta I M (Zhang et al. 2023, section 3.1). Pixels under an empty mask stay to the bit.
 *
 * @param image I, values in height, width, channel order @param other A, the same @param mask M, one value a pixel
 */
export function blend(
  image: ArrayLike<number>,
  other: ArrayLike<number>,
  mask: Uint8Array,
  beta: number,
): Float32Array {
  const out = Float32Array.from(image);
  const channels = out.length / mask.length;
  for (let at = 0; at < out.length; at += 1)
    if (mask[Math.floor(at / channels)] === 1)
      out[at] = (1 - beta) * (other[at] as number) + beta * (image[at] as number);
  return out;
}

/** An image with a corruption from the seed's stream, and where it is. Bytes in, values from 0 to 255 out. */
export function corrupt(
  image: Uint8Array,
  side: number,
  settings: Corruption,
  random: Random,
): { readonly image: Float32Array; readonly mask: Uint8Array } {
  const mask = perlinMask(side, settings, random);
  const beta = random.range(0, settings.opacity);
  return { image: blend(image, foreignTexture(side, random), mask, beta), mask };
}
