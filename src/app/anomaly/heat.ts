import type { AnomalySample } from '../../worker/protocol';

/** What is laid over the image, red, green and blue: of a fault that is seen, and of the truth. */
const SEEN = [230, 20, 20] as const;
const TRUE = [20, 220, 255] as const;

/** The image in grey, red where a map is high. @param scale the value that is fully red @returns RGBA */
export function heat(
  { pixels }: AnomalySample,
  map: Float32Array,
  scale: number,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(pixels.length);
  map.forEach((value, pixel) => {
    const at = 4 * pixel;
    const grey = ((pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0)) / 3;
    const strength = scale > 0 ? Math.min(1, value / scale) : 0;
    for (let c = 0; c < 3; c += 1) out[at + c] = grey + ((SEEN[c] ?? 0) - grey) * strength;
    out[at + 3] = 255;
  });
  return out;
}

/** The image with the fault's pixels tinted. @returns RGBA */
export function outlined({ pixels, mask }: AnomalySample): Uint8ClampedArray {
  const out = new Uint8ClampedArray(pixels);
  mask.forEach((inside, pixel) => {
    if (inside === 0) return;
    for (let c = 0; c < 3; c += 1) {
      const at = 4 * pixel + c;
      out[at] = 0.35 * (pixels[at] ?? 0) + 0.65 * (TRUE[c] ?? 0);
    }
  });
  return out;
}

/** The highest value of an arm over all images that are shown. */
export function highest(samples: readonly AnomalySample[], arm: number): number {
  let most = 0;
  for (const { maps } of samples)
    for (const value of maps[arm] ?? []) if (value > most) most = value;
  return most;
}
