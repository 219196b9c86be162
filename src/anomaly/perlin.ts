import { cos, sin } from '../recipe/elementary';
import type { Random } from '../recipe/random';

export interface NoiseSettings {
  /** 2^u cells along each axis, u drawn for each axis from 0 to this. */
  readonly finest: number;
  readonly threshold: number;
}

/** Perlin's blending curve: slope and curvature are 0 at both ends. */
const fade = (t: number): number => t * t * t * (t * (t * 6 - 15) + 10);

/**
 * Gradient noise over the unit square with `columns` by `rows` cells (Perlin 1985), unit gradients in random directions.
 * Values lie within sqrt(1/2) of 0, and are 0 at the corners of the cells.
 */
export function gradientNoise(
  columns: number,
  rows: number,
  random: Random,
): (x: number, y: number) => number {
  const across = columns + 1;
  const gradients = Array.from({ length: across * (rows + 1) }, () => {
    const angle = random.range(0, 2 * Math.PI);
    return [cos(angle), sin(angle)] as const;
  });
  const pull = (i: number, j: number, dx: number, dy: number): number => {
    const [gx, gy] = gradients[j * across + i] ?? [0, 0];
    return gx * dx + gy * dy;
  };
  return (x, y) => {
    const u = x * columns;
    const v = y * rows;
    const i = Math.min(columns - 1, Math.floor(u));
    const j = Math.min(rows - 1, Math.floor(v));
    const [dx, dy] = [u - i, v - j];
    const [fx, fy] = [fade(dx), fade(dy)];
    const top = pull(i, j, dx, dy) * (1 - fx) + pull(i + 1, j, dx - 1, dy) * fx;
    const bottom = pull(i, j + 1, dx, dy - 1) * (1 - fx) + pull(i + 1, j + 1, dx - 1, dy - 1) * fx;
    return top * (1 - fy) + bottom * fy;
  };
}

/**
 * A mask of 0 and 1, [side * side], row by row: gradient noise times sqrt(2), so that it fills -1 to 1, turned about the
 * middle by up to a quarter, 1 where it exceeds the threshold. What a turn brings in from outside is 0. May be empty.
 */
export function perlinMask(side: number, settings: NoiseSettings, random: Random): Uint8Array {
  const columns = 2 ** random.integer(settings.finest + 1);
  const rows = 2 ** random.integer(settings.finest + 1);
  const noise = gradientNoise(columns, rows, random);
  const turn = random.range(-Math.PI / 2, Math.PI / 2);
  const [c, s] = [cos(turn), sin(turn)];
  const mask = new Uint8Array(side * side);
  for (let row = 0, at = 0; row < side; row += 1)
    for (let column = 0; column < side; column += 1, at += 1) {
      const dx = (column + 0.5) / side - 0.5;
      const dy = (row + 0.5) / side - 0.5;
      const x = c * dx - s * dy + 0.5;
      const y = s * dx + c * dy + 0.5;
      const inside = x >= 0 && x < 1 && y >= 0 && y < 1;
      mask[at] = inside && Math.SQRT2 * noise(x, y) > settings.threshold ? 1 : 0;
    }
  return mask;
}
