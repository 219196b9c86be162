import { cos, sin } from '../recipe/elementary';
import type { Random } from '../recipe/random';
import { BYTES, SIDE, drawImage } from '../tasks/shapes/draw';
import { LOOKS } from '../tasks/shapes/looks';
import type { Look } from '../tasks/shapes/looks';

/** Faults of the test images. None is made as the training's corruptions are: no noise mask and no pattern in it. */
export const DEFECTS = ['patch', 'scratch', 'blob', 'swap'] as const;
export type Defect = (typeof DEFECTS)[number];

export interface Faulty {
  readonly image: Uint8Array;
  /** 1 where the fault is, [SIDE * SIDE]. */
  readonly mask: Uint8Array;
}

/** An image with a fault of a kind. @param image RGB bytes [SIDE, SIDE, 3] */
export function withDefect(kind: Defect, image: Uint8Array, random: Random): Faulty {
  const out = Uint8Array.from(image);
  const mask = new Uint8Array(SIDE * SIDE);
  const paint = (x: number, y: number, colour: ArrayLike<number>) => {
    const at = y * SIDE + x;
    mask[at] = 1;
    for (let c = 0; c < 3; c += 1) out[3 * at + c] = Math.round(colour[c] as number);
  };
  draw[kind](image, random, paint);
  return { image: out, mask };
}

type Paint = (x: number, y: number, colour: ArrayLike<number>) => void;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const draw: Record<Defect, (image: Uint8Array, random: Random, paint: Paint) => void> = {
  /** A piece out of an image of a shape. */
  patch(_image, random, paint) {
    const other = new Uint8Array(BYTES);
    drawImage(LOOKS.B as Look, random, other, 0);
    const { x, y, width, height } = boxIn(random, 6, 12);
    for (let j = y; j < y + height; j += 1)
      for (let i = x; i < x + width; i += 1) paint(i, j, pixel(other, i, j));
  },
  /** A straight line of 1 to 2 pixels, darker or lighter than what lies under it. */
  scratch(image, random, paint) {
    const angle = random.range(0, Math.PI);
    const length = random.range(10, 26);
    const half = random.range(0.5, 1);
    const change = random.range(50, 100) * (random.bernoulli(0.5) ? 1 : -1);
    const [middleX, middleY] = [random.range(8, SIDE - 8), random.range(8, SIDE - 8)];
    const [c, s] = [cos(angle), sin(angle)];
    everyPixel((x, y) => {
      const along = c * (x - middleX) + s * (y - middleY);
      const across = c * (y - middleY) - s * (x - middleX);
      if (Math.abs(along) > length / 2 || Math.abs(across) > half) return;
      const under = pixel(image, x, y);
      paint(
        x,
        y,
        Uint8ClampedArray.from(under, (value) => value + change),
      );
    });
  },
  /** An ellipse of one colour. */
  blob(_image, random, paint) {
    const [radiusX, radiusY] = [random.range(2.5, 6), random.range(2.5, 6)];
    const [middleX, middleY] = [random.range(6, SIDE - 6), random.range(6, SIDE - 6)];
    const colour = [random.integer(256), random.integer(256), random.integer(256)];
    everyPixel((x, y) => {
      const u = (x - middleX) / radiusX;
      const v = (y - middleY) / radiusY;
      if (u * u + v * v <= 1) paint(x, y, colour);
    });
  },
  /** Two pieces of the image change places: every pixel is normal, their order is not. */
  swap(image, random, paint) {
    const half = SIDE / 2;
    const width = 7 + random.integer(4);
    const height = 7 + random.integer(4);
    const one = { x: random.integer(half - width + 1), y: random.integer(SIDE - height + 1) };
    const other = {
      x: half + random.integer(half - width + 1),
      y: random.integer(SIDE - height + 1),
    };
    for (let j = 0; j < height; j += 1)
      for (let i = 0; i < width; i += 1) {
        paint(one.x + i, one.y + j, pixel(image, other.x + i, other.y + j));
        paint(other.x + i, other.y + j, pixel(image, one.x + i, one.y + j));
      }
  },
};

function everyPixel(visit: (x: number, y: number) => void): void {
  for (let y = 0; y < SIDE; y += 1) for (let x = 0; x < SIDE; x += 1) visit(x, y);
}

function pixel(image: Uint8Array, x: number, y: number): Uint8Array {
  return image.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3);
}

function boxIn(random: Random, least: number, most: number): Box {
  const width = least + random.integer(most - least + 1);
  const height = least + random.integer(most - least + 1);
  return {
    x: random.integer(SIDE - width + 1),
    y: random.integer(SIDE - height + 1),
    width,
    height,
  };
}
