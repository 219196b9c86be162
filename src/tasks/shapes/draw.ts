import { cos, exp, sin } from '../../recipe/elementary';
import type { Random } from '../../recipe/random';
import { SHAPES } from './fields';
import type { Look } from './looks';

/** Side of an image in pixels. */
export const SIDE = 32;
/** Bytes of an image: height, width, red green blue. */
export const BYTES = SIDE * SIDE * 3;
/** How the bytes go into a network. */
export const NORMALISATION = { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

const CENTRE = (SIDE - 1) / 2;

type Colour = readonly [number, number, number];
const three = (draw: () => number): Colour => [draw(), draw(), draw()];

// Working space, so that an image allocates next to nothing.
const backWave = new Float64Array(SIDE * SIDE);
const frontWave = new Float64Array(SIDE * SIDE);

/**
 * Draws one image into `out` at byte `at` and returns its label. Everything comes from `random`, in a fixed order. A
 * value v of 0..1 becomes the byte 160 v + 48, clipped.
 */
export function drawImage(look: Look, random: Random, out: Uint8Array, at: number): number {
  const label = random.integer(SHAPES.length);
  const cover = shapeCover(look, label, random);
  const back = three(() => random.uniform() * (look.bright ? 0.6 : 1));
  const front = foreground(look, back, random);
  const backTexture = texture(look, backWave, random);
  const frontTexture = texture(look, frontWave, random);
  const barCover = bar(look, random);
  const barColour = three(() => random.uniform());
  let to = at;
  for (let y = 0, i = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1, i += 1) {
      const inside = cover(x, y);
      const barred = barCover(x, y);
      const behind = backWave[i] ?? 0;
      const before = frontWave[i] ?? 0;
      for (let c = 0; c < 3; c += 1, to += 1) {
        const far = (back[c] ?? 0) + behind * (backTexture[c] ?? 0);
        const near = (front[c] ?? 0) + before * (frontTexture[c] ?? 0);
        let value = far + (near - far) * inside;
        value += ((barColour[c] ?? 0) - value) * barred;
        value += look.noise * random.normal();
        out[to] = Math.max(0, Math.min(255, 160 * value + 48));
      }
    }
  return label;
}

/** Places the shape; returns how far pixel (x, y) lies inside it, 0 to 1, with a soft edge of about a pixel. */
function shapeCover(look: Look, label: number, random: Random): (x: number, y: number) => number {
  const scale = random.range(...look.scale);
  const stretch = Math.sqrt(random.range(0.8, 1.25));
  const turn = random.range(-look.rotation, look.rotation);
  const centreX = CENTRE + random.range(-look.jitter, look.jitter);
  const centreY = CENTRE + random.range(-look.jitter, look.jitter);
  const c = cos(turn) / scale;
  const s = sin(turn) / scale;
  const field = SHAPES[label]?.field ?? (() => 1);
  return (x, y) => {
    const dx = x - centreX;
    const dy = y - centreY;
    const depth = 1.6 * scale * field((c * dx + s * dy) / stretch, (c * dy - s * dx) * stretch);
    if (depth > 10) return 0;
    if (depth < -10) return 1;
    return 1 / (1 + exp(depth));
  };
}

/** A colour at a distance of one to two contrasts from the background, in a random direction. */
function foreground(look: Look, back: Colour, random: Random): Colour {
  const way = three(() => (look.bright ? Math.abs(random.normal()) : random.normal()));
  const length = Math.sqrt(way[0] ** 2 + way[1] ** 2 + way[2] ** 2);
  const step = random.range(look.contrast, 2 * look.contrast) / length;
  return [back[0] + way[0] * step, back[1] + way[1] * step, back[2] + way[2] * step];
}

/** Fills `wave` with the mean of two plane sine waves; returns its strength in each channel. */
function texture(look: Look, wave: Float64Array, random: Random): Colour {
  wave.fill(0);
  for (let k = 0; k < 2; k += 1) {
    const frequency = random.range(0.15, 0.9);
    const angle = random.range(0, 2 * Math.PI);
    const phase = random.range(0, 2 * Math.PI);
    addWave(wave, frequency * cos(angle), frequency * sin(angle), phase);
  }
  return three(() => 0.5 * look.texture * random.normal());
}

/** Adds half of sin(fx x + fy y + phase), by the addition theorem: sines of one row and one column are enough. */
function addWave(wave: Float64Array, fx: number, fy: number, phase: number): void {
  for (let y = 0, i = 0; y < SIDE; y += 1) {
    // The row's first value and its change from pixel to pixel, as a turning pointer.
    let real = cos(fy * y + phase) / 2;
    let imaginary = sin(fy * y + phase) / 2;
    const c = cos(fx);
    const s = sin(fx);
    for (let x = 0; x < SIDE; x += 1, i += 1) {
      wave[i] = (wave[i] ?? 0) + imaginary;
      const next = real * c - imaginary * s;
      imaginary = real * s + imaginary * c;
      real = next;
    }
  }
}

/** With the look's probability a bar through the image; returns how far pixel (x, y) lies under it, 0 to 1. */
function bar(look: Look, random: Random): (x: number, y: number) => number {
  const present = random.bernoulli(look.bar);
  const angle = random.range(0, Math.PI);
  const offset = random.range(-8, 8);
  const half = random.range(...look.barWidth) / 2;
  if (!present) return () => 0;
  const c = cos(angle);
  const s = sin(angle);
  return (x, y) => {
    const distance = Math.abs(c * (x - CENTRE) + s * (y - CENTRE) - offset);
    return Math.max(0, Math.min(1, half - distance + 0.5));
  };
}
