import { cos, exp, sin } from '../../recipe/elementary';
import type { Random } from '../../recipe/random';

/** Side of an image in pixels; one grey byte for each. */
export const SIDE = 32;
export const BYTES = SIDE * SIDE;

/** Furthest that an eye looks up or down, and to a side, in degrees. */
export const MOST_PITCH = 20;
export const MOST_YAW = 30;

const CENTRE = (SIDE - 1) / 2;
/** Radius of the eyeball in pixels, which turns an angle into a shift of the iris. */
const BALL = 11;
const RADIANS = Math.PI / 180;

/** What is true of an image. */
export interface Gaze {
  /** Degrees; positive is up. */
  readonly pitch: number;
  /** Degrees; positive is to the left of the image. */
  readonly yaw: number;
  /** How far the upper lid has come down, 0 to 1: what it hides cannot be known. */
  readonly closure: number;
}

/** How far a pixel lies within an edge that `depth` pixels are left to, 0 to 1. */
const soft = (depth: number): number =>
  depth > 8 ? 1 : depth < -8 ? 0 : 1 / (1 + exp(-3 * depth));

/**
 * Draws one eye into `out` at byte `at`. The iris is shifted as the gaze (-cos p sin y, -sin p, -cos p cos y) is in the
 * image's plane; the upper lid comes down by the closure; a glare and noise are laid over. Everything comes from `random`,
 * in a fixed order.
 */
export function drawEye(random: Random, out: Uint8Array, at: number): Gaze {
  const pitch = random.range(-MOST_PITCH, MOST_PITCH);
  const yaw = random.range(-MOST_YAW, MOST_YAW);
  const closure = random.uniform() ** 1.5;
  const scale = random.range(0.9, 1.1);
  const centreX = CENTRE + random.range(-1.5, 1.5);
  const centreY = CENTRE + random.range(-1.5, 1.5);
  const [p, y] = [pitch * RADIANS, yaw * RADIANS];
  const irisX = centreX - scale * BALL * cos(p) * sin(y);
  const irisY = centreY - scale * BALL * sin(p);
  const iris = scale * random.range(4, 5);
  const pupil = random.range(1.5, 2.3);
  const skin = random.range(0.5, 0.75);
  const white = random.range(0.8, 0.95);
  const colour = random.range(0.2, 0.45);
  const light = random.range(-0.15, 0.15);
  const bright = random.bernoulli(0.5) ? random.range(0.3, 0.7) : 0;
  const glareX = irisX + random.range(-4, 4);
  const glareY = irisY + random.range(-4, 4);
  const noise = random.range(0.02, 0.05);
  const [wide, high] = [13 * scale, 8.5 * scale];
  for (let row = 0, i = 0; row < SIDE; row += 1)
    for (let column = 0; column < SIDE; column += 1, i += 1) {
      const u = (column - centreX) / wide;
      const arch = high * Math.max(0, 1 - u * u);
      // The lids meet at the lower one when the eye is shut.
      const top = centreY - arch + 2 * arch * closure;
      const open = Math.min(row - top, centreY + arch - row, wide - Math.abs(column - centreX));
      const away = Math.sqrt((column - irisX) ** 2 + (row - irisY) ** 2);
      let eye = white + (colour - white) * soft(iris - away);
      eye += (0.05 - eye) * soft(pupil - away);
      const gleam = (column - glareX) ** 2 + (row - glareY) ** 2;
      eye += bright * exp(-gleam / 4);
      // A fold of the upper lid, darker than the skin.
      const lid = skin - 0.25 * exp(-((row - top + 1) ** 2) / 2) * soft(arch - 1);
      let value = lid + (eye - lid) * soft(open);
      value += (light * (column - CENTRE)) / CENTRE + noise * random.normal();
      out[at + i] = Math.max(0, Math.min(255, 255 * value));
    }
  return { pitch, yaw, closure };
}
