import { sin } from '../recipe/elementary';
import type { Random } from '../recipe/random';

/** Threads repeat after so many pixels, across and down. */
const PERIOD = 6;

/**
 * The normal texture: woven cloth, RGB bytes [side, side, 3]. Threads lie over and under each other in turn; where the
 * weave begins, the two colours, the light and the grain differ from image to image, a little.
 */
export function wovenImage(side: number, random: Random): Uint8Array {
  const [left, top] = [random.range(0, 2 * PERIOD), random.range(0, 2 * PERIOD)];
  const shade = () => random.range(-10, 10);
  const warp = [170 + shade(), 140 + shade(), 100 + shade()] as const;
  const weft = [120 + shade(), 130 + shade(), 150 + shade()] as const;
  const slope = [random.range(-0.6, 0.6), random.range(-0.6, 0.6)] as const;
  const out = new Uint8Array(side * side * 3);
  for (let y = 0, at = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const [u, v] = [(x + left) / PERIOD, (y + top) / PERIOD];
      const over = (Math.floor(u) + Math.floor(v)) % 2 === 0;
      // A thread is round: light along its middle, dark at its sides.
      const across = over ? u - Math.floor(u) : v - Math.floor(v);
      const round = 0.6 + 0.45 * sin(Math.PI * across);
      const light = slope[0] * (x - side / 2) + slope[1] * (y - side / 2);
      const thread = over ? warp : weft;
      const grain = 5 * random.normal();
      for (let c = 0; c < 3; c += 1, at += 1) {
        const value = (thread[c] as number) * round + light + grain;
        out[at] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  return out;
}
